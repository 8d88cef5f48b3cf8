import { spawn } from 'node:child_process';

/**
 * Stops a process, or with a negative number a process group, by SIGSTOP, and wakes it after `ms`. A shell does that:
 * also when this process is killed meanwhile, nothing stays stopped for ever. Gives back how to wake it earlier.
 */
export function stopForAWhile(pid: number, ms: number): () => void {
  process.kill(pid, 'SIGSTOP');
  const wakeUp = `sleep ${(ms / 1_000).toFixed(3)}; kill -CONT -- ${pid}`;
  const shell = spawn('sh', ['-c', wakeUp], { stdio: 'ignore', detached: true });
  shell.unref();
  return () => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was killed while it was stopped.
    }
  };
}
