import { readTopic, TopicError } from '@bridge/kafka';
import type { ConsumedRecord, KafkaClient } from '@bridge/kafka';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { formatRecordJson } from '../format-record-json.ts';
import { formatRecord } from '../format-record.ts';
import { openKafka } from '../kafka-session.ts';
import { wholeNumber } from '../option-values.ts';
import { printable } from '../printable.ts';
import { recordIdentity } from '../record-identity.ts';
import { recordValue } from '../record-value.ts';
import type { RecordValue } from '../record-value.ts';
import { readTopicPrefix } from '../settings.ts';
import { shortNames, tailTopic } from '../tail-topic.ts';

type TailOptions = {
  fromBeginning?: true;
  json?: true;
  max?: number;
  connection?: string;
  conversation?: string;
};

/** `bridge tail <topic>`. */
export function addTail(program: Command, context: CommandContext): void {
  program
    .command('tail')
    .description('show the records of a topic as they come, until Ctrl-C')
    .argument('<topic>', `${Object.keys(shortNames).join(', ')}, or a topic's whole name`)
    .option('--from-beginning', 'start with the oldest record kept; without it, only what comes from now on')
    .option('--json', 'one line of JSON a record: topic, partition, offset, timestamp, key, headers, value')
    .option('--max <n>', 'end after this many records', wholeNumber(1))
    .option('--connection <id>', 'only the records of this connection')
    .option('--conversation <id>', 'only the records of this conversation')
    .addHelpText('after', '\nExample:\n  npm run bridge -- tail channel-messages --connection acme --conversation 501')
    .action((topic: string, options: TailOptions, command: Command) => tail(topic, options, command, context));
}

async function tail(name: string, options: TailOptions, command: Command, context: CommandContext): Promise<void> {
  const topic = tailTopic(name, readTopicPrefix(command, context));
  const client = await openTopic(topic, command, context);
  const enough = new AbortController();
  const end = AbortSignal.any([enough.signal, context.interruption()]);
  let shown = 0;

  const onRecord = (record: ConsumedRecord) => {
    if (end.aborted) return;
    const value = recordValue(record);
    if (!isWanted(record, value, options)) return;
    context.print(options.json ? formatRecordJson(record, value) : formatRecord(record, value));
    shown += 1;
    if (shown === options.max) enough.abort();
  };

  const from = options.fromBeginning ? 'beginning' : 'end';
  const reader = await readTopic({ client, topic, from, onRecord });
  context.note(`Reading ${topic} from ${from === 'end' ? 'now on' : 'its beginning'}; Ctrl-C ends.`);
  try {
    await Promise.race([aborted(end), reader.ended]);
  } finally {
    await reader.stop();
  }
}

async function openTopic(topic: string, command: Command, context: CommandContext): Promise<KafkaClient> {
  try {
    return (await openKafka(command, context, [topic])).client;
  } catch (error) {
    if (!(error instanceof TopicError)) throw error;
    const short = Object.keys(shortNames).join(', ');
    const advice = `Check the name (short names: ${short}), or create the topics with: npm run bridge -- topics create`;
    throw new CommandError(`there is no topic ${printable(topic)}\n${advice}`, 'configuration', error);
  }
}

function isWanted(record: ConsumedRecord, value: RecordValue, { connection, conversation }: TailOptions): boolean {
  const identity = recordIdentity(record, value.kind === 'json' ? value.value : undefined);
  return (
    (connection === undefined || identity.connection === connection) &&
    (conversation === undefined || identity.conversation === conversation)
  );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}
