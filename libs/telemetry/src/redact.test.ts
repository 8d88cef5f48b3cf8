import { expect, test } from 'vitest';
import { redact } from './redact.ts';

const hidden =
  'key secret token password authorization Authorization cookie Set-Cookie botUrl bot_url verificationKeys ' +
  'webhook_verification_key flowApiKey chaveApi ChaveApi phone phone_number phoneNumber body raw rawBody ' +
  'hub.verify_token hub_verify_token';

test.each(hidden.split(' '))('%s is hidden, at any depth', (name) => {
  const fields = { [name]: 'hidden', one: { [name]: ['hidden'] }, list: [{ two: { [name]: { inner: 'hidden' } } }] };
  expect(JSON.stringify(redact(fields))).not.toContain('hidden');
  expect(redact(fields)).toMatchObject({ [name]: '[redacted]' });
});

test('everything else stays as it was', () => {
  const at = new Date(0);
  const fields = {
    connection: 'acme',
    keyField: 'x',
    partition: 3,
    empty: null,
    none: undefined,
    list: [1, { ok: true }],
  };
  expect(redact({ ...fields, at, key: undefined })).toEqual({ ...fields, at: at.toJSON(), key: undefined });
});

test('the fields given are not changed', () => {
  const fields = { nested: { token: 'kept' } };
  redact(fields);
  expect(fields).toEqual({ nested: { token: 'kept' } });
});

test('an error keeps its class, message and stack, and what hangs on it is hidden', () => {
  const error = Object.assign(new TypeError('no such host'), {
    config: { headers: { Authorization: 'hidden' }, timeout: 5 },
    code: 'ENOTFOUND',
  });
  const expected = { type: 'TypeError', message: 'no such host', code: 'ENOTFOUND', config: { timeout: 5 } };
  expect(redact({ err: error, nested: { error } })).toMatchObject({ err: expected, nested: { error: expected } });
  expect(redact({ err: error })).toHaveProperty('err.stack');
  expect(JSON.stringify(redact({ err: error }))).not.toContain('hidden');
});

test('bytes are counted, not shown', () => {
  expect(redact({ payload: Buffer.from('hidden') })).toEqual({ payload: '[6 bytes]' });
});

test('what refers to itself ends somewhere', () => {
  const loop: Record<string, unknown> = { name: 'loop' };
  loop['self'] = loop;
  expect(JSON.stringify(redact(loop))).toContain('[deep]');
});
