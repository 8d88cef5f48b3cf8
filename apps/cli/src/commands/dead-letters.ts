import { topicRanges } from '@bridge/kafka';
import type { ConsumedRecord } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { countReasons } from '../dead-letters/count-reasons.ts';
import { deadLetterOf } from '../dead-letters/dead-letter.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { formatLetter, formatLetterJson, formatWholeLetter } from '../dead-letters/format-dead-letter.ts';
import { openKafka } from '../kafka-session.ts';
import { addLetterFilter, isMeant } from '../dead-letters/letter-filter.ts';
import type { LetterFilter } from '../dead-letters/letter-filter.ts';
import { wholeNumber } from '../option-values.ts';
import { printable } from '../printable.ts';
import { readRecords } from '../read-records.ts';
import { readTopicPrefix } from '../settings.ts';
import { addReplay } from './replay-dead-letters.ts';

type ListOptions = LetterFilter & { max?: number; json?: true };

const listHelp = `
A line a letter, the oldest first: where it lies, when it was given up, by whom, why, whose it is, and the error.
Those that were replayed already are among them; "replay --dry-run" tells them apart.

Example:
  npm run bridge -- dead-letters list --connection acme --since 2026-11-23T12:00:00Z`;

/** `bridge dead-letters list|reasons|show|replay`. */
export function addDeadLetters(program: Command, context: CommandContext): void {
  const deadLetters = program
    .command('dead-letters')
    .description('look at what the bridge gave up on, and send it on its way again')
    .addHelpText('after', '\nExample:\n  npm run bridge -- dead-letters replay --reason unroutable --dry-run');
  addLetterFilter(deadLetters.command('list'))
    .description('show the dead letters that are kept, a line each')
    .option('--max <n>', 'no more than this many', wholeNumber(1))
    .option('--json', 'one line of JSON a letter')
    .addHelpText('after', listHelp)
    .action((options: ListOptions, command: Command) => list(options, command, context));
  addLetterFilter(deadLetters.command('reasons'))
    .description('count them by app, topic and reason')
    .addHelpText('after', '\nExample:\n  npm run bridge -- dead-letters reasons')
    .action((options: LetterFilter, command: Command) => reasons(options, command, context));
  deadLetters
    .command('show')
    .description('show all of one letter: why it is here, its headers and its value')
    .argument('<partition>@<offset>', 'which one, as "list" shows it', letterId)
    .addHelpText('after', '\nExample:\n  npm run bridge -- dead-letters show 6@0')
    .action((id: LetterId, _options: object, command: Command) => show(id, command, context));
  addReplay(deadLetters, context);
}

type LetterId = { partition: number; offset: bigint };

function letterId(text: string): LetterId {
  const [, partition, offset] = /^(\d{1,9})@(\d{1,18})$/.exec(text) ?? [];
  if (partition === undefined || offset === undefined) {
    throw new InvalidArgumentError('It must be a partition and an offset, such as 6@0.');
  }
  return { partition: Number(partition), offset: BigInt(offset) };
}

async function list(options: ListOptions, command: Command, context: CommandContext): Promise<void> {
  const letters = await readMeant(options, command, context);
  const format = options.json ? formatLetterJson : formatLetter;
  for (const letter of letters.slice(0, options.max)) context.print(format(letter));
  const left = letters.length - (options.max ?? letters.length);
  if (letters.length === 0) context.note('No dead letters of that kind.');
  if (left > 0) context.note(`${left} more are not shown.`);
}

async function reasons(options: LetterFilter, command: Command, context: CommandContext): Promise<void> {
  const letters = await readMeant(options, command, context);
  for (const { count, stage, topic, reason, newestMs } of countReasons(letters)) {
    const newest = new Date(newestMs).toISOString();
    context.print(`${String(count).padStart(7)}  ${printable(`${stage}  ${topic}  ${reason}`)}  (newest ${newest})`);
  }
  context.note(letters.length === 0 ? 'No dead letters of that kind.' : `${letters.length} dead letters.`);
}

/** Those that the options mean, the oldest first. */
async function readMeant(options: LetterFilter, command: Command, context: CommandContext): Promise<DeadLetter[]> {
  const topic = topicNames(readTopicPrefix(command, context)).deadLetters;
  const { client } = await openKafka(command, context, [topic]);
  const ranges = await topicRanges(client, topic, options.since === undefined ? undefined : Date.parse(options.since));
  const letters: DeadLetter[] = [];
  const onRecord = (record: ConsumedRecord) => {
    const letter = deadLetterOf(record);
    if (isMeant(letter, options)) letters.push(letter);
  };
  await readRecords({ client, context, topic, ranges, onRecord });
  return letters.toSorted((a, b) => a.timestampMs - b.timestampMs || a.partition - b.partition);
}

async function show({ partition, offset }: LetterId, command: Command, context: CommandContext): Promise<void> {
  const topic = topicNames(readTopicPrefix(command, context)).deadLetters;
  const { client } = await openKafka(command, context, [topic]);
  const kept = (await topicRanges(client, topic)).get(partition);
  if (!kept || offset < kept.from || offset >= kept.to) throw notThere(`${partition}@${offset}`);
  const found: ConsumedRecord[] = [];
  const ranges = new Map([[partition, { from: offset, to: offset + 1n }]]);
  await readRecords({ client, context, topic, ranges, onRecord: (record) => found.push(record) });
  const [record] = found;
  if (!record) throw notThere(`${partition}@${offset}`);
  for (const line of formatWholeLetter(deadLetterOf(record), record)) context.print(line);
}

const notThere = (id: string) =>
  new CommandError(`there is no dead letter ${id}. Look for it with: npm run bridge -- dead-letters list`);
