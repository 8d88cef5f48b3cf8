/** The process' exit code for an error: its own numeric `exitCode` (78 configuration, 69 no broker, 70 consumer lost), else 1. */
export function exitCodeOf(error: unknown): number {
  const own = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined;
  return typeof own === 'number' && Number.isInteger(own) && own > 0 && own < 256 ? own : 1;
}
