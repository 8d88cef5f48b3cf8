import { topicRanges } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { deadLetterOf } from '../dead-letters/dead-letter.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { formatLetter, placeText, whose } from '../dead-letters/format-dead-letter.ts';
import { formatOvertaken, formatSkipped, formatTotals } from '../dead-letters/format-replay.ts';
import { addLetterFilter, isMeant } from '../dead-letters/letter-filter.ts';
import type { LetterFilter } from '../dead-letters/letter-filter.ts';
import { isRouted } from '../dead-letters/lineage.ts';
import type { RoutedLetter } from '../dead-letters/lineage.ts';
import { findOvertaken } from '../dead-letters/overtaken-conversations.ts';
import { planReplay } from '../dead-letters/plan-replay.ts';
import type { ReplayLimits, ReplayPlan } from '../dead-letters/plan-replay.ts';
import { publishReplays } from '../dead-letters/publish-replays.ts';
import { readTrails } from '../dead-letters/replay-trails.ts';
import type { ReplayTrail } from '../dead-letters/replay-trails.ts';
import { openKafka } from '../kafka-session.ts';
import { wholeNumber } from '../option-values.ts';
import { createProgress } from '../progress.ts';
import { readRecords } from '../read-records.ts';
import { readTopicPrefix } from '../settings.ts';

type ReplayOptions = LetterFilter & ReplayLimits & { dryRun?: true };

/** What a replay works with, once all was read. */
type Session = {
  client: KafkaClient;
  context: CommandContext;
  topics: ReturnType<typeof topicNames>;
  letters: DeadLetter[];
  trails: ReadonlyMap<string, ReplayTrail>;
};

const help = `
A letter goes back to the topic and partition where it lay, with key, value, headers and trace as they were. What was
replayed before is found there and left out, so the command can be run again at any time, also after it was interrupted.
Mend the cause first: what fails again is a new dead letter.

Example:
  npm run bridge -- dead-letters replay --connection acme --reason unroutable --dry-run`;

/** `bridge dead-letters replay`. */
export function addReplay(deadLetters: Command, context: CommandContext): void {
  addLetterFilter(deadLetters.command('replay'))
    .description('send letters on their way again, each conversation in its order')
    .option('--dry-run', 'show what would be replayed, and which conversations went on meanwhile; change nothing')
    .option('--max <n>', 'replay no more than this many, the oldest', wholeNumber(1))
    .option('--max-replays <n>', 'leave out what was replayed this often already', wholeNumber(1), 5)
    .option(
      '--include-forgotten',
      'also what is older than all that its topic keeps: nobody can tell whether it was replayed before',
    )
    .addHelpText('after', help)
    .action((options: ReplayOptions, command: Command) => replay(options, command, context));
}

async function replay(options: ReplayOptions, command: Command, context: CommandContext): Promise<void> {
  const topics = topicNames(readTopicPrefix(command, context));
  const { deadLetters, inboundEvents, sendCommands, sendResults } = topics;
  const needed = [deadLetters, inboundEvents, sendCommands, sendResults];
  const { client, partitions } = await openKafka(command, context, needed);
  // Only what the bridge's apps read: a letter must not write wherever its headers say.
  const isTarget = ({ origin: { topic, partition } }: RoutedLetter) =>
    [inboundEvents, sendCommands].includes(topic) && partition < (partitions.get(topic) ?? 0);
  const meant = (letter: DeadLetter) => isMeant(letter, options);

  // All of them, also those not meant: two may be of one record, and one may be the failed replay of another.
  const letters: DeadLetter[] = [];
  const onRecord = (record: ConsumedRecord) => void letters.push(deadLetterOf(record));
  await readRecords({ client, context, topic: deadLetters, ranges: await topicRanges(client, deadLetters), onRecord });
  const replayable = letters.filter(isRouted).filter((letter) => meant(letter) && isTarget(letter));
  const trails = await readTrails(client, context, replayable);
  const plan = planReplay({ letters, meant, trails, isTarget, limits: options });

  for (const line of formatSkipped(plan.skipped)) context.print(line);
  const session = { client, context, topics, letters, trails };
  await (options.dryRun ? rehearse(plan, session) : perform(plan, session));
}

async function rehearse(plan: ReplayPlan, session: Session): Promise<void> {
  const { context } = session;
  for (const letter of plan.replay) context.print(`would replay ${formatLetter(letter)}`);
  for (const line of formatOvertaken(await overtakenBy(plan, session))) context.print(line);
  context.print(formatTotals('would replay', plan.replay.length, plan.skipped));
}

async function overtakenBy(plan: ReplayPlan, { client, context, topics, letters, trails }: Session) {
  const { sendCommands, sendResults: topic } = topics;
  const commands = plan.replay.filter(({ origin }) => origin.topic === sendCommands);
  if (commands.length === 0) return [];
  const overtaken = findOvertaken({ letters, commands, trails, sendCommands });
  const ranges = await topicRanges(client, topic, overtaken.sinceMs());
  await readRecords({ client, context, topic, ranges, onRecord: overtaken.learn });
  return overtaken.found();
}

async function perform(plan: ReplayPlan, session: Session): Promise<void> {
  const { client, context, topics } = session;
  const advance = createProgress(context, 'replaying', plan.replay.length);
  let replayed = 0;
  let refused = 0;
  try {
    await publishReplays({
      client,
      context,
      deadLetters: topics.deadLetters,
      letters: plan.replay,
      signal: context.interruption(),
      onReplayed(letter, { topic, partition, offset }) {
        replayed += 1;
        advance();
        const place = placeText({ topic, partition, offset: BigInt(offset) });
        context.print(`replayed ${letter.id} ${whose(letter)} to ${place}`);
      },
      onRefused(letter, why) {
        refused += 1;
        context.note(`not replayed: ${letter.id} ${whose(letter)}: ${why}`);
      },
    });
  } finally {
    context.print(formatTotals('replayed', replayed, plan.skipped));
  }
  const left = plan.replay.length - replayed - refused;
  if (left > 0) throw new CommandError(`interrupted; ${left} letters are left. Run it again to go on.`);
  if (refused > 0) throw new CommandError(`letters that could not be replayed: ${refused}`);
}
