/** Work of a lane. It must not reject. `goOn` lets the lane go on with the next before this one has ended. */
export type LaneTask = (goOn: () => void) => Promise<void>;

/**
 * Keyed queues: the tasks of one lane run one after the other in the order given, lanes run side by side. An empty lane
 * takes no memory.
 */
export class Lanes {
  #queues = new Map<string, LaneTask[]>();
  #running = 0;

  push(lane: string, task: LaneTask): void {
    const waiting = this.#queues.get(lane);
    if (waiting) {
      waiting.push(task);
      return;
    }
    const queue = [task];
    this.#queues.set(lane, queue);
    void this.#run(lane, queue);
  }

  /** Whether a task waits or runs. */
  get isBusy(): boolean {
    return this.#queues.size > 0 || this.#running > 0;
  }

  async #run(lane: string, queue: LaneTask[]): Promise<void> {
    for (let task = queue[0]; task; task = queue[0]) {
      await this.#begin(task);
      queue.shift();
    }
    this.#queues.delete(lane);
  }

  /** Resolves when the next one may begin. */
  #begin(task: LaneTask): Promise<void> {
    this.#running += 1;
    return new Promise((goOn) => {
      void task(goOn).then(() => {
        this.#running -= 1;
        goOn();
      });
    });
  }
}
