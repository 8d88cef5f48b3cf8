import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { incomingUrlAttributes, isProbe, outgoingUrlAttributes } from './url-attributes.ts';

test.each([
  ['/livez', true],
  ['/readyz?verbose', true],
  ['/metrics', true],
  ['/', false],
  ['/livezz', false],
  ['/webhooks/metrics', false],
  [undefined, false],
])('%s is a probe: %s', (target, expected) => {
  expect(isProbe(target)).toBe(expected);
});

test.each([
  ['/webhooks/acme?hub.verify_token=x?y', '/webhooks/acme'],
  ['/webhooks/acme/secret', ''],
  ['/bot/secret', ''],
  ['http://bridge.example/webhooks/acme', ''],
])('an incoming request for %s shows the path %j, never its query', (url, path) => {
  const request = Object.assign(new IncomingMessage(new Socket()), { url });
  expect(incomingUrlAttributes(request)).toEqual({ 'url.path': path, 'url.query': '' });
});

test.each([
  ['https://bot.example', 'https://bot.example/'],
  ['http://127.0.0.1:8090/bot/secret?key=x', 'http://127.0.0.1:8090/'],
  ['https://user:password@bot.example/x', 'https://bot.example/'],
  ['not a url', ''],
])('of an outgoing request to %s only %s is shown', (origin, shown) => {
  expect(outgoingUrlAttributes(origin)).toEqual({ 'url.full': shown, 'url.path': '', 'url.query': '' });
});
