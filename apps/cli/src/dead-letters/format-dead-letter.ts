import type { ConsumedRecord } from '@bridge/kafka';
import { stringifyJson } from '@bridge/schemas';
import type { DeadLetter, Place } from './dead-letter.ts';
import { isSecretName, maskSecrets } from '../mask-secrets.ts';
import { printable } from '../printable.ts';
import { recordValue } from '../record-value.ts';
import type { RecordValue } from '../record-value.ts';

const maxErrorLength = 300;

/** Text of a stranger, without secrets, on one line that a terminal can bear. */
const shown = (text: string) => printable(maskSecrets(text));

/** A letter in one line: its id, when, who gave up and why, whose it is, how often it was replayed, and the error. */
export function formatLetter(letter: DeadLetter): string {
  const { id, timestampMs, stage, reason, replays, error } = letter;
  const again = replays === 0 ? '' : ` (replayed ${times(replays)})`;
  const text = shown(error);
  const cut = text.length > maxErrorLength ? `${text.slice(0, maxErrorLength)}…` : text;
  const when = new Date(timestampMs).toISOString();
  return `${id} ${when} ${printable(stage)} ${printable(reason)} ${whose(letter)}${again}: ${cut}`;
}

/** Its connection and conversation, or the key where that names none. */
export function whose({ identity: { connection, conversation }, key }: DeadLetter): string {
  if (connection !== undefined && conversation !== undefined) return printable(`${connection}/${conversation}`);
  return printable(key ?? connection ?? '(no key)');
}

/** The same as one line of JSON. */
export function formatLetterJson(letter: DeadLetter): string {
  const { id, partition, offset, timestampMs, key, identity, origin, replayOf } = letter;
  const { stage, reason, error, attempts, firstFailedAt, replays } = letter;
  return stringifyJson({
    id,
    partition,
    offset: Number(offset),
    timestamp: new Date(timestampMs).toISOString(),
    stage,
    reason,
    error: maskSecrets(error),
    key,
    ...identity,
    ...(origin && { origin: { ...origin, offset: Number(origin.offset) } }),
    attempts,
    firstFailedAt,
    replays,
    replayOf,
  });
}

/** All of a letter, for people, line by line. */
export function formatWholeLetter(letter: DeadLetter, record: ConsumedRecord): string[] {
  const { id, timestampMs, identity, origin, key, stage, reason, error, attempts, firstFailedAt, replays } = letter;
  const facts: [string, string][] = [
    ['dead letter', id],
    ['since', new Date(timestampMs).toISOString()],
    ['given up by', stage],
    ['reason', reason],
    ['error', error],
    ['it lay in', origin ? placeText(origin) : '?'],
    ['attempts', attempts],
    ['first failed', firstFailedAt],
    ['replays', letter.replayOf === undefined ? String(replays) : `${replays}, the last of ${letter.replayOf}`],
    ['key', key ?? '(no key)'],
    ['connection', identity.connection ?? '?'],
    ['conversation', identity.conversation ?? '?'],
  ];
  const headers = Object.entries(record.headers).filter(([name]) => !name.startsWith('x-dead-letter-'));
  return [
    ...facts.map(([name, value]) => `${name.padEnd(13)} ${shown(value)}`),
    'headers',
    ...headers.map(([name, value]) => `  ${printable(name)}: ${isSecretName(name) ? '***' : shown(value)}`),
    `value, ${record.rawValue?.length ?? 0} bytes`,
    ...formatValue(recordValue(record)).map((line) => `  ${line}`),
  ];
}

export const placeText = ({ topic, partition, offset }: Place) => `${topic}[${partition}]@${offset}`;

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

function formatValue(value: RecordValue): string[] {
  if (value.kind === 'null') return ['(no value)'];
  if (value.kind === 'bytes') return ['not UTF-8; as base64:', value.bytes.toString('base64')];
  if (value.kind === 'text') return ['not JSON:', ...maskSecrets(value.text).split('\n').map(printable)];
  return maskSecrets(JSON.stringify(value.value, null, 2))
    .split('\n')
    .map(printable);
}
