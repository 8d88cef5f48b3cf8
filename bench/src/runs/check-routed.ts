import { z } from 'zod';
import { indexOfEvent } from '../world/inbound-backlog.ts';

const value = z.object({ id: z.string() });

/**
 * Checks what a router wrote of the events 0 to `count`: each once, none missing, and those of a key in their order. Of an
 * event's value it looks at `id` only, so that a peer's envelope may be its own.
 */
export function createRoutedCheck(count: number) {
  const seen = new Uint8Array(count);
  const latest = new Map<string, number>();
  let foreign = 0;
  let repeated = 0;
  let disordered = 0;
  let written = 0;

  function take({ key, value: text }: { key: string | null; value: string | null }): void {
    const index = indexOf(text);
    if (key === null || index === undefined || index >= count) {
      foreign += 1;
      return;
    }
    written += 1;
    if (seen[index] === 1) {
      repeated += 1;
      return;
    }
    seen[index] = 1;
    if (index < (latest.get(key) ?? -1)) disordered += 1;
    latest.set(key, Math.max(index, latest.get(key) ?? -1));
  }

  function report() {
    const missing = count - (written - repeated);
    return { written, repeated, missing, disordered, foreign };
  }
  return { take, report };
}

function indexOf(text: string | null): number | undefined {
  try {
    const parsed = value.safeParse(JSON.parse(text ?? ''));
    return parsed.success ? indexOfEvent(parsed.data.id) : undefined;
  } catch {
    return undefined;
  }
}
