import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isReady as probesAreReady, startApp } from '@bridge/tools/app-process';
import type { AppName, AppProcess, Ending } from '@bridge/tools/app-process';
import { stopForAWhile } from './stop-for-a-while.ts';

/** An app and which one of them: `router-2`. */
export type FleetMember = `${AppName}-${number}`;

type Seat = { current: AppProcess | undefined; starts: number; wanted: boolean; wake: () => void };

export type FleetOptions = {
  envOf(member: FleetMember): Record<string, string>;
  probesPortOf(member: FleetMember): number;
  /** A process ended and nobody had asked it to. What is given back is called once the seat is well again. */
  onCrash(member: FleetMember, ending: Ending): () => void;
  logFolder: string;
};

const restartPauseMs = 500;
/** Longer than the broker is away for at most. */
const readyPatienceMs = 150_000;

/** The processes of the run, each in a seat with a name; who falls out of it by itself is put back, as in production. */
export function createFleet({ envOf, probesPortOf, onCrash, logFolder }: FleetOptions) {
  const seats = new Map<FleetMember, Seat>();
  const expected = new WeakSet<AppProcess>();
  let closing = false;

  function seatOf(member: FleetMember): Seat {
    const seat = seats.get(member) ?? { current: undefined, starts: 0, wanted: false, wake: () => {} };
    seats.set(member, seat);
    return seat;
  }

  function launch(member: FleetMember): void {
    const seat = seatOf(member);
    if (closing || seat.current?.isRunning()) return;
    seat.starts += 1;
    const [app] = member.split('-') as [AppName];
    const logFile = join(logFolder, `${member}.${seat.starts}.log`);
    const started = startApp(app, { env: envOf(member), logFile });
    seat.current = started;
    seat.wanted = true;
    void started.ended.then(async (ending) => {
      if (expected.has(started)) return;
      const isWell = onCrash(member, ending);
      await pause(restartPauseMs);
      if (seat.wanted) {
        launch(member);
        await untilReady(member);
      }
      isWell();
    });
  }

  const isReady = (member: FleetMember) => probesAreReady(probesPortOf(member));

  /** False when it is not ready in time: the network may be bad just now. */
  async function untilReady(member: FleetMember): Promise<boolean> {
    const deadline = Date.now() + readyPatienceMs;
    while (!(await isReady(member))) {
      if (Date.now() > deadline || closing) return false;
      await pause(100);
    }
    return true;
  }

  /** The process in a seat, from now on allowed to end. */
  function dismiss(member: FleetMember): AppProcess | undefined {
    const seat = seatOf(member);
    seat.wanted = false;
    if (seat.current) expected.add(seat.current);
    return seat.current;
  }

  async function endInOrder(member: FleetMember): Promise<string[]> {
    seatOf(member).wake();
    const current = dismiss(member);
    const ending = current?.isRunning() ? await current.terminate() : { code: 0, signal: null };
    return ending.code === 0 ? [] : [`${member} ended with ${ending.signal ?? ending.code} at the end of the run`];
  }

  return {
    async start(member: FleetMember): Promise<boolean> {
      launch(member);
      return untilReady(member);
    },
    /** Those of them that do not say that they can take work. */
    async unready(members: readonly FleetMember[]): Promise<FleetMember[]> {
      const ready = await Promise.all(members.map(isReady));
      return members.filter((_, index) => !ready[index]);
    },
    async kill(member: FleetMember): Promise<void> {
      const dismissed = dismiss(member);
      dismissed?.kill();
      await dismissed?.ended;
    },
    async terminate(member: FleetMember): Promise<Ending | undefined> {
      const dismissed = dismiss(member);
      return dismissed?.isRunning() ? dismissed.terminate() : undefined;
    },
    /** Stops it by SIGSTOP. */
    stopFor(member: FleetMember, ms: number): void {
      const seat = seatOf(member);
      if (seat.current?.isRunning()) seat.wake = stopForAWhile(seat.current.pid, ms);
    },
    wake: (member: FleetMember) => seatOf(member).wake(),
    /** Ends all; those who could not end in order are given back. */
    async close(): Promise<string[]> {
      closing = true;
      return (await Promise.all([...seats.keys()].map(endInOrder))).flat();
    },
  };
}
