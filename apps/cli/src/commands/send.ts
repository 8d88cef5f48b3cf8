import { randomUUID } from 'node:crypto';
import { createPublisher, PublishError } from '@bridge/kafka';
import type { Ack, KafkaClient, OutgoingRecord } from '@bridge/kafka';
import { topicNames } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';
import { traceparent } from '@bridge/telemetry';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { formatSendResult } from '../format-record.ts';
import { openKafka } from '../kafka-session.ts';
import { moment, wholeNumber } from '../option-values.ts';
import { printable } from '../printable.ts';
import { readBytes } from '../read-bytes.ts';
import { commandOf, commandOfJson } from '../send-command.ts';
import type { CommandOptions } from '../send-command.ts';
import { sendRecord } from '../send-record.ts';
import { readTopicPrefix } from '../settings.ts';
import { watchResults } from '../watch-results.ts';

type SendOptions = CommandOptions & { json?: string; wait?: true; waitSeconds: number };

const publishTimeoutMs = 10_000;

const help = `
Without --wait, exit 0 says that Kafka has the command; with it, that NicoChat took the message.

Example:
  npm run bridge -- send --connection acme --conversation 501 --contact-id cliente-77 --contact-name "Ana Souza" \\
    --text "Oi, qual o prazo?" --wait`;

/** `bridge send`. */
export function addSend(program: Command, context: CommandContext): void {
  program
    .command('send')
    .description("publish a send command: one message of an end user to a connection's bot")
    .option('--connection <id>', 'which connection')
    .option('--conversation <id>', 'which conversation; digits, unless the connection takes other ids')
    .option('--contact-id <id>', 'stable id of the end user')
    .option('--contact-name <name>')
    .option('--email <address>', "the end user's")
    .option('--phone <number>', "the end user's")
    .option('--text <text>', 'a text')
    .option('--button-title <title>', 'a pressed button: what stood on it')
    .option('--button-payload <payload>', 'a pressed button: its payload, as it came')
    .option('--image <url>', 'an image, by a public https URL')
    .option('--audio <url>', 'an audio')
    .option('--video <url>', 'a video')
    .option('--file <url>', 'another file')
    .option('--name <name>', 'file name of the image, audio, video or file')
    .option('--caption <text>', 'its caption')
    .option('--id <id>', 'id of the command, unique in its conversation (default: a random one)')
    .option('--expires-at <moment>', 'not to be sent after this moment, such as 2026-11-23T12:00:00Z', moment)
    .option('--json <file>', 'the whole command as JSON, in place of the options above; - reads standard input')
    .option('--wait', 'wait for the send result and show it; exit 0 only when it is "sent"')
    .option('--wait-seconds <n>', 'how long to wait', wholeNumber(1), 60)
    .addHelpText('after', help)
    .action((options: SendOptions, command: Command) => send(options, command, context));
}

async function send(options: SendOptions, command: Command, context: CommandContext): Promise<void> {
  const sendCommand = await readCommand(options, command, context);
  const { sendCommands, sendResults } = topicNames(readTopicPrefix(command, context));
  const { client } = await openKafka(command, context, options.wait ? [sendCommands, sendResults] : [sendCommands]);
  const record = sendRecord(sendCommand, { topic: sendCommands, at: new Date(), traceparent: traceparent() });
  const results = options.wait && (await watchResults(client, sendResults, sendCommand));
  try {
    const ack = await publish(client, record, sendCommand);
    const place = `${ack.topic}[${ack.partition}]@${ack.offset}`;
    context.print(`stored command ${printable(sendCommand.id)} in ${place}, key ${record.key}`);
    if (!results) return;
    const waited = { timeoutMs: options.waitSeconds * 1000, signal: context.interruption() };
    context.note(`Waiting for its result, ${options.waitSeconds} s at most…`);
    const result = await results.wait(ack, waited);
    if (!result) throw new CommandError(noResult(sendCommand, options, waited.signal));
    context.print(formatSendResult(result));
    if (result.outcome !== 'sent') throw new CommandError(`the message was not sent: ${result.outcome}`);
  } finally {
    if (results) await results.stop();
  }
}

async function readCommand(options: SendOptions, command: Command, context: CommandContext): Promise<SendCommand> {
  if (options.json === undefined) return commandOf(options, randomUUID());
  const others = command.options.filter(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' && !/^--(json|wait)/.test(option.long ?? ''),
  );
  if (others.length > 0) {
    const names = others.map(({ long }) => long).join(', ');
    throw new CommandError(`--json holds the whole command: leave out ${names}`, 'usage');
  }
  return commandOfJson((await readBytes(options.json, context)).toString('utf8'), randomUUID());
}

async function publish(client: KafkaClient, record: OutgoingRecord, { id }: SendCommand): Promise<Ack> {
  const publisher = createPublisher({ client });
  const deadline = () => new Date(Date.now() + publishTimeoutMs);
  try {
    await publisher.start();
    return (await publisher.publish([record], { deadline: deadline() }))[0] as Ack;
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    if (error.kind === 'too-large') throw new CommandError(`too large: ${error.message}`, 'negative', error);
    const advice = `It may be stored all the same: if you send it again, then with --id ${id}, so that it stays the same command.`;
    throw new CommandError(`Kafka did not take the command: ${error.message}\n${advice}`, 'brokerUnreachable', error);
  } finally {
    await publisher.stop({ deadline: deadline() });
  }
}

function noResult(
  { connection, conversation }: SendCommand,
  { waitSeconds }: SendOptions,
  signal: AbortSignal,
): string {
  const tail = `npm run bridge -- tail send-results --from-beginning --connection ${connection} --conversation ${conversation.id}`;
  const why = signal.aborted
    ? 'stopped waiting for the result'
    : `no result came in ${waitSeconds} s; is outbound running?`;
  return `${why} The command is stored and may still be sent.\nLook for its result with: ${tail}`;
}
