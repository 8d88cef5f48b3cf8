import { bridge } from './bridge-command.ts';
import { runConversation } from './demo-conversation.ts';

// What `docker compose up` and `npm run k8s:smoke` show: the conversation of `npm start`, where everything is up already.
const simulator = process.env['SIMULATOR_URL'] ?? 'http://127.0.0.1:8090';

console.log('Setting the webhook: NicoChat (here the simulator) does its handshake with ingress…');
console.log(await bridge(['webhook', 'set', 'demo'], process.env));
await runConversation({ env: process.env, simulator });
