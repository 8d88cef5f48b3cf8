import { expect, test } from 'vitest';
import { redactRequest } from './redact-request.ts';

const key = 'k3y/so+nossa "€"';
const request = (change: Partial<Parameters<typeof redactRequest>[0]> = {}) =>
  redactRequest({ rawHeaders: [], url: '/webhooks/acme', body: Buffer.from('{}'), ...change }, [key, '']);
const mark = '***verification-key***';

test('what no rule names stays as it came, byte for byte', () => {
  const body = Buffer.from([0xff, 0x00, 0x7b, 0xe2, 0x82]);
  const rawHeaders = ['X-Signature', 'sha256=ab12', 'x-twice', 'a', 'X-Twice', 'b', 'X-Token', 'not-ours'];
  expect(request({ rawHeaders, body })).toEqual({
    headers: [
      ['X-Signature', 'sha256=ab12'],
      ['x-twice', 'a'],
      ['X-Twice', 'b'],
      ['X-Token', 'not-ours'],
    ],
    path: '/webhooks/acme',
    body,
    redacted: false,
  });
});

test.each([
  ['Authorization', 'Bearer secret-7', 'Bearer ***'],
  ['authorization', 'secret-7', '***'],
  ['Proxy-Authorization', 'Basic secret-7', 'Basic ***'],
  ['Cookie', 'session=secret-7', '***'],
])('of %s: %s is kept %s', (name, value, kept) => {
  expect(request({ rawHeaders: [name, value] }).headers).toEqual([[name, kept]]);
});

test('of the query only the names are kept', () => {
  expect(request({ url: '/webhooks/acme?hub_verify_token=secret-7&hub.mode=subscribe' }).path).toBe(
    '/webhooks/acme?hub_verify_token&hub.mode',
  );
  expect(request({ url: `/webhooks/acme?${encodeURIComponent(key)}` }).path).not.toContain('k3y');
});

test.each([
  ['as it is', key],
  ['in JSON', JSON.stringify(key)],
  ['in JSON with its slashes escaped', JSON.stringify(key).replaceAll('/', String.raw`\/`)],
  ['in JSON of ASCII alone', JSON.stringify(key).replace('€', String.raw`\u20ac`)],
  [
    'in JSON as PHP writes it',
    JSON.stringify(key)
      .replace('€', String.raw`\u20ac`)
      .replaceAll('/', String.raw`\/`),
  ],
  ['percent-encoded in lower case', encodeURIComponent(key).replaceAll(/%../g, (byte) => byte.toLowerCase())],
  ['in a form', new URLSearchParams({ token: key }).toString()],
  ['percent-encoded', encodeURIComponent(key)],
])('a verification key is nowhere: %s', (_how, written) => {
  const body = Buffer.from(`before ${written} between ${written} after`);
  const redacted = request({ rawHeaders: ['X-Key', Buffer.from(written).toString('latin1')], body });
  expect(redacted.body.toString()).toMatch(/^before .*\*\*\*.* between .*\*\*\*.* after$/);
  expect(redacted.redacted).toBe(true);
  expect(JSON.stringify(redacted.headers)).toContain(mark);
  expect(`${redacted.body.toString()} ${JSON.stringify(redacted.headers)}`).not.toMatch(/k3y|nossa/);
});
