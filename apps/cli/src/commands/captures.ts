import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Capture } from '@bridge/schemas';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { createCapturesClient } from '../captures/captures-client.ts';
import type { CapturesClient } from '../captures/captures-client.ts';
import { formatCapture, formatCaptureHead } from '../captures/format-capture.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { writePrivateFile } from '../private-file.ts';

type From = { from?: URL };

const help = `
Ingress captures where bridge.yaml says so (signature: { capture: 3 }), in memory, for a day at most, and each process for
itself. Captures hold what users and agents wrote: delete the files when the scheme is found.

Example:
  npm run bridge -- captures save captures`;

/** `bridge captures list|show|save|delete`. */
export function addCaptures(program: Command, context: CommandContext): void {
  const captures = program
    .command('captures')
    .description('look at webhooks that ingress captured, to find out how they are signed and what they look like')
    .addHelpText('after', help);
  const add = (name: string, description: string, example = name) =>
    captures
      .command(name)
      .description(description)
      .option('--from <url>', "the probes' port of an ingress on this machine (default http://127.0.0.1:9080)", httpUrl)
      .addHelpText('after', `\nExample:\n  npm run bridge -- captures ${example}`);
  add('list', 'a line for each, the oldest first').action((options: From) => list(clientOf(options, context), context));
  add('show', 'all of one: its headers and its body', 'show 9f3c0a12')
    .argument('<id>', 'which one, as "list" shows it', captureId)
    .option('--json', 'as the file that verify-sample and fixture take')
    .action((id: string, options: From & { json?: true }) => show(id, options, context));
  add('save', 'write all of them into a folder, a file each, readable by you only', 'save captures')
    .argument('<folder>', 'made if it is not there')
    .action((folder: string, options: From) => save(folder, clientOf(options, context), context));
  add('delete', 'delete one, or all, in the memory of ingress', 'delete --all')
    .argument('[id]', 'which one', captureId)
    .option('--all', 'all of them')
    .action((id: string | undefined, options: From & { all?: true }) => remove(id, options, context));
}

const clientOf = ({ from }: From, { env }: CommandContext): CapturesClient =>
  createCapturesClient(from ?? new URL(`http://127.0.0.1:${env['INGRESS_PROBES_PORT'] || '9080'}`));

async function list(client: CapturesClient, context: CommandContext): Promise<void> {
  const captures = await client.list();
  for (const capture of captures) context.print(formatCaptureHead(capture));
  if (captures.length === 0)
    context.note('Nothing is captured: signature.capture in bridge.yaml says how many to keep.');
}

async function show(id: string, options: From & { json?: true }, context: CommandContext): Promise<void> {
  const capture = await wanted(id, clientOf(options, context));
  for (const line of options.json ? [fileContent(capture)] : formatCapture(capture)) context.print(line.trimEnd());
}

async function save(folder: string, client: CapturesClient, context: CommandContext): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { id } of await client.list()) {
    const capture = await client.get(id);
    // One that became too old since.
    if (capture === undefined) continue;
    const path = join(folder, `${capture.connection}-${capture.verdict}-${id}.json`);
    writePrivateFile(path, fileContent(capture));
    context.print(path);
  }
}

async function remove(id: string | undefined, options: From & { all?: true }, context: CommandContext): Promise<void> {
  if ((id === undefined) !== (options.all === true)) throw new CommandError('give the id of one, or --all', 'usage');
  const client = clientOf(options, context);
  if (id !== undefined) await wanted(id, client);
  const deleted = await client.delete(id);
  context.print(`deleted ${deleted} ${deleted === 1 ? 'capture' : 'captures'}`);
}

async function wanted(id: string, client: CapturesClient): Promise<Capture> {
  const capture = await client.get(id);
  if (capture !== undefined) return capture;
  throw new CommandError(`there is no capture ${id}: "captures list" shows those of this ingress process`);
}

const fileContent = (capture: Capture) => `${JSON.stringify(capture, null, 2)}\n`;

function captureId(text: string): string {
  if (/^[0-9a-f]{8}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an id such as 9f3c0a12.');
}

function httpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:9080.');
}
