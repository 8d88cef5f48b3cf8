import type { Log } from '@bridge/service';
import type { SpoolDatabase } from './spool-database.ts';

export type WatchedDatabase = SpoolDatabase & {
  /** Why the last read or write failed; empty when they did not. */
  trouble(): string;
  /** True from a write that failed to one that succeeds. */
  cannotWrite(): boolean;
};

/** The same database, which remembers its failures: said once when they begin, and once when they end. */
export function watchDatabase(database: SpoolDatabase, log: Pick<Log, 'error' | 'info'>): WatchedDatabase {
  const reads = createWatch('read', log);
  const writes = createWatch('written', log);
  return {
    ...database,
    insert: writes.watch(database.insert),
    removeUpTo: writes.watch(database.removeUpTo),
    setAside: writes.watch(database.setAside),
    tryWriting: writes.watch(database.tryWriting),
    oldest: reads.watch(database.oldest),
    trouble: () => writes.trouble() || reads.trouble(),
    cannotWrite: () => writes.trouble() !== '',
  };
}

function createWatch(what: 'read' | 'written', log: Pick<Log, 'error' | 'info'>) {
  let trouble = '';
  const watch =
    <A extends unknown[], R>(work: (...given: A) => R) =>
    (...given: A): R => {
      try {
        const result = work(...given);
        if (trouble !== '') log.info({}, `the spool can be ${what} again`);
        trouble = '';
        return result;
      } catch (error) {
        if (trouble === '') log.error({ err: error }, `the spool can't be ${what}`);
        trouble = error instanceof Error ? error.message : String(error);
        throw error;
      }
    };
  return { watch, trouble: () => trouble };
}
