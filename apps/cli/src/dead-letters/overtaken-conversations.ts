import type { ConsumedRecord } from '@bridge/kafka';
import { parseJson, sendResultSchema } from '@bridge/schemas';
import type { SendResult } from '@bridge/schemas';
import type { DeadLetter } from './dead-letter.ts';
import { createLineage, isRouted, laneOf } from './lineage.ts';
import type { RoutedLetter } from './lineage.ts';
import type { ReplayTrail } from './replay-trails.ts';

/** A conversation of which commands were sent that came after one that is to be replayed. */
export type OvertakenConversation = { key: string; letter: RoutedLetter; count: number; last: SendResult };

type Conversation = { key: string; letter: RoutedLetter; offset: bigint; later: Map<bigint, SendResult> };

/**
 * Finds the conversations that went on without the letters about to be replayed. A record counts by the offset that it
 * had at first, so that what was replayed before is not taken for later than it was.
 */
export function findOvertaken(options: {
  /** All that are kept. */
  letters: DeadLetter[];
  /** Those to be replayed, all of the topic of send commands. */
  commands: RoutedLetter[];
  trails: ReadonlyMap<string, ReplayTrail>;
  sendCommands: string;
}) {
  const { letters, commands, trails, sendCommands } = options;
  const firstOf = createLineage(letters);
  const byId = new Map(letters.map((letter) => [letter.id, letter]));
  const conversations = new Map<string, Conversation>();
  for (const letter of commands) {
    const { offset } = firstOf(letter).origin;
    if (letter.key === null) continue;
    const id = conversationOf(letter.origin.partition, letter.key);
    const known = conversations.get(id);
    if (!known || offset < known.offset) conversations.set(id, { key: letter.key, letter, offset, later: new Map() });
  }

  function firstOffset(partition: number, offset: string): bigint {
    const replayed = trails.get(laneOf({ topic: sendCommands, partition }))?.letterAt.get(offset);
    const letter = replayed === undefined ? undefined : byId.get(replayed);
    return letter && isRouted(letter) ? firstOf(letter).origin.offset : BigInt(offset);
  }

  return {
    /** Takes a record of send-results into account. */
    learn({ partition, key, value, headers }: ConsumedRecord): void {
      const { 'x-command-offset': offset = '' } = headers;
      const conversation = conversations.get(conversationOf(partition, key ?? ''));
      if (!conversation || !/^\d+$/.test(offset)) return;
      const result = readResult(value);
      const first = firstOffset(partition, offset);
      if (result?.outcome === 'sent' && first > conversation.offset) conversation.later.set(first, result);
    },
    found: (): OvertakenConversation[] =>
      [...conversations.values()].flatMap(({ key, letter, later }) => {
        const last = [...later.values()].at(-1);
        return last ? [{ key, letter, count: later.size, last }] : [];
      }),
    /** Before this moment none of the conversations can have gone on, in milliseconds. */
    sinceMs: (): number =>
      commands.reduce(
        (least, letter) => Math.min(least, firstOf(letter).timestampMs - clockToleranceMs),
        Number.MAX_SAFE_INTEGER,
      ),
  };
}

/** A letter has the time of its app, a result the broker's. */
const clockToleranceMs = 10 * 60_000;

const conversationOf = (partition: number, key: string) => `${partition} ${key}`;

function readResult(value: string | null): SendResult | undefined {
  try {
    return sendResultSchema.safeParse(parseJson(value ?? '')).data;
  } catch {
    return undefined;
  }
}
