import { hash } from 'node:crypto';

/** Stands for a text: 128 bits of its SHA-256. That one of 50,000 others has the same has a probability of 10^-34. */
export type Mark = { one: number; two: number; three: number; four: number };

export function markOf(text: string): Mark {
  const digest = hash('sha256', text, 'binary');
  return { one: wordAt(digest, 0), two: wordAt(digest, 4), three: wordAt(digest, 8), four: wordAt(digest, 12) };
}

/** Four bytes, of which each is a character. */
function wordAt(bytes: string, at: number): number {
  const [one, two] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1)];
  return one | (two << 8) | (bytes.charCodeAt(at + 2) << 16) | (bytes.charCodeAt(at + 3) << 24);
}

const wordsOfMark = 4;
const none = -1;

/**
 * A time for each mark, in the order in which they were noted: a `Map<Mark, number>` in a fifth of the memory, and with
 * nothing in it that the garbage collector follows. It is a hash table whose entries are only ever put behind the others,
 * and given up from the front; when the arrays are full, what is left moves to new ones.
 */
export class RecentMarks {
  #size = 0;
  /** The first entry that counts. */
  #start = 0;
  #end = 0;
  // Of each entry: its mark, its time (NaN once its mark was noted again), and the entry before it in the same bucket.
  #words!: Int32Array;
  #times!: Float64Array;
  #before!: Int32Array;
  /** The last entry of each bucket. */
  #last!: Int32Array;

  /** Has room for so many marks; makes more when it is needed. */
  constructor(room = 0) {
    this.#allocate(room);
  }

  get size(): number {
    return this.#size;
  }

  /** The time of the mark that was noted longest ago. */
  get oldest(): number | undefined {
    return this.#size === 0 ? undefined : this.#times[this.#start];
  }

  get(mark: Mark): number | undefined {
    const entry = this.#find(mark);
    return entry === none ? undefined : this.#times[entry];
  }

  has(mark: Mark): boolean {
    return this.#find(mark) !== none;
  }

  /** Makes the mark the newest. Its time becomes this one, or stays, whichever is later. */
  note(mark: Mark, time: number): void {
    const known = this.#find(mark);
    const latest = known === none ? time : Math.max(time, this.#times[known] as number);
    this.#giveUp(known);
    if (this.#end === this.#times.length) this.#makeRoom();
    const at = this.#end * wordsOfMark;
    this.#words[at] = mark.one;
    this.#words[at + 1] = mark.two;
    this.#words[at + 2] = mark.three;
    this.#words[at + 3] = mark.four;
    this.#append(latest);
  }

  deleteOldest(): void {
    this.#giveUp(this.#size === 0 ? none : this.#start);
  }

  #find({ one, two, three, four }: Mark): number {
    const words = this.#words;
    let entry = this.#last[this.#bucketOf(one)] as number;
    for (; entry >= this.#start; entry = this.#before[entry] as number) {
      const at = entry * wordsOfMark;
      // The last one of a mark comes first.
      if (words[at] === one && words[at + 1] === two && words[at + 2] === three && words[at + 3] === four) return entry;
    }
    return none;
  }

  #giveUp(entry: number): void {
    if (entry === none) return;
    this.#times[entry] = Number.NaN;
    this.#size -= 1;
    while (this.#start < this.#end && Number.isNaN(this.#times[this.#start])) this.#start += 1;
  }

  /** An entry whose mark is in its place already. */
  #append(time: number): void {
    const bucket = this.#bucketOf(this.#words[this.#end * wordsOfMark] as number);
    this.#times[this.#end] = time;
    this.#before[this.#end] = this.#last[bucket] as number;
    this.#last[bucket] = this.#end;
    this.#end += 1;
    this.#size += 1;
  }

  #bucketOf(word: number): number {
    return (word >>> 0) % this.#last.length;
  }

  #allocate(room: number): void {
    this.#words = new Int32Array(room * wordsOfMark);
    this.#times = new Float64Array(room);
    this.#before = new Int32Array(room);
    this.#last = new Int32Array(Math.max(1, room)).fill(none);
  }

  #makeRoom(): void {
    const [words, times, start, end] = [this.#words, this.#times, this.#start, this.#end];
    this.#allocate(Math.ceil(this.#size * 1.5) + 8);
    this.#size = this.#start = this.#end = 0;
    for (let entry = start; entry < end; entry += 1) {
      const time = times[entry] as number;
      if (Number.isNaN(time)) continue;
      this.#words.set(words.subarray(entry * wordsOfMark, (entry + 1) * wordsOfMark), this.#end * wordsOfMark);
      this.#append(time);
    }
  }
}
