import { isUtf8 } from 'node:buffer';

export const journalKinds = ['received', 'sent', 'handshake', 'management'] as const;
type JournalKind = (typeof journalKinds)[number];

/** One thing that the simulator received or sent; `status` is what was answered, null when nothing was. */
export type JournalEntry = {
  sequence: number;
  at: string;
  kind: JournalKind;
  workspace: string | null;
  conversation: string | null;
  method: string;
  url: string;
  headers: Record<string, string>;
  /** The exact text of the body; a body that is no UTF-8 stands in `bodyBase64` instead. */
  body: string;
  bodyBase64?: string;
  status: number | null;
  /** In one word, what became of it: `accepted`, `invalid`, `delivered`, `verified`, … */
  outcome: string;
  detail?: string;
  /** The fault that was in force for it. */
  fault?: string;
  /** A delivery's: which attempt, which copy, and what the webhook answered. */
  attempt?: number;
  copy?: number;
  answer?: string;
  durationMs?: number;
};

export type NewEntry = Omit<JournalEntry, 'sequence' | 'at' | 'body' | 'bodyBase64'> & { body: Buffer | string };

export type JournalQuery = {
  workspace?: string | undefined;
  kind?: JournalKind | undefined;
  conversation?: string | undefined;
  since: number;
  limit: number;
};

export type JournalPage = { entries: JournalEntry[]; next: number };

const bodyOf = (body: Buffer | string): Pick<JournalEntry, 'body' | 'bodyBase64'> =>
  typeof body === 'string' || isUtf8(body)
    ? { body: body.toString() }
    : { body: '', bodyBase64: body.toString('base64') };

const matches = (entry: JournalEntry, query: JournalQuery): boolean =>
  entry.sequence > query.since &&
  (query.kind === undefined || entry.kind === query.kind) &&
  (query.workspace === undefined || entry.workspace === query.workspace) &&
  (query.conversation === undefined || entry.conversation === query.conversation);

export type Journal = ReturnType<typeof createJournal>;

/**
 * All that went in and out, oldest first, bounded by count and by the bytes of the bodies; the oldest go first.
 * A sequence number is never given twice, not even after `clear`, so that a reader's `since` stays good.
 */
export const createJournal = ({ maxEntries = 100_000, maxBytes = 256 * 1024 * 1024, now = () => new Date() } = {}) => {
  let entries: JournalEntry[] = [];
  let oldest = 0;
  let bytes = 0;
  let sequence = 0;

  const sizeOf = (entry: JournalEntry) => entry.body.length + (entry.bodyBase64?.length ?? 0);
  const trim = () => {
    while (entries.length - oldest > maxEntries || (bytes > maxBytes && entries.length - oldest > 1)) {
      bytes -= sizeOf(entries[oldest] as JournalEntry);
      oldest += 1;
    }
    // Cutting the front off costs as much as the whole list is long, so it is done seldom.
    if (oldest > 10_000 || oldest > entries.length / 2) {
      entries = entries.slice(oldest);
      oldest = 0;
    }
  };

  return {
    add: (entry: NewEntry): JournalEntry => {
      sequence += 1;
      const kept = { ...entry, ...bodyOf(entry.body), sequence, at: now().toISOString() };
      entries.push(kept);
      bytes += sizeOf(kept);
      trim();
      return kept;
    },
    /** One page of what matches; ask on with `since: next`. */
    read: (query: JournalQuery): JournalPage => {
      const found: JournalEntry[] = [];
      // The sequence has no gaps, so what is newer than `since` is found by counting back from the end.
      const newer = Math.max(0, sequence - query.since);
      for (let index = Math.max(oldest, entries.length - newer); index < entries.length; index += 1) {
        const entry = entries[index] as JournalEntry;
        if (!matches(entry, query)) continue;
        found.push(entry);
        if (found.length === query.limit) return { entries: found, next: entry.sequence };
      }
      return { entries: found, next: sequence };
    },
    clear: (): void => {
      entries = [];
      oldest = 0;
      bytes = 0;
    },
  };
};
