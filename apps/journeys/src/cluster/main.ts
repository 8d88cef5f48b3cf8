import { createInterface } from 'node:readline';
import { accountLines } from '../chaos/account.ts';
import { loadCluster } from './load-cluster.ts';

// Load on the bridge of a Kubernetes cluster, from a pod in it. `npm run k8s:smoke` starts this, says by lines when the
// senders have another key (`key …`) and when it is enough (`end`), and reads what came of it.
const load = await loadCluster({ brokers: process.env['KAFKA_BROKERS'] ?? 'kafka:9092', say: console.log });
console.log('the load runs');

let ended = false;
for await (const line of createInterface({ input: process.stdin })) {
  const [word, value = ''] = line.trim().split(' ');
  if (word === 'key') load.signWith(value);
  if (word === 'end') {
    ended = true;
    break;
  }
}
// Nobody is there any more to read the account.
if (!ended) process.exit(1);

const account = await load.finish();
console.log(accountLines(account).join('\n'));
process.exit(account.violations.length + account.repeats.length > 0 ? 1 : 0);
