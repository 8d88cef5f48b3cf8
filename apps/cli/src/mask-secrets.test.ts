import { expect, it } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';

it.each([
  ['a field', '{"bot_url":"https://b","a":"b"}', '{"bot_url":"***","a":"b"}'],
  ['a field of pretty JSON', '  "ChaveApi": "s",', '  "ChaveApi": "***",'],
  ['any spelling', '{"flow-api-key":"s","Verification_Key":"s"}', '{"flow-api-key":"***","Verification_Key":"***"}'],
  ['all of a value with quotes in it', String.raw`{"token":"a\"b","x":1}`, '{"token":"***","x":1}'],
  ['a value that breaks off', '{"password":"abc', '{"password":"***"'],
])('hides %s', (_what, text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

it.each(['{"text":"my token is: \\"x\\"","key":"acme/501"}', 'token: abc', '"token"', '"a":"b" "token"'])(
  'leaves %j as it is',
  (text) => {
    expect(maskSecrets(text)).toBe(text);
  },
);
