import { readdirSync, readFileSync } from 'node:fs';

/** What the processes of some groups used together. `peakMiB` is the sum of what each had at its own worst moment. */
export type Usage = { cpuSeconds: number; residentMiB: number; peakMiB: number };

/** Linux counts a process's time in hundredths of a second, whatever its kernel's own clock is. */
const ticksPerSecond = 100;
/** They only start what is measured, and wait. */
const shells = new Set(['sh', 'dash', 'bash', 'sleep']);

/** The processes that belong to these process groups now, shells left out. None where there is no /proc. */
export function membersOf(groups: readonly number[]): number[] {
  return pids().filter((pid) => {
    const stat = statOf(pid);
    return stat !== undefined && groups.includes(stat.group) && !shells.has(stat.command);
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Undefined when there are no such processes, or no /proc. */
export function usageOf(members: readonly number[]): Usage | undefined {
  const each = members.flatMap((pid) => usageOfOne(pid) ?? []);
  if (each.length === 0) return undefined;
  const sum = (field: keyof Usage) => each.reduce((total, one) => total + one[field], 0);
  return { cpuSeconds: sum('cpuSeconds'), residentMiB: sum('residentMiB'), peakMiB: sum('peakMiB') };
}

function usageOfOne(pid: number): Usage | undefined {
  const stat = statOf(pid);
  const status = read(`/proc/${pid}/status`);
  if (stat === undefined || status === undefined) return undefined;
  const mebibytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { cpuSeconds: stat.cpuSeconds, residentMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') };
}

/** The command's name is in brackets and may hold anything; what follows the last one is plain. */
function statOf(pid: number): { command: string; group: number; cpuSeconds: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return {
    command: text.slice(text.indexOf('(') + 1, end),
    group: Number(fields[2]),
    cpuSeconds: ticks / ticksPerSecond,
  };
}

export type MachineUsage = { busySeconds: number; stolenSeconds: number; idleSeconds: number };

/** Of all processors since the machine started; undefined where there is no /proc. */
export function machineUsage(): MachineUsage | undefined {
  const line = read('/proc/stat')?.split('\n')[0];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / ticksPerSecond);
  return {
    busySeconds: user + nice + system + irq + softIrq,
    stolenSeconds: steal,
    idleSeconds: idle + wait,
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
