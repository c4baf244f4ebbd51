/**
 * A set of digests in bounded memory: open addressing in typed arrays, 16 bytes a
 * slot. The digests are spread over many tables that grow by a quarter, so the
 * set takes 20 to 25 bytes a digest, and growing it copies only a small part.
 */

import { DIGEST_BYTES } from "../rows/digest.ts";

const WORDS = DIGEST_BYTES / Uint32Array.BYTES_PER_ELEMENT;
/** A power of two: a table is chosen by the first bits of the digest. */
const TABLES = 256;
const FIRST_SLOTS = 16;
/** The share of slots in use at which a table grows: longer searches would cost more than memory. */
const FULL = 0.8;
const GROWTH = 1.25;
const WORD_RANGE = 2 ** 32;

/** The set would take more memory than it may. */
export class DigestSetFull extends Error {}

/** Digests that have been seen. */
export class DigestSet {
  readonly #tables: Table[] = Array.from({ length: TABLES }, () => new Table(FIRST_SLOTS));
  readonly #mostBytes: number;
  #size = 0;
  #bytes = TABLES * FIRST_SLOTS * DIGEST_BYTES;

  /** A set that throws {@link DigestSetFull} before it takes more than `mostBytes`. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The number of digests. */
  get size(): number {
    return this.#size;
  }

  /** The bytes that the set takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds digests, which lie end to end; returns a 1 for each that is new. */
  add(digests: Uint8Array): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(Uint8Array.from(digests).buffer);
    const isNew = new Uint8Array(words.length / WORDS);
    for (let index = 0; index < isNew.length; index += 1) {
      isNew[index] = Number(this.#addOne(words, index * WORDS));
    }
    return isNew;
  }

  #addOne(words: Uint32Array, at: number): boolean {
    const number = (words[at] ?? 0) % TABLES;
    const table = this.#tables[number];
    if (!table?.add(words, at)) return false;
    this.#size += 1;
    if (table.isFull) this.#grow(number, table);
    return true;
  }

  #grow(number: number, table: Table): void {
    const slots = Math.ceil(table.slots * GROWTH);
    const bytes = this.#bytes + (slots - table.slots) * DIGEST_BYTES;
    if (bytes > this.#mostBytes) throw new DigestSetFull();
    this.#tables[number] = table.grownTo(slots);
    this.#bytes = bytes;
  }
}

/** One table; a slot of zeros is empty, which no digest is but with a chance of 2^-128. */
class Table {
  readonly slots: number;
  readonly #words: Uint32Array;
  #used = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.#words = new Uint32Array(slots * WORDS);
  }

  get isFull(): boolean {
    return this.#used > this.slots * FULL;
  }

  /** Adds the digest at a place in `words`; returns whether it is new. */
  add(words: Uint32Array, at: number): boolean {
    let slot = Math.floor(((words[at + 1] ?? 0) / WORD_RANGE) * this.slots) * WORDS;
    while (!this.#isEmpty(slot)) {
      if (this.#isEqual(slot, words, at)) return false;
      slot = slot + WORDS === this.#words.length ? 0 : slot + WORDS;
    }
    for (let word = 0; word < WORDS; word += 1) this.#words[slot + word] = words[at + word] ?? 0;
    this.#used += 1;
    return true;
  }

  /** The same digests in a larger table. */
  grownTo(slots: number): Table {
    const larger = new Table(slots);
    for (let slot = 0; slot < this.#words.length; slot += WORDS) {
      if (!this.#isEmpty(slot)) larger.add(this.#words, slot);
    }
    return larger;
  }

  #isEmpty(slot: number): boolean {
    for (let word = 0; word < WORDS; word += 1) if (this.#words[slot + word] !== 0) return false;
    return true;
  }

  #isEqual(slot: number, words: Uint32Array, at: number): boolean {
    for (let word = 0; word < WORDS; word += 1) {
      if (this.#words[slot + word] !== words[at + word]) return false;
    }
    return true;
  }
}
