/**
 * Keyed queues: the tasks of one lane run one after the other in the order given, lanes run side by side. A task must
 * not reject. An empty lane takes no memory.
 */
export class Lanes {
  #tails = new Map<string, (() => Promise<void>)[]>();

  push(lane: string, task: () => Promise<void>): void {
    const waiting = this.#tails.get(lane);
    if (waiting) {
      waiting.push(task);
      return;
    }
    const queue = [task];
    this.#tails.set(lane, queue);
    void this.#run(lane, queue);
  }

  /** How many lanes hold a task. */
  get busy(): number {
    return this.#tails.size;
  }

  async #run(lane: string, queue: (() => Promise<void>)[]): Promise<void> {
    for (let task = queue[0]; task; task = queue[0]) {
      await task();
      queue.shift();
    }
    this.#tails.delete(lane);
  }
}
