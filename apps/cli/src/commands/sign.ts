import { defaultScheme, sign } from '@bridge/signature';
import type { SignatureScheme } from '@bridge/signature';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { connectionOf } from '../management-request.ts';
import { readBytes } from '../read-bytes.ts';
import { readBridgeConfig } from '../settings.ts';
import { signingKey } from '../signing-key.ts';
import type { KeyOptions } from '../signing-key.ts';

type SignOptions = KeyOptions & { bodyFile: string; connection?: string };

const help = `
Without --connection the scheme is HMAC-SHA256 in hex over the body, in x-hub-signature-256. NicoChat does not document
which scheme it uses; see "signature" in bridge.yaml.

Example:
  npm run --silent bridge -- sign --connection acme --body-file body.json \\
    | curl -H @- --data-binary @body.json http://127.0.0.1:8080/webhooks/acme`;

/** `bridge sign`. */
export function addSign(program: Command, context: CommandContext): void {
  program
    .command('sign')
    .description('sign a body as NicoChat would, and print the headers')
    .requiredOption('--body-file <file>', 'the bytes to sign; - reads standard input')
    .option('--connection <id>', 'use the scheme, and unless another is given the first key, of this connection')
    .option('--key-env <name>', 'take the key from this environment variable')
    .option('--key-file <file>', 'take the key from this file')
    .option('--key <key>', 'the key itself; not safe on a shared machine')
    .addHelpText('after', help)
    .action((options: SignOptions, command: Command) => signBody(options, command, context));
}

async function signBody(options: SignOptions, command: Command, context: CommandContext): Promise<void> {
  const { secret, scheme } = signer(options, command, context);
  const body = await readBytes(options.bodyFile, context);
  for (const [header, value] of Object.entries(sign({ body, secret, scheme }))) context.print(`${header}: ${value}`);
}

function signer(
  { connection: id, ...keyOptions }: SignOptions,
  command: Command,
  context: CommandContext,
): { secret: string; scheme: SignatureScheme } {
  const given = signingKey(keyOptions, context);
  if (id === undefined) {
    if (given !== undefined) return { secret: given, scheme: defaultScheme };
    throw new CommandError('no key to sign with: give --connection, --key-env or --key-file', 'usage');
  }
  if (given !== undefined) {
    const { connections } = readBridgeConfig(command, context, []);
    return { secret: given, scheme: connectionOf(connections, id).signature };
  }
  const { connections } = readBridgeConfig(command, context, ['verificationKeys']);
  const { verificationKeys, signature } = connectionOf(connections, id);
  return { secret: verificationKeys[0]?.key ?? '', scheme: signature };
}
