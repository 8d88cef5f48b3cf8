import { checkTopics, countBrokers, createTopics } from '@bridge/kafka';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { formatChecked, formatCreated } from '../format-topics.ts';
import { openKafka } from '../kafka-session.ts';
import { wholeNumber } from '../option-values.ts';
import { chooseReplication } from '../replication.ts';
import { wantedTopics } from '../wanted-topics.ts';

type CopyOptions = { replication?: number; minInsync?: number };

/** `bridge topics create|check`. */
export function addTopics(program: Command, context: CommandContext): void {
  const topics = program
    .command('topics')
    .description('create the topics of the bridge, or check what they are like')
    .addHelpText('after', '\nExample:\n  npm run bridge -- topics check --brokers kafka-1:9092,kafka-2:9092');
  withCopies(topics.command('create'))
    .description("create the topics that are missing: the bridge's own, and the channels' own of bridge.yaml")
    .addHelpText(
      'after',
      '\nTopics that exist are left as they are.\n\nExample:\n  npm run bridge -- topics create --replication 3 --min-insync 2',
    )
    .action((_options: CopyOptions, command: Command) => create(command, context));
  withCopies(topics.command('check'))
    .description('compare the topics with what create would make of them; exit 1 when one is missing or differs')
    .addHelpText(
      'after',
      '\nMore retention, copies or a larger limit than needed is no drift.\n\nExample:\n  npm run bridge -- topics check',
    )
    .action((_options: CopyOptions, command: Command) => check(command, context));
}

function withCopies(command: Command): Command {
  return command
    .option(
      '--replication <n>',
      'copies of each record (default: 3, or the number of brokers if fewer)',
      wholeNumber(1),
    )
    .option(
      '--min-insync <n>',
      'copies in sync before a write counts (default: replication - 1, at least 1)',
      wholeNumber(1),
    );
}

async function create(command: Command, context: CommandContext): Promise<void> {
  const wanted = wantedTopics(command, context);
  const { client } = await openKafka(command, context);
  const replication = chooseReplication(command.opts<CopyOptions>(), await countBrokers(client));
  const created = await createTopics(client, wanted, replication);
  for (const line of formatCreated(wanted, created, replication)) context.print(line);
  const drifts = await checkTopics(client, wanted, replication);
  if (drifts.length > 0)
    context.note('Some topics that were there already differ. See: npm run bridge -- topics check');
}

async function check(command: Command, context: CommandContext): Promise<void> {
  const wanted = wantedTopics(command, context);
  const { client } = await openKafka(command, context);
  const replication = chooseReplication(command.opts<CopyOptions>(), await countBrokers(client));
  const drifts = await checkTopics(client, wanted, replication);
  for (const line of formatChecked(wanted, drifts)) context.print(line);
  if (replication.replication === 1) context.note('Warning: one copy of each record. A lost disk is a lost topic.');
  if (drifts.length === 0) return;
  const missing = drifts.filter(({ setting }) => setting === 'topic').length;
  const differing = drifts.length - missing;
  throw new CommandError(
    [
      missing > 0 && `topics missing: ${missing}. Create them with: npm run bridge -- topics create`,
      differing > 0 &&
        `settings that differ: ${differing}. Change them with Kafka's own tools (kafka-configs, kafka-topics, kafka-reassign-partitions).`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
}
