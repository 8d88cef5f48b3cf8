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
  /** Of the unfinished: those that are about to be finished, with their bytes. */
  #leaving = new Map<number, number>();
  #leavingBytes = 0;

  /** False when this offset was accepted before: a record read again after a rebalance. */
  accept(offset: number, bytes: number): boolean {
    if (offset <= this.#highest) return false;
    this.#highest = offset;
    this.#unfinished.set(offset, bytes);
    this.#bytes += bytes;
    return true;
  }

  /** From now on it counts as unfinished only, not as staying. */
  leave(offset: number): void {
    const bytes = this.#unfinished.get(offset);
    if (bytes === undefined || this.#leaving.has(offset)) return;
    this.#leaving.set(offset, bytes);
    this.#leavingBytes += bytes;
  }

  finish(offset: number): void {
    this.#bytes -= this.#unfinished.get(offset) ?? 0;
    this.#unfinished.delete(offset);
    this.#leavingBytes -= this.#leaving.get(offset) ?? 0;
    this.#leaving.delete(offset);
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

  /** Unfinished, and not about to be finished. */
  get staying(): number {
    return this.#unfinished.size - this.#leaving.size;
  }

  get stayingBytes(): number {
    return this.#bytes - this.#leavingBytes;
  }
}
