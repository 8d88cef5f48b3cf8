import type { Memory } from './account.ts';

const everyMs = 500;

/** Looks at the resident memory of a process again and again, and at the end of each third of what it goes through. */
export async function watchMemory(resident: () => Promise<number>) {
  const begin = await resident();
  const memory: Memory = { begin, thirds: [], most: begin };
  const look = async () => {
    const now = await resident();
    memory.most = Math.max(memory.most, now);
    return now;
  };
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  return {
    memory,
    thirdOver: async () => void memory.thirds.push(await look()),
    stop: () => clearInterval(timer),
  };
}
