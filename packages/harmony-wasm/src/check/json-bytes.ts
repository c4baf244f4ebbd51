/**
 * The fast path for objects: writes plain JSON data directly as UTF-8, reading
 * each value once. It never throws by itself: for unusual or invalid data it
 * returns undefined, and `json-text.ts` writes the value or throws the error.
 * Short strings are written in a loop, which is cheaper than a native call each.
 */

const FIRST_ROOM = 1 << 16;
/** Larger conversations are written as text: there, long strings are most of the cost. */
const MOST_ROOM = 1 << 20;
/** `json-text.ts` takes deeper data, and so every cycle. */
const DEEPEST = 128;
/** `\u001f` is the longest form of one UTF-16 unit. */
const BYTES_PER_UNIT = 6;

/** From this length on, the native calls cost less than the loop. */
const LONG_TEXT = 96;
const NEEDS_ESCAPE = /["\\\p{Cc}]/u;
const encoder = new TextEncoder();

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKETS = [0x5b, 0x5d] as const;
const BRACES = [0x7b, 0x7d] as const;
/** The form of every ASCII character within a string. */
const ESCAPES = Array.from({ length: 0x80 }, (_, unit) =>
  JSON.stringify(String.fromCharCode(unit)).slice(1, -1),
);
class Room {
  #bytes = new Uint8Array(FIRST_ROOM);
  #length = 0;
  #depth = 0;
  #isBusy = false;

  /** The bytes, valid until the next call, or undefined. */
  written(value: object): Uint8Array | undefined {
    // A getter in `value` may render another conversation.
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    this.#length = 0;
    this.#depth = 0;
    try {
      return this.#nested(value) ? this.#bytes.subarray(0, this.#length) : undefined;
    } finally {
      this.#isBusy = false;
    }
  }

  #value(value: unknown): boolean {
    if (typeof value === "string") return this.#string(value);
    if (typeof value === "object" && value !== null) return this.#nested(value);
    const isJson = typeof value === "number" ? Number.isFinite(value) : isLiteral(value);
    return isJson && this.#ascii(String(value));
  }

  #nested(value: { readonly toJSON?: unknown }): boolean {
    if (this.#depth === DEEPEST || value.toJSON !== undefined) return false;
    this.#depth += 1;
    const isWritten = Array.isArray(value) ? this.#array(value) : this.#object(value);
    this.#depth -= 1;
    return isWritten;
  }

  #array(items: readonly unknown[]): boolean {
    this.#byte(BRACKETS[0]);
    for (let index = 0; index < items.length; index += 1) {
      if (index > 0) this.#byte(COMMA);
      if (!this.#value(items[index])) return false;
    }
    return this.#byte(BRACKETS[1]);
  }

  #object(object: object): boolean {
    if (Object.prototype.toString.call(object) !== "[object Object]") return false;
    let separator: number = BRACES[0];
    for (const key of Object.keys(object)) {
      const field: unknown = Reflect.get(object, key);
      if (field === undefined) continue;
      this.#byte(separator);
      separator = COMMA;
      if (!this.#string(key)) return false;
      this.#byte(COLON);
      if (!this.#value(field)) return false;
    }
    if (separator !== COMMA) this.#byte(separator);
    return this.#byte(BRACES[1]);
  }

  #string(text: string): boolean {
    if (!this.#hasRoom(text.length * BYTES_PER_UNIT + 2)) return false;
    return text.length < LONG_TEXT ? this.#shortString(text) : this.#longString(text);
  }

  #shortString(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    bytes[this.#length] = QUOTE;
    let at = copiedPlain(text, 0, bytes, this.#length + 1);
    let end = this.#length + 1 + at;
    while (at < length) {
      const scalar = text.codePointAt(at) ?? 0;
      if (scalar >= 0xd800 && scalar <= 0xdfff) return false;
      end = scalar < 0x80 ? escaped(bytes, end, scalar) : encoded(bytes, end, scalar);
      const from = at + (scalar > 0xffff ? 2 : 1);
      at = copiedPlain(text, from, bytes, end);
      end += at - from;
    }
    bytes[end] = QUOTE;
    this.#length = end + 1;
    return true;
  }

  #longString(text: string): boolean {
    if (!text.isWellFormed()) return false;
    const inside = NEEDS_ESCAPE.test(text) ? JSON.stringify(text).slice(1, -1) : text;
    this.#byte(QUOTE);
    this.#length += encoder.encodeInto(inside, this.#bytes.subarray(this.#length)).written;
    return this.#byte(QUOTE);
  }

  #ascii(text: string): boolean {
    if (!this.#hasRoom(text.length)) return false;
    for (let at = 0; at < text.length; at += 1) this.#bytes[this.#length++] = text.charCodeAt(at);
    return true;
  }

  #byte(byte: number): boolean {
    if (!this.#hasRoom(1)) return false;
    this.#bytes[this.#length++] = byte;
    return true;
  }

  #hasRoom(needed: number): boolean {
    const least = this.#length + needed;
    return least <= this.#bytes.length || this.#grow(least);
  }

  #grow(least: number): boolean {
    if (least > MOST_ROOM) return false;
    const larger = new Uint8Array(Math.min(MOST_ROOM, Math.max(least, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    return true;
  }
}

function isLiteral(value: unknown): boolean {
  return value === null || typeof value === "boolean";
}

/**
 * Copies ASCII characters up to the first that JSON escapes or that is not ASCII;
 * returns its position. Calls inside this loop would cost a fifth of the writer.
 */
function copiedPlain(text: string, from: number, bytes: Uint8Array, start: number): number {
  let end = start;
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit > 0x7f || unit === QUOTE || unit === BACKSLASH) return at;
    bytes[end++] = unit;
  }
  return text.length;
}

/** As `JSON.stringify` escapes it, because error messages count columns. */
function escaped(bytes: Uint8Array, start: number, unit: number): number {
  const text = ESCAPES[unit] ?? "";
  for (let at = 0; at < text.length; at += 1) bytes[start + at] = text.charCodeAt(at);
  return start + text.length;
}

/** UTF-8 of a scalar that is not ASCII. */
function encoded(bytes: Uint8Array, start: number, scalar: number): number {
  let end = start;
  if (scalar < 0x800) bytes[end++] = 0xc0 | (scalar >> 6);
  else {
    if (scalar < 0x10000) bytes[end++] = 0xe0 | (scalar >> 12);
    else {
      bytes[end++] = 0xf0 | (scalar >> 18);
      bytes[end++] = 0x80 | ((scalar >> 12) & 0x3f);
    }
    bytes[end++] = 0x80 | ((scalar >> 6) & 0x3f);
  }
  bytes[end++] = 0x80 | (scalar & 0x3f);
  return end;
}

let room: Room | undefined;

/** The JSON of plain data as UTF-8, valid until the next call; undefined for all other values. */
export function jsonBytes(value: object): Uint8Array | undefined {
  room ??= new Room();
  return room.written(value);
}
