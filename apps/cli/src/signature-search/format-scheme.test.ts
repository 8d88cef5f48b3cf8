import { defaultScheme } from '@bridge/signature';
import { expect, it } from 'vitest';
import { formatScheme } from './format-scheme.ts';

it.each([
  [{}, 'signature: { headers: [x-sig], algorithm: sha256, encoding: hex, mode: enforce }'],
  [
    { algorithm: 'sha512', encoding: 'base64', prefix: 'v0:' },
    'signature: { headers: [x-sig], algorithm: sha512, encoding: base64, prefix: "v0:", mode: enforce }',
  ],
  [
    { signedContent: 'timestamp.body', timestampHeader: 'x-time', toleranceSeconds: 900 },
    'signature: { headers: [x-sig], algorithm: sha256, encoding: hex, signedContent: timestamp.body, ' +
      'timestampHeader: x-time, toleranceSeconds: 900, mode: enforce }',
  ],
  [
    { headers: ['null', '1e5', 'x#y', 'signature'] },
    'signature: { headers: ["null", "1e5", "x#y", signature], algorithm: sha256, encoding: hex, mode: enforce }',
  ],
] as const)('%j', (change, line) => {
  expect(
    formatScheme({ ...defaultScheme, ...change, headers: [...('headers' in change ? change.headers : ['x-sig'])] }),
  ).toBe(line);
});
