import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** A process of the benchmark's own that is asked and answers, one question after another. */
export type Child<Question, Answer> = {
  /** Also its process group. */
  pid: number;
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
};

/** Starts a file of `src`, which calls `answerParent`. It ends when this process does; it logs to `logFile`. */
export function startChild<Question extends object, Answer>(
  file: string,
  { logFile, env = {} }: { logFile: string; env?: Record<string, string> },
): Child<Question, Answer> {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', file)], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, 'exit');
  let end = (_error: Error) => {};
  const early = new Promise<never>((_, reject) => (end = reject));
  early.catch(() => {});
  void ended.then(([code]) => end(new Error(`${file} ended (${String(code)}): see ${logFile}`)));
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      const answer = once(child, 'message') as Promise<[{ answer: Answer } | { error: string }]>;
      child.send(question);
      const [reply] = await Promise.race([answer, early]);
      if ('error' in reply) throw new Error(`${file}: ${reply.error}`);
      return reply.answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
