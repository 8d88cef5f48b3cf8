import type { ConsumedRecord } from '@bridge/kafka';
import {
  channelMessageSchema,
  deadLetterHeaders,
  inboundEventSchema,
  sendCommandSchema,
  sendResultSchema,
  stringifyJson,
} from '@bridge/schemas';
import type { ChannelMessage, InboundEvent, SendCommand, SendResult } from '@bridge/schemas';
import { formatMessage } from './format-message.ts';
import { printable, quoted } from './printable.ts';
import type { RecordValue } from './record-value.ts';

/** A record for people: when, where, whose, and what it says; a dead letter has a second line that says why it is one. */
export function formatRecord(record: ConsumedRecord, value: RecordValue): string {
  const when = new Date(record.timestampMs).toISOString();
  const where = `${record.topic}[${record.partition}]@${record.offset}`;
  const line = `${when} ${where} ${printable(record.key ?? '(no key)')} ${formatValue(value)}`;
  return record.headers[deadLetterHeaders.reason] === undefined ? line : `${line}\n${formatDeath(record.headers)}`;
}

function formatValue(value: RecordValue): string {
  if (value.kind === 'json') return formatPayload(value.value);
  if (value.kind === 'text') return `not JSON: ${quoted(value.text)}`;
  if (value.kind === 'bytes') return `not UTF-8: ${value.bytes.length} bytes`;
  return '(no value)';
}

/** By shape, not by topic: a dead letter may hold any of them. A channel message is an inbound event and more. */
function formatPayload(value: unknown): string {
  const message = channelMessageSchema.safeParse(value);
  if (message.success) return formatChannelMessage(message.data);
  const event = inboundEventSchema.safeParse(value);
  if (event.success) return formatInboundEvent(event.data);
  const result = sendResultSchema.safeParse(value);
  if (result.success) return formatSendResult(result.data);
  const command = sendCommandSchema.safeParse(value);
  if (command.success) return formatSendCommand(command.data);
  return quoted(stringifyJson(value));
}

function formatChannelMessage(message: ChannelMessage): string {
  const route = message.route === undefined ? 'the default' : printable(message.route);
  const doubt = message.duplicateSuspected ? ' (a duplicate, perhaps)' : '';
  return `${formatInboundEvent(message)} → ${message.channel} by ${route}${doubt}`;
}

function formatInboundEvent({ author, message, verified }: InboundEvent): string {
  const who = author.kind === 'unknown' ? 'bot or agent' : author.kind;
  const name = author.name ? ` ${printable(author.name)}` : '';
  return `${who}${name}${verified ? '' : ' (unverified)'}: ${formatMessage(message)}`;
}

function formatSendCommand({ id, contact, message }: SendCommand): string {
  return `command ${printable(id)} from ${printable(contact.name || contact.id)}: ${formatMessage(message)}`;
}

/** What became of a command, in one sentence. */
export function formatSendResult({ commandId, outcome, attempts, status, reason }: SendResult): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const answer = status === undefined ? '' : `, last answer ${status}`;
  return `command ${printable(commandId)} ${outcome} after ${tries}${answer}${reason ? `: ${printable(reason)}` : ''}`;
}

function formatDeath(headers: Record<string, string>): string {
  const header = (name: keyof typeof deadLetterHeaders) => printable(headers[deadLetterHeaders[name]] ?? '?');
  const from = `${header('topic')}[${header('partition')}]@${header('offset')}`;
  const history = `attempts ${header('attempts')}, replays ${header('replays')}, first failed ${header('firstFailedAt')}`;
  return `  ${header('reason')}: ${header('error')}\n  given up by ${header('stage')} on ${from}; ${history}`;
}
