import { relative } from 'node:path';
import type { DemoPorts } from './demo-ports.ts';
import { root } from './paths.ts';

const sample =
  '{"event":"message_created","id":"m-1","message_type":"outgoing","content":"Olá!","content_type":"text",' +
  '"conversation_id":502,"sender":{"type":"agent_bot"}}';

/** Where everything is, and how to take part oneself. */
export function describeDemo({
  ports,
  brokers,
  config,
}: {
  ports: DemoPorts;
  brokers: string;
  config: string;
}): string {
  const at = (port: number, path: string) => `http://127.0.0.1:${port}${path}`;
  const webhook = at(ports.INGRESS_PORT, '/webhooks/demo');
  const simulator = at(ports.SIMULATOR_PORT, '');
  const own = brokers === '127.0.0.1:9092' ? '' : `KAFKA_BROKERS=${brokers} `;
  return `
Everything is up, and stays up until Ctrl-C.

  Kafka       ${brokers}
  ingress     ${webhook}   probes and metrics ${at(ports.INGRESS_PROBES_PORT, '/readyz')}, /livez, /metrics
  router      ${at(ports.ROUTER_PROBES_PORT, '/readyz')}, /livez, /metrics
  outbound    ${at(ports.OUTBOUND_PROBES_PORT, '/readyz')}, /livez, /metrics
  simulator   ${simulator}/bot/demo is the demo's bot_url; what it received and sent: ${simulator}/control/journal
  settings    ${relative(root, config)}
  logs        .local/log/

Take part, from another terminal in this folder:

  # follow what reaches the internal chat, and what becomes of commands
  ${own}npm run bridge -- tail channel-messages
  ${own}npm run bridge -- tail send-results

  # write to the bot as an end user (/help tells its commands; /agent calls an agent, whose answers go to chat.support.v1)
  ${own}npm run bridge -- send --connection demo --conversation 502 --contact-id cliente-78 --text "/buttons" --wait

  # deliver a webhook by hand, signed with the demo's verification key
  BODY='${sample}'
  curl -si ${webhook} -H 'Content-Type: application/json' --data-binary "$BODY" \\
    -H "x-hub-signature-256: sha256=$(printf %s "$BODY" | openssl dgst -sha256 -hmac demo-verification-key -r | cut -d' ' -f1)"
`;
}
