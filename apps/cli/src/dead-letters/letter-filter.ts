import type { Command } from 'commander';
import type { DeadLetter } from './dead-letter.ts';
import { moment } from '../option-values.ts';

/** Which dead letters are meant; `since` and `until` are moments in UTC. */
export type LetterFilter = {
  connection?: string;
  reason?: string;
  stage?: string;
  since?: string;
  until?: string;
};

/** Gives a command the options that choose dead letters. */
export function addLetterFilter(command: Command): Command {
  return command
    .option('--connection <id>', 'only the letters of this connection')
    .option('--reason <reason>', 'only those given up on for this reason, such as unroutable or rejected')
    .option('--stage <stage>', 'only those given up on by this app: router or outbound')
    .option('--since <moment>', 'only those from this moment on, such as 2026-11-23T12:00:00Z', moment)
    .option('--until <moment>', 'only those before this moment', moment);
}

export function isMeant(letter: DeadLetter, { connection, reason, stage, since, until }: LetterFilter): boolean {
  return (
    (connection === undefined || letter.identity.connection === connection) &&
    (reason === undefined || letter.reason === reason) &&
    (stage === undefined || letter.stage === stage) &&
    (since === undefined || letter.timestampMs >= Date.parse(since)) &&
    (until === undefined || letter.timestampMs < Date.parse(until))
  );
}
