/**
 * Builds JSON text as UTF-8. Lists of numbers are most of a rendered row; writing
 * their digits takes a third of the time of joining them as text and encoding it.
 */

/** 32-bit integers. */
export type IntegerList = Int32Array | Uint32Array | Uint8Array;

const FIRST_ROOM = 1 << 20;
/** A sign, ten digits and a comma. */
const MOST_PER_NUMBER = 12;
/** A UTF-16 unit has at most three bytes in UTF-8. */
const MOST_PER_UNIT = 3;
const ZERO = 0x30;
const COMMA = 0x2c;
const MINUS = 0x2d;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const encoder = new TextEncoder();

/** Text that grows. */
export class JsonBytes {
  #bytes = new Uint8Array(FIRST_ROOM);
  #length = 0;

  /** Adds JSON text. */
  text(json: string): void {
    this.#makeRoom(json.length * MOST_PER_UNIT);
    this.#length += encoder.encodeInto(json, this.#bytes.subarray(this.#length)).written;
  }

  /** Adds an array of numbers. */
  numbers(list: IntegerList): void {
    this.#makeRoom(list.length * MOST_PER_NUMBER + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = OPENING;
    for (let index = 0; index < list.length; index += 1) {
      if (index > 0) bytes[at++] = COMMA;
      at = writeInteger(bytes, at, list[index] ?? 0);
    }
    bytes[at++] = CLOSING;
    this.#length = at;
  }

  /** The text so far; the next one begins. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Writes the digits from the last to the first; returns the position after them. */
function writeInteger(bytes: Uint8Array, start: number, value: number): number {
  let rest = value;
  let from = start;
  if (value < 0) {
    bytes[from++] = MINUS;
    rest = -value;
  }
  const end = from + digitsOf(rest);
  for (let at = end - 1; at >= from; at -= 1) {
    const tens = Math.floor(rest / 10);
    bytes[at] = ZERO + rest - tens * 10;
    rest = tens;
  }
  return end;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let least = 10; least <= value; least *= 10) digits += 1;
  return digits;
}
