import type { RoutedLetter } from './lineage.ts';

const commands = 'nicochat.send-commands.v1';

/** A dead letter of a send command, for tests; `offset` is its record's, `id` its own place. */
export function letterOf(
  id: string,
  offset: number,
  given: Partial<RoutedLetter> & { topic?: string; lane?: number } = {},
): RoutedLetter {
  const { topic = commands, lane = 6, ...changes } = given;
  const [partition = 0, own = 0] = id.split('@').map(Number);
  return {
    id,
    partition,
    offset: BigInt(own),
    timestampMs: Date.parse('2026-11-23T12:00:00.000Z'),
    key: 'acme/501',
    identity: { connection: 'acme', conversation: '501' },
    origin: { topic, partition: lane, offset: BigInt(offset) },
    stage: 'outbound',
    reason: 'rejected',
    error: 'HTTP 400: The sender is blocked.',
    attempts: '1',
    firstFailedAt: '2026-11-23T11:59:59.000Z',
    replays: 0,
    replayOf: undefined,
    sizeBytes: 100,
    fingerprint: `value of ${offset}`,
    ...changes,
  };
}

/** A record that a replay wrote, or any other, in the partition that the letters came from. */
export function recordAt(
  offset: number,
  given: { headers?: Record<string, string>; key?: string; atMs?: number } = {},
) {
  const { headers = {}, key = 'acme/501', atMs = Date.parse('2026-11-23T12:30:00.000Z') } = given;
  return {
    topic: commands,
    partition: 6,
    offset: String(offset),
    key,
    rawKey: Buffer.from(key),
    value: '{}',
    rawValue: Buffer.from('{}'),
    headers,
    rawHeaders: headers,
    timestampMs: atMs,
    sizeBytes: 10,
  };
}

/** A replayed record. */
export const replayAt = (offset: number, id: string, replays: number, key = 'acme/501') =>
  recordAt(offset, { key, headers: { 'x-dead-letter-id': id, 'x-dead-letter-replays': String(replays) } });
