import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pidFile = (dataDir: string) => join(dataDir, 'broker.pid');

export const writeBrokerPid = (dataDir: string, pid: number) => writeFileSync(pidFile(dataDir), String(pid));

export const removeBrokerPid = (dataDir: string) => rmSync(pidFile(dataDir), { force: true });

/** The process group of the broker that runs on the folder now, if one does. */
export function runningBroker(dataDir: string): number | undefined {
  if (!existsSync(pidFile(dataDir))) return undefined;
  const pid = Number(readFileSync(pidFile(dataDir), 'utf8'));
  try {
    // As a group: a number given anew to some other process is seldom a group's.
    process.kill(-pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
