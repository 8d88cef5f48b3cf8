import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { signed } from './testing/test-connection.ts';
import { startIngress } from './testing/test-ingress.ts';

const message = '{"content":"oi","conversation_id":501}';
/** The largest body, of which 64 have room at once. */
const largest = 1_000;

type Ingress = Awaited<ReturnType<typeof startIngress>>;
let stop = async () => {};
afterEach(() => stop());

async function start(options: Parameters<typeof startIngress>[0] = {}): Promise<Ingress> {
  const ingress = await startIngress({ bodyLimitBytes: largest, ...options });
  stop = async () => ingress.stop();
  return ingress;
}

/** A sender that stops one byte before the end of its body; `answer` has what came back until now. */
async function slowSender(port: number) {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST /webhooks/acme HTTP/1.1\r\nhost: a\r\ncontent-length: ${largest}\r\n\r\n${'x'.repeat(largest - 1)}`,
  );
  return { answer: () => answer, finish: () => socket.end('x'), leave: () => socket.destroy() };
}

const heldBytes = (ingress: Ingress) => ingress.metric('bridge_webhook_held_bytes');
const shed = (ingress: Ingress) => ingress.metric('bridge_webhooks_total{connection="acme",outcome="body-shed"}');
const post = (ingress: Ingress, body = message) => ingress.send({ body, headers: signed(body) });

test('many slow bodies take the memory from one another, and good webhooks are taken all the while', async () => {
  const ingress = await start();
  const senders: Awaited<ReturnType<typeof slowSender>>[] = [];
  for (let count = 1; count <= 150; count += 1) {
    senders.push(await slowSender(ingress.port));
    expect(await heldBytes(ingress)).toBeLessThanOrEqual(64 * largest);
  }
  await vi.waitUntil(async () => (await shed(ingress)) >= 150 - 64);
  expect((await post(ingress)).status).toBe(200);
  expect(await heldBytes(ingress)).toBeGreaterThan(60 * largest);
  await vi.waitUntil(() => senders[0]?.answer() !== '');
  expect(senders[0]?.answer()).toMatch(/^HTTP\/1\.1 503 .*\r\n(.+\r\n)*retry-after: 1\r\n/i);
  expect(senders[0]?.answer()).toContain('"outcome":"body-shed"');
  // The last one still has its place, and is judged: it is not signed.
  expect(senders.at(-1)?.answer()).toBe('');
  senders.at(-1)?.finish();
  await vi.waitUntil(() => senders.at(-1)?.answer().startsWith('HTTP/1.1 401 '));

  for (const sender of senders) sender.leave();
  await vi.waitUntil(async () => (await heldBytes(ingress)) === 0);
  expect((await post(ingress)).status).toBe(200);
});

test('a body counts until its events are stored', async () => {
  const stored = Promise.withResolvers<void>();
  const ingress = await start({ store: () => stored.promise });
  const reply = post(ingress);
  await vi.waitUntil(async () => (await heldBytes(ingress)) === message.length);
  stored.resolve();
  expect((await reply).status).toBe(200);
  expect(await heldBytes(ingress)).toBe(0);
});

test.each([
  ['too large', { body: 'x'.repeat(2 * largest), headers: { 'transfer-encoding': 'chunked' } }, 413],
  ['compressed', { body: message, headers: { 'content-encoding': 'gzip' } }, 415],
  ['refused', { body: message }, 401],
])('nothing is held of a body that was %s', async (_name, sent, status) => {
  const ingress = await start();
  expect((await ingress.send(sent)).status).toBe(status);
  expect(await heldBytes(ingress)).toBe(0);
});

test('a body in many pieces is put together as it was sent', async () => {
  const ingress = await start({ bodyLimitBytes: 100_000 });
  const body = JSON.stringify({ content: 'é'.repeat(10_000), conversation_id: 501 });
  const socket = connect(ingress.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  const headers = Object.entries({ ...signed(body), 'transfer-encoding': 'chunked', host: 'a' });
  socket.write(
    `POST /webhooks/acme HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += 7) {
    const piece = bytes.subarray(at, at + 7);
    socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));
    if (at % 700 === 0) await pause(1);
  }
  socket.write('0\r\n\r\n');
  await vi.waitUntil(() => answer !== '', { timeout: 10_000 });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(JSON.parse(String(ingress.stored[0]?.value)).message.text).toBe('é'.repeat(10_000));
  socket.destroy();
});
