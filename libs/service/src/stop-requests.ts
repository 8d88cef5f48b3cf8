/** A terminal and npm may both pass on one Ctrl-C: what follows so closely is no second wish. */
const samePressMs = 500;

export type StopRequests = {
  /** The first SIGTERM or SIGINT, or the end of the parent process. */
  onStop: (reason: string) => void;
  /** A later SIGTERM or SIGINT. */
  onForce: (signal: string) => void;
  /** An exception that nobody caught, or a rejection that nobody handled. */
  onCrash: (error: unknown) => void;
};

/**
 * Listens for all that ends a process from outside or by accident. The parent's end shows as the closed ipc channel
 * of a child that was spawned with one; it can't be missed, even when the parent is killed.
 *
 * @returns how to stop listening.
 */
export function watchStopRequests({ onStop, onForce, onCrash }: StopRequests): () => void {
  let firstSignalAt: number | undefined;
  const onSignal = (signal: string) => {
    if (firstSignalAt === undefined) {
      firstSignalAt = performance.now();
      onStop(signal);
    } else if (performance.now() - firstSignalAt > samePressMs) onForce(signal);
  };
  const onParentGone = () => onStop('the parent process is gone');

  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('uncaughtException', onCrash);
  if (process.connected) process.on('disconnect', onParentGone);
  else if (process.send) queueMicrotask(onParentGone);
  return () => {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('uncaughtException', onCrash);
    process.off('disconnect', onParentGone);
  };
}
