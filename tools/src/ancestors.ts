import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const checkEveryMs = 1_000;

/**
 * Calls back once when this process has lost its parent, or npm has gone from above it: npm starts a script by a shell, which
 * lives on when npm is killed. Does nothing for a process that npm did not start: that may outlive its parent.
 */
export function whenNpmIsGone(act: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const links = linksUpToNpm();
  const timer = setInterval(() => {
    if (links.every(({ child, parent }) => parentOf(child) === parent)) return;
    clearInterval(timer);
    act();
  }, checkEveryMs);
  timer.unref();
}

/** From this process upwards, who is whose child. */
function linksUpToNpm(): { child: number; parent: number }[] {
  const links = [{ child: process.pid, parent: process.ppid }];
  for (const { parent } of links) {
    const next = isNpm(parent) || links.length === 4 ? undefined : parentOf(parent);
    if (next !== undefined && next > 1) links.push({ child: parent, parent: next });
  }
  const last = links.at(-1);
  return last !== undefined && isNpm(last.parent) ? links : links.slice(0, 1);
}

const isNpm = (pid: number) => /(^|\/)npm(-cli\.js)?([\s\0]|$)/.test(commandOf(pid));

function parentOf(pid: number): number | undefined {
  if (pid === process.pid) return process.ppid;
  if (process.platform !== 'linux') return Number(ps(pid, 'ppid')) || undefined;
  // "pid (name, perhaps with spaces) state parent …"
  return Number(proc(pid, 'stat')?.split(') ').at(-1)?.split(' ')[1]) || undefined;
}

function commandOf(pid: number): string {
  return (process.platform === 'linux' ? proc(pid, 'cmdline') : ps(pid, 'args')) ?? '';
}

function proc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}
