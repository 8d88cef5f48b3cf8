/** Where a contestant works: what it is told by its environment. */
export type Place = {
  env: Record<string, string>;
  /** Where it takes webhooks, if it does. */
  port: number;
  logFile: string;
};

/** A contestant at work. */
export type Running = {
  /** Process groups; none of what runs elsewhere. */
  groups: number[];
  /** Resolves when it says that it can take work, where it says so; rejects when it ends before. */
  ready: Promise<void>;
  /** What to tell when it has ended though nobody asked it to. */
  died(): string | undefined;
  stop(): Promise<void>;
};

/** One of those who do the same work side by side. */
export type Contestant = {
  name: string;
  /** `exactly`: a repeat is a fault. `at-least-once`: repeats are shown, and no fault. `nothing`: it stores nothing. */
  promises: 'exactly' | 'at-least-once' | 'nothing';
  /** Where it already takes webhooks, if we do not start it. */
  url?: URL;
  start(place: Place): Running;
};
