/** Milliseconds since the machine started, to the microsecond: the same in all of its processes. */
export const sharedNowMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
