import { ConfigError } from '@bridge/config';
import type { BridgeConfig, SecretName } from '@bridge/config';
import type { Capture } from '@bridge/schemas';
import type { Command } from 'commander';
import { readCapture } from '../captures/read-capture.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { connectionOf } from '../management-request.ts';
import { readBridgeConfig } from '../settings.ts';
import type { CandidateKey } from '../signature-search/candidate-keys.ts';
import { clues, describeFinding, whyNotConfigurable } from '../signature-search/describe-finding.ts';
import { findSignature } from '../signature-search/find-signature.ts';
import type { Search } from '../signature-search/find-signature.ts';
import { formatScheme } from '../signature-search/format-scheme.ts';
import { sampleOf } from '../signature-search/sample.ts';
import type { Sample } from '../signature-search/sample.ts';
import { signingKey } from '../signing-key.ts';

type Options = { keyEnv: string[]; keyFile: string[] };

const help = `
Tries keys, methods, encodings and what may be signed, on one captured request, and prints the line for bridge.yaml.
Without a key the connection's own in bridge.yaml are tried: its verification keys, flow API key and ChaveApi.

Example:
  npm run bridge -- verify-sample captures/acme-mismatch-9f3c0a12.json`;

const append = (value: string, before: string[]) => [...before, value];

/** `bridge verify-sample`. */
export function addVerifySample(program: Command, context: CommandContext): void {
  program
    .command('verify-sample')
    .description('find out how a captured webhook is signed')
    .argument('<capture>', 'a file of "captures save"; - reads standard input')
    .option(
      '--key-env <name>',
      'a key that may be the one, from this environment variable; may be repeated',
      append,
      [],
    )
    .option('--key-file <file>', 'the same from this file', append, [])
    .addHelpText('after', help)
    .action((path: string, options: Options, command: Command) => verifySample(path, options, command, context));
}

async function verifySample(path: string, options: Options, command: Command, context: CommandContext): Promise<void> {
  const capture = await readCapture(path, context);
  if (capture.verdict === 'handshake') {
    throw new CommandError(`${path} is a handshake, which needs no signature: take the capture of a message`, 'usage');
  }
  if (capture.redacted) {
    throw new CommandError(`a verification key stood in the body of ${path} and was replaced: no signature fits it`);
  }
  const given = givenKeys(options, context);
  const { keys, publicUrl } = given.length > 0 ? { keys: given } : configuredKeys(capture, command, context);
  const sample = sampleOf(capture, publicUrl);
  report({ search: findSignature(sample, keys), sample, keys, capture }, context);
}

function givenKeys({ keyEnv, keyFile }: Options, context: CommandContext): CandidateKey[] {
  const key = (name: string, value: string | undefined) => ({ name, value: value ?? '' });
  return [
    ...keyEnv.map((name) => key(`the variable ${name}`, signingKey({ keyEnv: name }, context))),
    ...keyFile.map((file) => key(`the file ${file}`, signingKey({ keyFile: file }, context))),
  ];
}

/** The verification keys must be there; others that can be read are tried too, should NicoChat sign with one of them. */
function configuredKeys(capture: Capture, command: Command, context: CommandContext) {
  const config = readBridgeConfig(command, context, ['verificationKeys']);
  const id = capture.connection;
  const keys = connectionOf(config.connections, id).verificationKeys.map(({ key, expiresAt }, at) => ({
    name: `verificationKeys[${at}] of ${id} in bridge.yaml`,
    value: key,
    inForce: expiresAt === undefined || expiresAt > new Date(),
  }));
  const other = (secret: 'flowApiKey' | 'chaveApi', name: string): CandidateKey[] => {
    const value = tryRead(command, context, secret)?.connections.get(id)?.[secret];
    return value === undefined ? [] : [{ name: `${name}, which is none of its verificationKeys`, value }];
  };
  return {
    keys: [...keys, ...other('flowApiKey', `the flow API key of ${id}`), ...other('chaveApi', 'the ChaveApi')],
    publicUrl: config.nicochat?.publicUrl,
  };
}

function tryRead<S extends SecretName>(
  command: Command,
  context: CommandContext,
  secret: S,
): BridgeConfig<S> | undefined {
  try {
    return readBridgeConfig(command, context, [secret]);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

type Found = { search: Search; sample: Sample; keys: CandidateKey[]; capture: Capture };

function report({ search, sample, keys, capture }: Found, context: CommandContext): void {
  const [best, ...more] = search.findings;
  if (best?.scheme === undefined) throw new CommandError(notFound({ search, sample, keys, capture }));
  for (const line of describeFinding(best)) context.note(line);
  const others = [...new Set(more.map(({ header, method }) => `${header} (${method.name})`))];
  if (others.length > 0) context.note(`also      ${others.join(', ')}`);
  if (!best.key.inForce) {
    context.note(
      `\nFirst see that this key is one of the verificationKeys of ${capture.connection}, and has not expired: ` +
        'ingress verifies with no other, and would refuse everything.',
    );
  }
  context.note(`\nThis verifies. In bridge.yaml, in place of the signature of ${capture.connection}:\n`);
  context.print(`    ${formatScheme(best.scheme)}`);
}

function notFound({ search, sample, keys, capture }: Found): string {
  const [beyond] = search.findings;
  if (beyond !== undefined) {
    const lines = ['this is how it is signed:', '', ...describeFinding(beyond), ''];
    if (beyond.method.isChecksum)
      return [...lines, 'No signature was found beside it.', ...nextSteps(sample)].join('\n');
    return [...lines, `bridge.yaml has no words yet for ${whyNotConfigurable(beyond)}: tell the maintainers.`].join(
      '\n',
    );
  }
  const names = keys.map(({ name }) => name).join(', ');
  return [
    `nothing fits the request ${capture.id} of ${capture.connection}.`,
    `Tried ${search.tried} digests with ${names}, in all ${sample.headers.length} headers.`,
    ...nextSteps(sample),
  ].join('\n');
}

function nextSteps(sample: Sample): string[] {
  const found = clues(sample);
  return [
    ...(found.length > 0 ? ['', 'Worth a look:', ...found.map((clue) => `- ${clue}`)] : []),
    '',
    'Next:',
    '- Is it the key that NicoChat has? "webhook set" registers the first of verificationKeys; then capture a new message.',
    '- Does a proxy in front of ingress change the body, or drop headers? The headers that came: "captures show".',
    '- Ask NicoChat for its PHP sample: it names the header, the method and the key.',
  ];
}
