import { createRequire } from 'node:module';

type RequestQueue = {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  pending: unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
};

let quiet = false;

/**
 * Mends two faults of kafkajs 2.2.4, once per process.
 *
 * Its request queue re-arms a timer after every check even when nothing waits, which wakes each connection about every
 * millisecond for ever (tulios/kafkajs#1556). Here the timer is armed only while requests wait; a queue that is merely
 * full is checked by every answer that arrives, as kafkajs does itself.
 *
 * The same line computes a delay in the past, which Node 24 reports as a TimeoutNegativeWarning (tulios/kafkajs#1751);
 * with the delay bounded below, there is nothing left to warn about.
 */
export function quietKafkajs(): void {
  if (quiet) return;
  quiet = true;
  const load = createRequire(import.meta.url);
  const queue = (load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype;
  queue.scheduleCheckPendingRequests = function scheduleCheckPendingRequests() {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(10, this.throttledUntil - Date.now()),
    );
  };
}
