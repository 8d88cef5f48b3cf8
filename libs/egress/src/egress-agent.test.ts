import { createServer } from 'node:http';
import { setDefaultAutoSelectFamily, type AddressInfo, type LookupFunction } from 'node:net';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createEgressAgent, EgressRefusedError } from './index.ts';

let port = 0;
let connections = 0;
const server = createServer((incoming, response) => {
  const status = incoming.url === '/moved' ? 307 : 200;
  response.writeHead(status, { connection: 'close', location: '/secret-code' }).end(incoming.headers.host);
}).on('connection', () => (connections += 1));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  connections = 0;
  setDefaultAutoSelectFamily(true);
});
afterAll(() => void server.close());

/** A resolver that gives these answers, one after the other, and keeps to the last. */
function resolving(...answers: string[][]): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    queueMicrotask(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  };
  return { lookup, asked };
}

async function call(url: string, options: { allow: string[]; lookup?: LookupFunction }) {
  const agent = createEgressAgent(options);
  try {
    const { statusCode, body } = await request(`${url}:${port}/secret-code`, { dispatcher: agent });
    return { statusCode, host: await body.text() };
  } catch (error) {
    return error as Error;
  } finally {
    await agent.destroy();
  }
}

test('a private address answers only where the list names it', async () => {
  expect(await call('http://127.0.0.1', { allow: ['127.0.0.0/8'] })).toEqual({
    statusCode: 200,
    host: `127.0.0.1:${port}`,
  });
  expect(connections).toBe(1);
  expect(await call('http://127.0.0.1', { allow: ['10.0.0.0/8'] })).toBeInstanceOf(EgressRefusedError);
  expect(connections).toBe(1);
});

test.each([
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '%31%32%37.0.0.1',
  '127。0。0。1',
  '①②⑦.0.0.①',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
])('https://%s is seen to be a loopback address, without asking a resolver', async (host) => {
  const { lookup, asked } = resolving(['8.8.8.8']);
  const error = await call(`https://${host}`, { allow: [], lookup });
  expect(error).toBeInstanceOf(EgressRefusedError);
  expect(error).toMatchObject({ message: expect.stringMatching(/^egress refused: \S+ is a loopback address; if/) });
  expect(connections).toBe(0);
  // A connection is made where it is permitted: what listens there only knows no TLS.
  expect(await call(`https://${host}`, { allow: ['127.0.0.1'], lookup })).not.toBeInstanceOf(EgressRefusedError);
  expect(connections).toBe(1);
  expect(asked).toEqual([]);
});

test.each(['[::1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '0.0.0.0', '0', '[::]', '2852039166', '0xA9FEA9FE'])(
  'https://%s is refused',
  async (host) => {
    expect(await call(`https://${host}`, { allow: [] })).toBeInstanceOf(EgressRefusedError);
  },
);

const everything = ['0.0.0.0/0', '::/0', 'bot.example'];

test.each([
  '169.254.169.254',
  '169.254.43518',
  '2852039166',
  '025177524776',
  '0251.0376.0251.0376',
  '0xa9fea9fe',
  '0xA9.0xFE.0xA9.0xFE',
  '①⑥⑨。254.169.254',
  'bot.example@169.254.169.254',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fd00:ec2::254]',
])('http://%s is refused although the list names everything', async (host) => {
  const error = await call(`http://${host}`, { allow: everything });
  expect(error).toMatchObject({ message: expect.stringMatching(/metadata address, which nothing permits$/) });
  expect(await call('http://127.0.0.1', { allow: everything })).toMatchObject({ statusCode: 200 });
});

test.each(['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::', 'fd00:ec2::254'])(
  'a name that leads to %s is refused although the list names it, and everything',
  async (address) => {
    for (const addresses of [[address], ['127.0.0.1', address], [address, '127.0.0.1']]) {
      const { lookup } = resolving(addresses);
      const error = await call('http://bot.example', { allow: everything, lookup });
      expect(error).toMatchObject({ message: expect.stringMatching(/metadata address, which nothing permits$/) });
    }
    expect(connections).toBe(0);
    const { lookup } = resolving(['127.0.0.1']);
    expect(await call('http://bot.example', { allow: everything, lookup })).toMatchObject({ statusCode: 200 });
  },
);

test('http is only for hosts that the list names, and not for what resolves into it', async () => {
  const { lookup, asked } = resolving(['127.0.0.1']);
  const error = await call('http://bot.example', { allow: ['127.0.0.1'], lookup });
  expect(error).toMatchObject({
    name: 'EgressRefusedError',
    code: 'EGRESS_REFUSED',
    message: 'egress refused: bot.example by http; use https, or add the host to egress.allow in bridge.yaml',
  });
  expect([asked, connections]).toEqual([[], 0]);
  expect(await call('http://bot.example', { allow: ['bot.example'], lookup })).toMatchObject({ statusCode: 200 });
  expect([asked, connections]).toEqual([['bot.example'], 1]);
});

test('one refused address among public ones refuses the host', async () => {
  for (const addresses of [
    ['8.8.8.8', '10.0.0.1'],
    ['10.0.0.1', '2606:4700::1111'],
    ['8.8.8.8', '::ffff:10.0.0.1'],
  ]) {
    const error = await call('https://bot.example', { allow: ['127.0.0.1'], lookup: resolving(addresses).lookup });
    expect(error).toBeInstanceOf(EgressRefusedError);
    expect((error as Error).message).toContain('bot.example resolves to ');
    expect((error as Error).message).not.toContain('secret-code');
  }
  const { lookup } = resolving(['127.0.0.1']);
  expect(await call('https://bot.example', { allow: ['127.0.0.1'], lookup })).not.toBeInstanceOf(EgressRefusedError);
  expect(connections).toBe(1);
});

test.each([true, false])(
  'what was checked is connected to: one lookup a connection (family chosen: %j)',
  async (auto) => {
    setDefaultAutoSelectFamily(auto);
    const { lookup, asked } = resolving(['127.0.0.1'], ['169.254.169.254']);
    const agent = createEgressAgent({ allow: ['bot.example'], lookup });
    const post = () => request(`http://bot.example:${port}/secret-code`, { dispatcher: agent, method: 'POST' });
    expect(await (await post()).body.text()).toBe(`bot.example:${port}`);
    expect([asked.length, connections]).toEqual([1, 1]);
    // The server closes each connection, so the next request is a connection of its own.
    await expect(post()).rejects.toThrow(
      'egress refused: bot.example resolves to 169.254.169.254, a link-local or cloud metadata address, which nothing permits',
    );
    expect([asked.length, connections]).toEqual([2, 1]);
    await agent.destroy();
  },
);

test('a host without an address is what the resolver says it is', async () => {
  expect(await call('https://does-not-exist.invalid', { allow: [] })).toMatchObject({ syscall: 'getaddrinfo' });
});

test('a redirect is handed back, not followed', async () => {
  const agent = createEgressAgent({ allow: ['127.0.0.1'] });
  const moved = await request(`http://127.0.0.1:${port}/moved`, { dispatcher: agent });
  expect([moved.statusCode, connections]).toEqual([307, 1]);
  await agent.destroy();
});
