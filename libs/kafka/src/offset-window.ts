/**
 * What of one partition was accepted and is not finished. Records finish in any order; what may be committed is the lowest
 * offset that is not finished. Takes memory for what is unfinished, and for nothing else. Offsets are numbers: 2^53
 * records in one partition are out of reach.
 */
export class OffsetWindow {
  #highest = -1;
  /** The bytes of each unfinished offset. Offsets are accepted in ascending order, and a Map keeps it. */
  #unfinished = new Map<number, number>();
  #bytes = 0;

  /** False when this offset was accepted before: a record read again after a rebalance. */
  accept(offset: number, bytes: number): boolean {
    if (offset <= this.#highest) return false;
    this.#highest = offset;
    this.#unfinished.set(offset, bytes);
    this.#bytes += bytes;
    return true;
  }

  finish(offset: number): void {
    this.#bytes -= this.#unfinished.get(offset) ?? 0;
    this.#unfinished.delete(offset);
  }

  /** The next offset to commit: everything below is finished. Undefined until something was accepted. */
  get committable(): number | undefined {
    for (const offset of this.#unfinished.keys()) return offset;
    return this.#highest < 0 ? undefined : this.#highest + 1;
  }

  get unfinished(): number {
    return this.#unfinished.size;
  }

  get unfinishedBytes(): number {
    return this.#bytes;
  }
}
