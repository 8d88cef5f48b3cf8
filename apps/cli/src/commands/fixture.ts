import { deliveryDepth, parseJson } from '@bridge/schemas';
import type { Command } from 'commander';
import { readCapture } from '../captures/read-capture.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { anonymise } from '../fixture/anonymise.ts';
import { formatFixture } from '../fixture/format-fixture.ts';
import { printable } from '../printable.ts';

const help = `
Names, texts, ids, numbers and addresses are invented, the same one for the same one; structure, types and the words of
the protocol stay. Look through it before you show it to anybody. The signature fits it no more: "sign" makes a new one.

Example:
  npm run --silent bridge -- fixture captures/acme-verified-9f3c0a12.json >> libs/schemas/src/normalize-webhook.test.ts
  npm run format`;

/** `bridge fixture`. */
export function addFixture(program: Command, context: CommandContext): void {
  program
    .command('fixture')
    .description('turn a captured webhook into an anonymised test of the normaliser')
    .argument('<capture>', 'a file of "captures save"; - reads standard input')
    .option('--json', 'print the anonymised payload alone')
    .addHelpText('after', help)
    .action((path: string, options: { json?: true }) => fixture(path, options, context));
}

async function fixture(path: string, options: { json?: true }, context: CommandContext): Promise<void> {
  const capture = await readCapture(path, context);
  const { value, kept } = anonymise(payloadOf(capture.bodyBase64, path));
  const lines = options.json ? [JSON.stringify(value, null, 2)] : formatFixture(value, capture.at);
  for (const line of lines) context.print(line);
  context.note(`Kept as words of the protocol: ${kept.map(printable).join(', ') || 'none'}.`);
  context.note('Look through it before you show it to anybody. The signature fits it no more.');
}

function payloadOf(bodyBase64: string, path: string): unknown {
  try {
    return parseJson(Buffer.from(bodyBase64, 'base64').toString('utf8'), { maxDepth: deliveryDepth });
  } catch (error) {
    throw new CommandError(
      `the body of ${path} is no JSON, and no payload: ${(error as Error).message}`,
      'negative',
      error,
    );
  }
}
