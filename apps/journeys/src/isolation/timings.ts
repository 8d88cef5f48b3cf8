import type { CommandRecord, ResultRecord } from '../chaos/evidence.ts';
import { badConnection } from './isolation-world.ts';

/** One command's way through outbound; times are the broker's, in milliseconds. */
export type Timing = { connection: string; sentAt: number; settledAt: number };

export type Spread = { count: number; p50: number; p99: number; longest: number };

/** A timing for each command that has a result: its first one. */
export function timingsOf(commands: (CommandRecord & { at: number })[], results: ResultRecord[]): Timing[] {
  const place = (partition: number, offset: number) => `${partition}@${offset}`;
  const settled = new Map<string, number>();
  for (const { partition, commandOffset, at } of results) {
    const of = place(partition, commandOffset);
    if (!settled.has(of)) settled.set(of, at);
  }
  return commands.flatMap(({ key, partition, offset, at }) => {
    const settledAt = settled.get(place(partition, offset));
    return settledAt === undefined ? [] : [{ connection: key.split('/')[0] ?? '', sentAt: at, settledAt }];
  });
}

export const isGood = ({ connection }: { connection: string }) => connection !== badConnection;

/** How long these took; zeros when there are none. */
export function spreadOf(timings: Timing[]): Spread {
  const took = timings.map(({ sentAt, settledAt }) => settledAt - sentAt).toSorted((one, other) => one - other);
  const at = (share: number) => took[Math.max(0, Math.ceil(took.length * share) - 1)] ?? 0;
  return { count: took.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
}
