import { closeSync, openSync, readFileSync } from 'node:fs';
import { startSupervised } from '@bridge/tools/supervised';
import type { Contestant } from './contestant.ts';

/** What was given as `--baseline NAME=COMMAND` or `--baseline NAME=http://…`. */
export type BaselineOption = { name: string; command: string };

const isUrl = (command: string) => /^https?:\/\//.test(command);

/** A peer that the user names. Nobody knows more of it than that it does the work at least once. */
export function baseline({ name, command }: BaselineOption): Contestant {
  if (isUrl(command)) return runningBaseline(name, new URL(command));
  return commandContestant({ name, promises: 'at-least-once', command: ['sh', '-c', command] });
}

const runningBaseline = (name: string, url: URL): Contestant => ({
  name,
  promises: 'nothing',
  url,
  start: () => ({ groups: [], ready: Promise.resolve(), died: () => undefined, stop: async () => {} }),
});

/** A contestant that is a command. It ends when this process does. */
export function commandContestant(options: {
  name: string;
  promises: Contestant['promises'];
  command: string[];
}): Contestant {
  const { name, promises, command } = options;
  return {
    name,
    promises,
    start({ env, logFile }) {
      const log = openSync(logFile, 'w');
      const child = startSupervised(command, { output: log, env });
      closeSync(log);
      const lastLines = () => readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
      return {
        groups: [child.pid],
        ready: Promise.resolve(),
        died: () =>
          child.exitCode() === undefined ? undefined : `${name} ended. The end of ${logFile}:\n${lastLines()}`,
        stop: child.stop,
      };
    },
  };
}
