import type { CommandContext } from './command-context.ts';

const intervalMs = 2_000;

/** Counts work that may be long, and says every two seconds how far it is; work that is quick says nothing. */
export function createProgress(
  { note }: Pick<CommandContext, 'note'>,
  what: string,
  total: number,
): (count?: number) => void {
  let done = 0;
  let lastMs = Date.now();
  return (count = 1) => {
    done += count;
    const now = Date.now();
    if (now - lastMs < intervalMs) return;
    lastMs = now;
    note(`${what}: ${done} of ${total}…`);
  };
}
