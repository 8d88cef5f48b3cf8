/** So many may leave before it is worth a new set. */
const few = 64;

/**
 * A set for what stays for a short time, in the order of its coming. Use it where a `Set` lives long and is always
 * changing: V8 links each table that a `Set` has outgrown to the next one. Once the first of them is in the old
 * generation, scavenges keep all of them and what they held, until a full collection; here they end with their set.
 */
export class PassingSet<T> {
  #all = new Set<T>();
  #gone = 0;

  add(one: T): void {
    this.#all.add(one);
  }

  has(one: T): boolean {
    return this.#all.has(one);
  }

  delete(one: T): void {
    if (!this.#all.delete(one)) return;
    this.#gone += 1;
    if (this.#gone < few || this.#gone < this.#all.size) return;
    this.#all = new Set(this.#all);
    this.#gone = 0;
  }

  clear(): void {
    this.#all = new Set();
    this.#gone = 0;
  }

  get size(): number {
    return this.#all.size;
  }

  /** What is deleted meanwhile may still come. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#all.values();
  }
}
