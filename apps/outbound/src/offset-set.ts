const offsetsPerBlock = 1 << 13;

/** Offsets of a partition, a bit each: a million of them in a row take 128 KiB. */
export class OffsetSet {
  #blocks = new Map<number, Uint8Array>();

  add(offset: number): void {
    const number = Math.floor(offset / offsetsPerBlock);
    const block = this.#blocks.get(number) ?? new Uint8Array(offsetsPerBlock / 8);
    this.#blocks.set(number, block);
    const bit = offset % offsetsPerBlock;
    block[bit >> 3] = (block[bit >> 3] ?? 0) | (1 << (bit & 7));
  }

  has(offset: number): boolean {
    const bit = offset % offsetsPerBlock;
    const byte = this.#blocks.get(Math.floor(offset / offsetsPerBlock))?.[bit >> 3] ?? 0;
    return (byte & (1 << (bit & 7))) !== 0;
  }
}
