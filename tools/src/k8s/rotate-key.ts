import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.ts';
import { ToolError } from '../tool-error.ts';
import { kubectl } from './kubectl.ts';
import { podsOf, until } from './pods.ts';

const oldKey = 'demo-verification-key';
const newKey = 'demo-verification-key-2';
const bridgeFile = join(root, 'k8s', 'overlays', 'local', 'bridge.yaml');
const current = 'verificationKeys: [{ file: /run/secrets/verification/demo }]';

/**
 * Another verification key by `kubectl apply` alone, as docs/operations.md has it: beside the old one, then the senders
 * change, then without the old one. Each time until every ingress has it in force.
 */
export async function rotateKey(signWith: (key: string) => void, say: (line: string) => void): Promise<void> {
  const second = 'file: /run/secrets/verification/demo-2';
  await apply(`verificationKeys: [{ file: /run/secrets/verification/demo }, { ${second} }]`, {
    demo: oldKey,
    'demo-2': newKey,
  });
  await untilAnswered(newKey, 200);
  say('every ingress knows the new key, beside the old one');
  signWith(newKey);
  await apply(`verificationKeys: [{ ${second} }]`, { 'demo-2': newKey });
  await untilAnswered(oldKey, 401);
  await untilAnswered(newKey, 200);
  say('every ingress refuses the old key');
}

async function apply(verificationKeys: string, keys: Record<string, string>): Promise<void> {
  const bridge = readFileSync(bridgeFile, 'utf8');
  if (!bridge.includes(current)) throw new ToolError(`${bridgeFile} is not as expected: it lacks ${current}`);
  const file = bridge.replace(current, verificationKeys);
  const items = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'verification-keys' }, stringData: keys },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bridge-config' }, data: { 'bridge.yaml': file } },
  ];
  await kubectl(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** An end user's own message that comes back: rightly signed it is taken, and nothing is published. */
const probe = `
const [key, ...hosts] = process.argv.slice(1);
const echo = { event: 'message_created', message_type: 'incoming', content: 'Oi', conversation_id: 1 };
const body = JSON.stringify(echo);
const { createHmac } = require('node:crypto');
const signature = 'sha256=' + createHmac('sha256', key).update(body).digest('hex');
const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
const post = (host) => fetch('http://' + host + ':8080/webhooks/demo', { method: 'POST', body, headers });
Promise.all(hosts.map(post)).then((all) => console.log(all.map(({ status }) => status).join(' ')));
`;

async function untilAnswered(key: string, status: number): Promise<void> {
  await until(`every ingress to answer ${status}`, async () => {
    const hosts = (await podsOf('ingress')).flatMap((pod) => pod.status.podIP ?? []);
    const answers = await kubectl(['exec', 'deploy/operator', '--', 'node', '-e', probe, key, ...hosts]);
    return answers
      .trim()
      .split(' ')
      .every((answer) => answer === String(status))
      ? true
      : undefined;
  });
}
