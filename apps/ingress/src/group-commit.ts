/** Rows of several callers, written together. */
export type GroupCommit<Row> = {
  /** Resolves once `write` returned, rejects with what it threw; the rows are written behind all that came earlier. */
  add(rows: Row[]): Promise<void>;
  /** Writes now what waits. */
  flush(): void;
  isWaiting(): boolean;
};

/**
 * Everything added in one turn of the event loop is one `write`. While that holds the event loop, for the sync of a disk,
 * new callers queue up in their sockets, and are the next turn: the slower the disk, the more share a write.
 */
export function createGroupCommit<Row>(write: (rows: Row[]) => void): GroupCommit<Row> {
  let rows: Row[] = [];
  let current: PromiseWithResolvers<void> | undefined;

  function flush(): void {
    const batch = rows;
    const written = current;
    rows = [];
    current = undefined;
    if (!written) return;
    try {
      write(batch);
      written.resolve();
    } catch (error) {
      written.reject(error);
    }
  }

  function add(more: Row[]): Promise<void> {
    rows.push(...more);
    if (!current) {
      current = Promise.withResolvers();
      setImmediate(flush);
    }
    return current.promise;
  }

  return { add, flush, isWaiting: () => rows.length > 0 };
}
