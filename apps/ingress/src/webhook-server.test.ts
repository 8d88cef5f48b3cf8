import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { silentLogger } from '@bridge/telemetry';
import { expect, test, vi } from 'vitest';
import { createWebhookServer } from './webhook-server.ts';
import type { WebhookServerOptions } from './webhook-server.ts';

const soon = (ms: number) => new Date(Date.now() + ms);

async function started(app: RequestListener, more: Partial<WebhookServerOptions> = {}) {
  const given = { app, host: '127.0.0.1', port: 0, log: silentLogger, farewellMs: 0, onRefused: () => undefined };
  const server = createWebhookServer({ ...given, ...more });
  await server.start?.();
  const { port } = server.address();
  const keptConnection = () => new Agent({ keepAlive: true, maxSockets: 1 });
  const get = async (agent = keptConnection()) => {
    const request = httpRequest({ host: '127.0.0.1', port, agent }).end();
    const [response] = await once(request, 'response');
    return { connection: response.headers.connection, body: await text(response) };
  };
  return { port, get, keptConnection, stop: async (deadline: Date) => server.stop?.({ deadline }) };
}

test('a stop waits for the request that was begun, answers it, and takes no new one', async () => {
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const server = await started((_request, response) => {
    begun.resolve();
    void answer.promise.then(() => response.end('done'));
  });
  const reply = server.get();
  await begun.promise;
  let stopped = false;
  const stop = server.stop(soon(20_000)).finally(() => (stopped = true));
  await expect(server.get()).rejects.toThrow('ECONNREFUSED');
  expect(stopped).toBe(false);
  answer.resolve();
  expect(await reply).toEqual({ connection: 'close', body: 'done' });
  await stop;
});

test('a stop lets a kept connection end with the answer to its next request, and is over with the last of them', async () => {
  const server = await started((_request, response) => response.end('ok'), { farewellMs: 3_600_000 });
  const kept = server.keptConnection();
  expect(await server.get(kept)).toEqual({ connection: 'keep-alive', body: 'ok' });
  const stop = server.stop(soon(3_600_000));
  expect(await server.get(kept)).toEqual({ connection: 'close', body: 'ok' });
  await stop;
  await expect(server.get()).rejects.toThrow('ECONNREFUSED');
});

test('a stop cuts none of the requests that come one after the other on kept connections', async () => {
  const server = await started((_request, response) => void setTimeout(() => response.end('ok'), 1), {
    farewellMs: 3_600_000,
  });
  const stopped = Promise.withResolvers<void>();
  let answered = 0;
  const senders = Array.from({ length: 20 }, async () => {
    const kept = server.keptConnection();
    for (;;) {
      const reply = await server.get(kept);
      answered += 1;
      if (answered === 200) server.stop(soon(3_600_000)).then(stopped.resolve, stopped.reject);
      if (reply.connection === 'close') return reply.body;
    }
  });
  expect(await Promise.all(senders)).toEqual(Array.from({ length: 20 }, () => 'ok'));
  await stopped.promise;
});

test('a stop does not wait beyond its deadline', async () => {
  const begun = Promise.withResolvers<void>();
  const server = await started(() => begun.resolve());
  const reply = server.get();
  await begun.promise;
  await Promise.all([server.stop(soon(50)), expect(reply).rejects.toThrow('hang up')]);
});

test('a stop does not wait for connections without a request', async () => {
  const server = await started((_request, response) => response.end('ok'));
  expect(await server.get()).toMatchObject({ body: 'ok' });
  const silent = connect(server.port, '127.0.0.1');
  await once(silent, 'connect');
  silent.on('error', () => undefined);
  const closed = once(silent, 'close');
  await server.stop(soon(3_600_000));
  await closed;
});

test('beyond so many connections new ones are closed, and there is room again when one ends', async () => {
  let refused = 0;
  const server = await started((_request, response) => response.end('ok'), {
    maxConnections: 2,
    onRefused: () => (refused += 1),
  });
  const [first, second] = [server.keptConnection(), server.keptConnection()];
  for (const kept of [first, second]) expect(await server.get(kept)).toMatchObject({ body: 'ok' });
  await expect(server.get()).rejects.toThrow(/hang up|ECONNRESET/);
  expect(refused).toBe(1);
  expect(await server.get(second)).toMatchObject({ body: 'ok' });
  first.destroy();
  await vi.waitFor(async () => expect(await server.get()).toMatchObject({ body: 'ok' }));
  second.destroy();
  await server.stop(soon(5_000));
});

test('a busy port is named with the variable that sets it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(started(() => undefined, { port })).rejects.toThrow(/INGRESS_PORT/);
  other.close();
});
