import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { BotRequest } from '@bridge/schemas';
import { afterEach, expect, test } from 'vitest';
import { createBotClient } from './bot-client.ts';
import { judgeBotAnswer } from './judge-bot-answer.ts';

const body = { content: 'Olá' } as BotRequest;
const servers: (Server | TcpServer)[] = [];
const client = createBotClient({ timeoutMs: 500, allow: ['127.0.0.1'] });

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server | TcpServer): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/apichat/secret-code`;
}

type Listener = (...args: Parameters<RequestListener>) => unknown;
const bot = (listener: Listener) => listen(createServer((request, response) => void listener(request, response)));

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('posts JSON with the flow key as bearer, over connections that are kept', async () => {
  const seen: unknown[] = [];
  const sockets = new Set<unknown>();
  const url = await bot(async (request, response) => {
    sockets.add(request.socket);
    const { method, url: path, headers } = request;
    seen.push({
      method,
      path,
      authorization: headers.authorization,
      type: headers['content-type'],
      body: await read(request),
    });
    response.end('{"status":"ok"}');
  });
  for (let count = 0; count < 10; count += 1) {
    expect(await client.post(url, 'flow-key', body)).toEqual({
      kind: 'answered',
      status: 200,
      body: '{"status":"ok"}',
    });
  }
  const path = '/api/apichat/secret-code';
  const expected = {
    method: 'POST',
    path,
    authorization: 'Bearer flow-key',
    type: 'application/json',
    body: '{"content":"Olá"}',
  };
  expect(seen).toEqual(Array.from({ length: 10 }, () => expected));
  expect(sockets.size).toBeLessThanOrEqual(2);
});

test('gives status, Retry-After and the beginning of the body; follows no redirect', async () => {
  const busy = await bot((_, response) => response.writeHead(429, { 'retry-after': '7' }).end('x'.repeat(100_000)));
  const answer = await client.post(busy, 'k', body);
  expect(answer).toMatchObject({ kind: 'answered', status: 429, retryAfter: '7' });
  expect(answer.kind === 'answered' && answer.body.length).toBe(16 * 1024);

  let followed = 0;
  const target = await bot((_, response) => {
    followed += 1;
    response.end();
  });
  const moved = await bot((_, response) => response.writeHead(307, { location: target }).end());
  expect(await client.post(moved, 'k', body)).toMatchObject({ kind: 'answered', status: 307 });
  expect(followed).toBe(0);
});

test('an answer that repeats the address or the key comes without them', async () => {
  const url = await bot((request, response) =>
    response.writeHead(404).end(`Cannot POST ${request.url} with flow-key, for secret-code`),
  );
  const answer = await client.post(url, 'flow-key', body);
  expect(answer).toMatchObject({ kind: 'answered', status: 404, body: 'Cannot POST *** with ***, for ***' });
});

test('a closed port is not sent; the error names no address', async () => {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await client.post(url, 'k', body)).toEqual({ kind: 'not-sent', error: 'ECONNREFUSED' });
});

test('a host that does not resolve is not sent', async () => {
  const answer = await client.post('https://does-not-exist.invalid/secret-code', 'k', body);
  expect(answer.kind).toBe('not-sent');
  expect(JSON.stringify(answer)).not.toContain('secret-code');
});

test('what egress.allow does not permit is not sent; the error names the host, and nothing else of the URL', async () => {
  let called = 0;
  const url = await bot((_, response) => {
    called += 1;
    response.end();
  });
  const strict = createBotClient({ timeoutMs: 500, allow: [] });
  for (const [refused, why] of [
    [url, '127.0.0.1 by http'],
    [url.replace('http:', 'https:'), '127.0.0.1 is a loopback address'],
  ] as const) {
    const answer = await strict.post(refused, 'k', body);
    expect(answer).toEqual({ kind: 'not-sent', error: expect.stringContaining(`egress refused: ${why}`) });
    expect(JSON.stringify(answer)).not.toContain('secret-code');
    expect(judgeBotAnswer(answer).kind).toBe('again');
  }
  expect(called).toBe(0);
  expect((await client.post(url, 'k', body)).kind).toBe('answered');
  expect(called).toBe(1);
});

test('another egress.allow holds for what comes, and ends nothing that is under way', async () => {
  const answer = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const url = await bot(async (request, response) => {
    await read(request);
    taken.resolve();
    await answer.promise;
    response.end();
  });
  const changing = createBotClient({ timeoutMs: 5_000, allow: ['127.0.0.1'] });
  const begun = changing.post(url, 'k', body);
  await taken.promise;
  changing.permit([]);
  expect(await changing.post(url, 'k', body)).toMatchObject({
    kind: 'not-sent',
    error: expect.stringContaining('egress refused'),
  });
  changing.permit(['127.0.0.0/8']);
  const other = changing.post(url, 'k', body);
  answer.resolve();
  expect(await Promise.all([begun, other])).toMatchObject([{ status: 200 }, { status: 200 }]);
  await changing.close();
});

test('the same egress.allow again leaves the kept connections as they are', async () => {
  let sockets: unknown[] = [];
  const url = await bot(async (request, response) => {
    sockets.push(request.socket);
    await read(request);
    response.end('{}');
  });
  const kept = createBotClient({ timeoutMs: 5_000, allow: ['127.0.0.1'] });
  const socketsOfSome = async () => {
    sockets = [];
    for (let count = 0; count < 5; count += 1) await kept.post(url, 'k', body);
    return sockets;
  };
  const before = await socketsOfSome();
  kept.permit(['127.0.0.1']);
  const same = await socketsOfSome();
  kept.permit(['127.0.0.1', '127.0.0.2']);
  const other = await socketsOfSome();
  await kept.close();
  expect(before).toContain(same[0]);
  expect(other.filter((socket) => [...before, ...same].includes(socket))).toEqual([]);
});

test('another egress.allow while the process stops is no error that nobody handles', async () => {
  const closed = createBotClient({ timeoutMs: 500, allow: [] });
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  await closed.close();
  closed.permit(['127.0.0.1']);
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('a bot that takes the request and never answers is a lost answer', async () => {
  const url = await bot(() => {});
  expect(await client.post(url, 'k', body)).toEqual({ kind: 'lost-answer', error: 'no answer in time' });
});

test('a connection cut after the request is a lost answer', async () => {
  const url = await bot(async (request) => {
    await read(request);
    request.socket.destroy();
  });
  expect((await client.post(url, 'k', body)).kind).toBe('lost-answer');
});

test('garbage instead of HTTP is a lost answer', async () => {
  const url = await listen(createTcpServer((socket) => socket.end('nonsense\r\n\r\n')));
  expect((await client.post(url, 'k', body)).kind).toBe('lost-answer');
});

test('a status whose body breaks off is an answer', async () => {
  const url = await bot((request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"st');
    setTimeout(() => request.socket.destroy(), 20);
  });
  expect(await client.post(url, 'k', body)).toMatchObject({ kind: 'answered', status: 200 });
});
