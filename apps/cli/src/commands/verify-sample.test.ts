import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Capture } from '@bridge/schemas';
import { expect, it } from 'vitest';
import { runBridgeHere, temporaryFile } from '../bridge-command.fixture.ts';
import { captureOf } from '../captures/capture.fixture.ts';

const key = 'k3y-so-nossa-de-verdade';
const env = { ACME_KEY: 'verification-key-1', ACME_OLD_KEY: key, FLOW_KEY: 'flow-key-of-acme', NOBODYS: 'nobodys-key' };
const body = '{"content":"Olá"}';
const signed = (secret: string) => `v0:${createHmac('sha512', secret).update(body).digest('base64')}`;
const headers: Capture['headers'] = [
  ['Host', 'bridge.example'],
  ['Content-Length', String(Buffer.byteLength(body))],
];
const config = (signature = 'signature: { mode: monitor }') => [
  '--config',
  temporaryFile(
    'verify-sample.yaml',
    `
connections:
  acme:
    workspace: 1
    verificationKeys: [{ env: ACME_KEY }, { env: ACME_OLD_KEY }]
    flowApiKey: { env: FLOW_KEY }
    botUrl: { file: not-there }
    ${signature}
`,
  ),
];

async function verifySample(capture: unknown, ...args: string[]) {
  const file = temporaryFile('capture.json', JSON.stringify(capture));
  const ended = await runBridgeHere(['verify-sample', file, ...args], { env });
  for (const secret of Object.values(env)) expect(ended.stdout + ended.stderr).not.toContain(secret);
  return ended;
}

it('the line it prints, pasted into bridge.yaml, makes the same signature', async () => {
  const capture = captureOf({ body, headers: [...headers, ['X-Nico', signed(key)]] });
  const { exitCode, stdout, stderr } = await verifySample(capture, ...config());
  expect(stdout).toBe(
    '    signature: { headers: [x-nico], algorithm: sha512, encoding: base64, prefix: "v0:", mode: enforce }\n',
  );
  expect(stderr).toContain('key       verificationKeys[1] of acme in bridge.yaml');
  expect(exitCode).toBe(0);
  const sign = ['sign', '--connection', 'acme', '--body-file', '-', '--key-env', 'ACME_OLD_KEY'];
  const again = await runBridgeHere([...sign, ...config(stdout.trim())], { env, input: body });
  expect(again.stdout).toBe(`x-nico: ${signed(key)}\n`);
});

it.each([
  ['a variable', ['--key-env', 'NOBODYS', '--key-env', 'ACME_OLD_KEY'], 'the variable ACME_OLD_KEY'],
  ['a file', ['--key-env', 'NOBODYS', '--key-file', temporaryFile('key', `${key}\n`)], `the file`],
])('keys may come from %s, without a bridge.yaml', async (_where, args, name) => {
  const { exitCode, stderr } = await verifySample(captureOf({ body, headers: [['X-Nico', signed(key)]] }), ...args);
  expect(stderr).toContain(`key       ${name}`);
  expect(exitCode).toBe(0);
});

it("another of the connection's keys is found too, and called by its name", async () => {
  const capture = captureOf({ body, headers: [...headers, ['X-Nico', signed(env.FLOW_KEY)]] });
  const { exitCode, stderr } = await verifySample(capture, ...config());
  expect(stderr).toContain('key       the flow API key of acme, which is none of its verificationKeys');
  expect(stderr).toContain('First see that this key is one of the verificationKeys of acme');
  expect(exitCode).toBe(0);
});

it.each([
  ['that has expired', '2020-01-01T00:00:00Z', true],
  ['in force', '2999-01-01T00:00:00Z', false],
])('with a verification key %s it says whether there is something to do first', async (_which, expiresAt, isTold) => {
  const capture = captureOf({ body, headers: [...headers, ['X-Nico', signed(key)]] });
  const [option = '', path = ''] = config();
  const yaml = readFileSync(path, 'utf8').replace(
    '{ env: ACME_OLD_KEY }',
    `{ env: ACME_OLD_KEY, expiresAt: ${expiresAt} }`,
  );
  const { exitCode, stderr } = await verifySample(capture, option, temporaryFile('expiring.yaml', yaml));
  expect(stderr).toContain('key       verificationKeys[1] of acme');
  expect(stderr.includes('First see')).toBe(isTold);
  expect(exitCode).toBe(0);
});

it('when nothing fits it says what was tried, what is worth a look, and what to do', async () => {
  const capture = captureOf({
    body,
    headers: [
      ['Content-Length', '99'],
      ['X-Nico', createHmac('sha256', 'somebody').update(body).digest('hex')],
      ['X-Key', 'key=***verification-key***'],
      ['Authorization', 'Bearer ***'],
      ['X-Evil', '\u009b2J'],
    ],
  });
  const { exitCode, stdout, stderr } = await verifySample(capture, ...config());
  expect(stderr).toContain('nothing fits the request 9f3c0a12 of acme');
  expect(stderr).toMatch(/Tried \d+ digests with verificationKeys\[0\].*, in all 5 headers/);
  expect(stderr).toContain('content-length says 99 bytes, the body has 18');
  expect(stderr).toContain('x-nico has 64 hex digits, as SHA-256 makes them');
  expect(stderr).toContain('x-key carries the verification key itself');
  expect(stderr).toContain('authorization came with a credential');
  expect(stderr).toContain('Ask NicoChat for its PHP sample');
  expect([exitCode, stdout]).toEqual([1, '']);
});

it('a way that bridge.yaml has no words for is told, and is no yes', async () => {
  const sig = createHmac('md5', key).update(body).digest('hex');
  const { exitCode, stdout, stderr } = await verifySample(captureOf({ body, headers: [['X-Nico', sig]] }), ...config());
  expect(stderr).toContain('bridge.yaml has no words yet for the method (HMAC MD5)');
  expect([exitCode, stdout]).toEqual([1, '']);
});

it.each([
  ['what is no capture', { some: 'json' }, 'is no capture'],
  ['a handshake', captureOf({ verdict: 'handshake' }), 'is a handshake, which needs no signature'],
])('%s is wrong usage', async (_what, capture, fault) => {
  const { exitCode, stderr } = await verifySample(capture, ...config());
  expect(stderr).toContain(fault);
  expect(exitCode).toBe(2);
});

it('a body from which a key was taken out is not searched in vain', async () => {
  const { exitCode, stderr } = await verifySample(captureOf({ redacted: true }), ...config());
  expect(stderr).toContain('no signature fits it');
  expect(exitCode).toBe(1);
});

it('a connection that bridge.yaml does not have ends with 78', async () => {
  const { exitCode, stderr } = await verifySample(captureOf({ connection: 'acne' }), ...config());
  expect(stderr).toContain('there is no connection "acne" in bridge.yaml; it has: acme');
  expect(exitCode).toBe(78);
});
