import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

/** A piece of a service that is started, asked how it is, and stopped. */
export type Part = {
  name: string;
  /**
   * Resolves once the part does its work. A part whose start failed is not stopped: it cleans up by itself. One that is
   * still starting at the deadline of a stop is stopped in the midst of it.
   */
  start?: () => Promise<void>;
  /** Finishes what is in flight, at the latest by the deadline, and lets go of everything that keeps the process alive. */
  stop?: (options: { deadline: Date }) => Promise<void>;
  /** `true`, or why the part can't take work just now. */
  ready?: () => true | string;
  /** `true`, or why only a restart of the process helps. */
  alive?: () => true | string;
  /** What people should know of a part that does its work all the same; undefined when there is nothing. */
  note?: () => string | undefined;
};

/** A part, and what is wrong with it or to be known of it. */
export type Complaint = { part: string; reason: string };

export type Lifecycle = {
  /** Builds the parts, then starts them one after the other. Rejects with the first error; returns early once `stop` was called. */
  start: (build: () => Part[] | Promise<Part[]>) => Promise<void>;
  /**
   * Says that the service is not ready, waits `graceMs`, then stops what was begun, last first; what is still starting
   * may end that first. All parts get the same deadline, `drainMs` from then; a quarter later the waiting ends.
   * Never rejects: false when a part failed to stop or did not stop in time.
   */
  stop: (times: { graceMs: number; drainMs: number }) => Promise<boolean>;
  notReady: () => Complaint[];
  notAlive: () => Complaint[];
  /** What the started parts want to be known, well or not. */
  notes: () => Complaint[];
};

export function createLifecycle(log: Log): Lifecycle {
  let parts: Part[] | undefined;
  let stopping = false;
  const begun: { part: Part; failed: Promise<boolean> }[] = [];
  const started: Part[] = [];

  return {
    async start(build) {
      parts = await build();
      for (const part of parts) {
        if (stopping) return;
        const starting = (async () => part.start?.())();
        const failed = starting.then(
          () => false,
          () => true,
        );
        begun.push({ part, failed });
        await starting;
        started.push(part);
      }
      if (stopping) return;
      log.info({ parts: parts.map(({ name }) => name) }, 'started');
    },
    async stop({ graceMs, drainMs }) {
      stopping = true;
      await sleep(graceMs);
      const deadline = new Date(Date.now() + drainMs);
      const lastMoment = new Date(deadline.getTime() + drainMs / 4);
      let clean = true;
      for (const { part, failed } of begun.toReversed()) {
        if ((await by(deadline, failed)) === true) continue;
        if (!(await stopPart(part, { deadline, lastMoment, log }))) clean = false;
      }
      return clean;
    },
    notReady() {
      if (stopping) return [{ part: 'service', reason: 'stopping' }];
      if (!parts) return [{ part: 'service', reason: 'building' }];
      return parts.flatMap((part) => (started.includes(part) ? complaints(part, part.ready) : [notStarted(part)]));
    },
    notAlive() {
      return stopping ? [] : started.flatMap((part) => complaints(part, part.alive));
    },
    notes() {
      return started.flatMap((part) => complaints(part, () => part.note?.() ?? true));
    },
  };
}

/** Whether the part stopped well and before the last moment; one whose turn comes after that still gets the chance to do it at once. */
async function stopPart(
  part: Part,
  { deadline, lastMoment, log }: { deadline: Date; lastMoment: Date; log: Log },
): Promise<boolean> {
  try {
    if ((await by(lastMoment, part.stop?.({ deadline }))) !== 'late') return true;
    log.error({ part: part.name, deadline }, `${part.name} did not stop within the drain budget: it is left as it is`);
  } catch (error) {
    log.error({ part: part.name, err: error }, `${part.name} failed to stop`);
  }
  return false;
}

/** What `work` comes to, or `late` when it has not ended by then. */
async function by<T>(moment: Date, work: Promise<T> | undefined): Promise<T | undefined | 'late'> {
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), moment.getTime() - Date.now());
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

function notStarted(part: Part): Complaint {
  return { part: part.name, reason: 'starting' };
}

function complaints(part: Part, ask: (() => true | string) | undefined): Complaint[] {
  try {
    const answer = ask?.() ?? true;
    return answer === true ? [] : [{ part: part.name, reason: answer }];
  } catch (error) {
    return [{ part: part.name, reason: String(error) }];
  }
}
