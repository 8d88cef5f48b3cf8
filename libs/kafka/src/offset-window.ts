/**
 * What of one partition was accepted and is finished. Records finish in any order; what may be committed is the lowest
 * offset that is not finished. Offsets are numbers: 2^53 records in one partition are out of reach.
 */
export class OffsetWindow {
  /** The next offset to commit: everything below is finished. */
  #committable: number | undefined;
  #highest = -1;
  /** Accepted offsets in order, `#head` the first that is not finished; those finished out of order are in the set. */
  #accepted: number[] = [];
  #head = 0;
  #finished = new Set<number>();
  #bytes = 0;
  #sizes = new Map<number, number>();

  /** False when this offset was accepted before: a record read again after a rebalance. */
  accept(offset: number, bytes: number): boolean {
    if (offset <= this.#highest) return false;
    this.#highest = offset;
    this.#committable ??= offset;
    this.#accepted.push(offset);
    this.#sizes.set(offset, bytes);
    this.#bytes += bytes;
    return true;
  }

  finish(offset: number): void {
    this.#bytes -= this.#sizes.get(offset) ?? 0;
    this.#sizes.delete(offset);
    this.#finished.add(offset);
    while (this.#head < this.#accepted.length && this.#finished.delete(this.#accepted[this.#head] as number)) {
      this.#committable = (this.#accepted[this.#head] as number) + 1;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#accepted.length) {
      this.#accepted = this.#accepted.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Undefined until something was accepted. */
  get committable(): number | undefined {
    return this.#committable;
  }

  get unfinished(): number {
    return this.#sizes.size;
  }

  get unfinishedBytes(): number {
    return this.#bytes;
  }
}
