import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isReady as probesAreReady, startApp } from '@bridge/tools/app-process';
import type { AppName, AppProcess, Ending } from '@bridge/tools/app-process';
import type { MemberName } from './plan-faults.ts';
import { stopForAWhile } from './stop-for-a-while.ts';

export type FleetMember = MemberName | 'simulator-1';

type Seat = { current: AppProcess | undefined; starts: number; wanted: boolean; wake: () => void };

const restartPauseMs = 500;
const readyPatienceMs = 60_000;

/** The processes of the run, each in a seat with a name; who falls out of it by itself is put back, as in production. */
export function createFleet(options: {
  envOf(member: FleetMember): Record<string, string>;
  probesPortOf(member: FleetMember): number;
  /** A process ended and nobody had asked it to. */
  onCrash(member: FleetMember, ending: Ending): void;
  logFolder: string;
}) {
  const { envOf, probesPortOf, onCrash, logFolder } = options;
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
      onCrash(member, ending);
      await pause(restartPauseMs);
      if (seat.wanted) launch(member);
    });
  }

  const isReady = (member: FleetMember) => probesAreReady(probesPortOf(member));

  /** False when it is not ready within a minute: the network may be bad just now. */
  async function untilReady(member: FleetMember): Promise<boolean> {
    const deadline = Date.now() + readyPatienceMs;
    while (!(await isReady(member))) {
      if (Date.now() > deadline || closing) return false;
      await pause(100);
    }
    return true;
  }

  async function start(member: FleetMember): Promise<boolean> {
    launch(member);
    return untilReady(member);
  }

  /** The process in a seat, from now on allowed to end. */
  function dismiss(member: FleetMember): AppProcess | undefined {
    const seat = seatOf(member);
    seat.wanted = false;
    if (seat.current) expected.add(seat.current);
    return seat.current;
  }

  return {
    start,
    isReady,
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
    seated: () => [...seats].flatMap(([member, { wanted }]) => (wanted ? [member] : [])),
    /** Ends all; those who could not end in order are given back. */
    async close(): Promise<string[]> {
      closing = true;
      const endings = [...seats.keys()].map(async (member) => {
        seatOf(member).wake();
        const { current } = seatOf(member);
        if (current) expected.add(current);
        const ending = current?.isRunning() ? await current.terminate() : { code: 0, signal: null };
        return ending.code === 0 ? [] : [`${member} ended with ${ending.signal ?? ending.code} at the end of the run`];
      });
      return (await Promise.all(endings)).flat();
    },
  };
}
