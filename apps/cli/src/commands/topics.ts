import { checkTopics, countBrokers, createTopics } from '@bridge/kafka';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { formatChecked, formatCreated } from '../format-topics.ts';
import { openKafka } from '../kafka-session.ts';
import { wholeNumber } from '../option-values.ts';
import { chooseReplication } from '../replication.ts';
import { wantedTopics } from '../wanted-topics.ts';

type CreateOptions = { replication?: number; minInsync?: number };

/** `bridge topics create|check`. */
export function addTopics(program: Command, context: CommandContext): void {
  const topics = program
    .command('topics')
    .description('create the topics of the bridge, or check what they are like')
    .addHelpText('after', '\nExample:\n  npm run bridge -- topics check --brokers kafka-1:9092,kafka-2:9092');
  topics
    .command('create')
    .description("create the topics that are missing: the bridge's own, and the channels' own of bridge.yaml")
    .option(
      '--replication <n>',
      'copies of each record (default: 3, or the number of brokers if fewer)',
      wholeNumber(1),
    )
    .option(
      '--min-insync <n>',
      'copies in sync before a write counts (default: replication - 1, at least 1)',
      wholeNumber(1),
    )
    .addHelpText(
      'after',
      '\nTopics that exist are left as they are.\n\nExample:\n  npm run bridge -- topics create --replication 3 --min-insync 2',
    )
    .action((_options: CreateOptions, command: Command) => create(command, context));
  topics
    .command('check')
    .description('compare the topics with what they must be like; exit 1 when one is missing or differs')
    .addHelpText(
      'after',
      '\nMore retention or a larger limit than needed is no drift.\n\nExample:\n  npm run bridge -- topics check',
    )
    .action((_options: object, command: Command) => check(command, context));
}

async function create(command: Command, context: CommandContext): Promise<void> {
  const wanted = wantedTopics(command, context);
  const { client } = await openKafka(command, context);
  const replication = chooseReplication(command.opts<CreateOptions>(), await countBrokers(client));
  const created = await createTopics(client, wanted, replication);
  for (const line of formatCreated(wanted, created, replication)) context.print(line);
  const drifts = await checkTopics(client, wanted);
  if (drifts.length > 0)
    context.note('Some topics that were there already differ. See: npm run bridge -- topics check');
}

async function check(command: Command, context: CommandContext): Promise<void> {
  const wanted = wantedTopics(command, context);
  const { client } = await openKafka(command, context);
  const drifts = await checkTopics(client, wanted);
  for (const line of formatChecked(wanted, drifts)) context.print(line);
  if (drifts.length === 0) return;
  const missing = drifts.filter(({ setting }) => setting === 'topic').length;
  const differing = drifts.length - missing;
  throw new CommandError(
    [
      missing > 0 && `topics missing: ${missing}. Create them with: npm run bridge -- topics create`,
      differing > 0 &&
        `settings that differ: ${differing}. Change them with Kafka's own tools (kafka-configs, kafka-topics).`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
}
