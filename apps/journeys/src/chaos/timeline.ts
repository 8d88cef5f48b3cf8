import type { FaultName, MemberName } from './plan-faults.ts';

/** What happened, from when to when (milliseconds since 1970). `crash`: a process ended and nobody had asked it to. */
export type Happening = {
  name: FaultName | 'crash';
  member?: MemberName;
  from: number;
  /** Undefined while it goes on. */
  to?: number;
};

/** What happened in a run, for those who judge it afterwards. */
export type History = {
  /** The zero of the times that are shown, in milliseconds since 1970. */
  startedAt: number;
  happenings: readonly Happening[];
};

export type Timeline = History & {
  /** Prints a line with its time. */
  say(line: string): void;
  begin(happening: Omit<Happening, 'from' | 'to'>, line: string): Happening;
  end(happening: Happening, line?: string): void;
};

/** A time as it is shown: since the start, in seconds. */
export const timeSince = (startedAt: number, at: number) => `${((at - startedAt) / 1_000).toFixed(1)} s`;

/** Keeps and prints what happens; times are shown since its creation. */
export function createTimeline(print: (line: string) => void): Timeline {
  const startedAt = Date.now();
  const happenings: Happening[] = [];
  const say = (line: string) => print(`${timeSince(startedAt, Date.now()).padStart(9)}  ${line}`);
  return {
    startedAt,
    happenings,
    say,
    begin(what, line) {
      const happening: Happening = { ...what, from: Date.now() };
      happenings.push(happening);
      say(line);
      return happening;
    },
    end(happening, line) {
      happening.to ??= Date.now();
      if (line !== undefined) say(line);
    },
  };
}
