/**
 * A small app to be traced, as the bridge's are: an express server that calls a secret `BOT_URL` while it answers.
 * It asks itself once, with a verify token in the query, and ends.
 */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createLogger, traceparent, withSpan } from '../index.ts';

const log = createLogger({ name: 'traced-app', level: 'info', format: 'json' });
const headers = { authorization: 'Bearer flow-key-secret', connection: 'close' };
const app = express();
app.get('/readyz', (_request, response) => void response.end());
app.get('/webhooks/:connection', async (_request, response) => {
  await withSpan('publish', { kind: 'producer' }, () => log.info({ record: traceparent() }, 'published'));
  const { BOT_URL = '', BOT_CLIENT } = process.env;
  await (BOT_CLIENT === 'http' ? httpGet(BOT_URL) : fetch(BOT_URL, { headers }));
  response.end();
});

const server = createServer(app);
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
await fetch(`${origin}/readyz?probe`);
await fetch(`${origin}/webhooks/acme?hub.verify_token=token-secret`, { headers: { baggage: 'user=stranger' } });
server.close().closeAllConnections();

function httpGet(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (answer) => answer.resume().once('end', resolve)).once('error', reject);
  });
}
