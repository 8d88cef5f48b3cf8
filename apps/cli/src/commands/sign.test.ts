import { beforeAll, describe, expect, it } from 'vitest';
import { runBridgeCommand, temporaryFile } from '../bridge-command.fixture.ts';

// printf '%s' '{"content":"oi"}' | openssl dgst -sha256 -hmac k3y-so-nossa
const key = 'k3y-so-nossa';
const body = '{"content":"oi"}';
const signed = 'x-hub-signature-256: sha256=208443bdc6ae2268ff62dfd3819cf8ba39931125ab082db5e6a15e1bd75874cf\n';

describe('sign', () => {
  let keyFile = '';
  let bodyFile = '';
  beforeAll(() => {
    keyFile = temporaryFile('key', `${key}\n`);
    bodyFile = temporaryFile('body.json', body);
  });

  it('signs standard input with a key of the environment', async () => {
    const args = ['sign', '--body-file', '-', '--key-env', 'SIGNING_KEY'];
    const ended = await runBridgeCommand(args, { env: { SIGNING_KEY: key }, input: body });
    expect(ended).toEqual({ exitCode: 0, stdout: signed, stderr: '' });
  });

  it('signs a file with the key of a file, without the line break at its end', async () => {
    const ended = await runBridgeCommand(['sign', '--body-file', bodyFile, '--key-file', keyFile]);
    expect(ended).toEqual({ exitCode: 0, stdout: signed, stderr: '' });
  });

  it('takes a key from the command line, and warns', async () => {
    const { exitCode, stdout, stderr } = await runBridgeCommand(['sign', '--body-file', bodyFile, '--key', key]);
    expect([exitCode, stdout]).toEqual([0, signed]);
    expect(stderr).toMatch(/^Warning: a key on the command line/);
  });

  it('signs the bytes as they are, line break at the end included', async () => {
    const args = ['sign', '--body-file', '-', '--key-file', keyFile];
    const { stdout } = await runBridgeCommand(args, { input: `${body}\n` });
    expect(stdout).toMatch(/^x-hub-signature-256: sha256=[0-9a-f]{64}\n$/);
    expect(stdout).not.toBe(signed);
  });

  describe('for a connection', () => {
    const env = { ACME_KEY: 'verification-key-1', ACME_OLD_KEY: 'verification-key-0' };
    let config: string[] = [];
    beforeAll(() => {
      const text = `
connections:
  acme:
    workspace: 4821
    verificationKeys: [{ env: ACME_KEY }, { env: ACME_OLD_KEY }]
    signature: { headers: [x-signature, x-other], algorithm: sha1, encoding: base64, prefix: "" }
  stamped:
    workspace: 4822
    verificationKeys: [{ env: ACME_KEY }]
    signature: { headers: [x-signature], signedContent: timestamp.body, timestampHeader: x-time }
`;
      config = ['--config', temporaryFile('sign.yaml', text)];
    });

    it('its scheme and its first key are used', async () => {
      const args = ['sign', ...config, '--connection', 'acme', '--body-file', '-'];
      const ended = await runBridgeCommand(args, { env, input: body });
      // printf '%s' '{"content":"oi"}' | openssl dgst -sha1 -hmac verification-key-1 -binary | base64
      expect(ended).toEqual({ exitCode: 0, stdout: 'x-signature: o85IUlPFqodSJlv33QY0MSofwSI=\n', stderr: '' });
    });

    it('another key may be given', async () => {
      const args = ['sign', ...config, '--connection', 'acme', '--body-file', '-', '--key-env', 'ACME_OLD_KEY'];
      const { stdout } = await runBridgeCommand(args, { env, input: body });
      // printf '%s' '{"content":"oi"}' | openssl dgst -sha1 -hmac verification-key-0 -binary | base64
      expect(stdout).toBe('x-signature: kHlUqRI2rTYn60rSHWI3+vTlCY8=\n');
    });

    it('the timestamp that is signed is a header too', async () => {
      const args = ['sign', ...config, '--connection', 'stamped', '--body-file', '-'];
      const { stdout } = await runBridgeCommand(args, { env, input: body });
      expect(stdout).toMatch(/^x-signature: sha256=[0-9a-f]{64}\nx-time: \d{10}\n$/);
    });

    it('those there are are listed when there is no such one', async () => {
      const args = ['sign', ...config, '--connection', 'acne', '--body-file', '-'];
      const { exitCode, stderr } = await runBridgeCommand(args, { env, input: body });
      expect(stderr).toContain('there is no connection "acne" in bridge.yaml; it has: acme, stamped');
      expect(exitCode).toBe(78);
    });
  });
});
