import type { Log } from './log.ts';

/**
 * Lets the process end by itself, so that whatever flushes on `beforeExit` (traces) can. What still keeps it alive
 * after the grace is named in the log, the flush gets its turn, and the process ends by force.
 */
export function endProcess(exitCode: number, log: Log, graceMs = 1_000): void {
  process.exitCode = exitCode;
  let endsByItself = false;
  process.once('beforeExit', () => {
    endsByItself = true;
  });
  setTimeout(() => {
    if (!endsByItself) {
      log.warn({ open: process.getActiveResourcesInfo() }, 'something still keeps the process alive: ending it');
      process.emit('beforeExit', exitCode);
    }
    setTimeout(() => process.exit(exitCode), graceMs);
  }, graceMs).unref();
}
