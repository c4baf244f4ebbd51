/**
 * JSON that is not one value per line: a JSON array of rows, and pretty-printed
 * values. Both become lines, but only if the beginning of the input leaves no
 * doubt: a broken line among JSON lines stays one rejected row.
 */

import { CommandError } from "../exit.ts";
import { appended } from "../files/bytes.ts";
import { parsedJson } from "../files/parsed-json.ts";

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;
const OPENING = new Set([0x5b, OBJECT]);
const CLOSING = new Set([0x5d, 0x7d]);
/** The most that is read to find the layout. */
const MOST_HEAD_BYTES = 1024 * 1024;
/** The fields of a message; a list of objects with one of them is a conversation. */
const MESSAGE_FIELDS = ["role", "from"];

/** The layout of JSON text: a value per line, values over several lines, or one array of rows. */
type JsonLayout = "lines" | "values" | "array";

/** The layout by the beginning of an input; undefined if more of it could decide. */
function layoutOf(head: Uint8Array, isWhole: boolean): JsonLayout | undefined {
  const start = head.findIndex((byte) => !isIgnored(byte));
  if (start < 0) return isWhole ? "lines" : undefined;
  if (!OPENING.has(head[start] ?? 0) || hasLineWithObject(head.subarray(start))) return "lines";
  const value = firstValue(head.subarray(start));
  const content = value && parsed(value);
  if (value && content !== undefined) {
    const rest = head.subarray(start + value.length);
    const isUndecided = !isWhole && rest.every(isIgnored) && !rest.includes(LINE_FEED);
    return isUndecided ? undefined : layoutOfValue(value, content, rest);
  }
  const element = head[start] === 0x5b ? firstValue(head.subarray(start + 1)) : undefined;
  if (element && isRow(parsed(element))) return "array";
  const isLine = value !== undefined || (element && isMessage(parsed(element)));
  return isWhole || (isLine && head.includes(LINE_FEED)) ? "lines" : undefined;
}

/** Whether the first line is one object, as of nearly all inputs; saves looking at each of its bytes. */
function hasLineWithObject(head: Uint8Array): boolean {
  const end = head.indexOf(LINE_FEED);
  return head[0] === OBJECT && end > 0 && parsed(head.subarray(0, end)) !== undefined;
}

/** By the first whole value of an input: its lines, its type, and whether anything follows it. */
function layoutOfValue(value: Uint8Array, content: unknown, rest: Uint8Array): JsonLayout {
  const isOnly = rest.every(isIgnored);
  if (Array.isArray(content) && isOnly && isRow(content[0])) return "array";
  return value.includes(LINE_FEED) ? "values" : "lines";
}

/** The chunks of an input with one value per line; an error names the input. */
export async function* asLines(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const rest = chunks[Symbol.asyncIterator]();
  try {
    const { head, layout } = await headOf(rest);
    const scanner =
      layout === "lines" ? undefined : new ValueScanner(layout === "array" ? 1 : 0, name);
    yield scanner?.push(head) ?? head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      yield scanner?.push(next.value) ?? next.value;
    }
    scanner?.end();
  } finally {
    await rest.return?.(); // Closes a file that is not read to its end.
  }
}

/** Whether the input has one value per line. */
export async function hasLines(chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    return (await headOf(iterator)).layout === "lines";
  } finally {
    await iterator.return?.();
  }
}

/** Reads until the layout is certain: for JSON lines, up to the first line feed. */
async function headOf(chunks: AsyncIterator<Uint8Array>) {
  let head: Uint8Array = new Uint8Array(0);
  for (;;) {
    const next = await chunks.next();
    if (!next.done) head = head.length === 0 ? next.value : appended([head, next.value]);
    const layout = layoutOf(head, next.done === true || head.length >= MOST_HEAD_BYTES);
    if (layout) return { head, layout };
  }
}

/** The first object or list, if all of it is there. */
function firstValue(bytes: Uint8Array): Uint8Array | undefined {
  const scanner = new ValueScanner(0);
  const from = bytes.findIndex((byte) => !isIgnored(byte));
  for (let at = 0; at < bytes.length; at += 1) {
    if (scanner.step(bytes[at] ?? 0) === "end") return bytes.subarray(from, at + 1);
  }
  return undefined;
}

/** Finds the ends of objects and lists. */
class ValueScanner {
  /** The level at which rows begin: 1 inside one array. */
  readonly #rowLevel: number;
  readonly #name: string;
  #level = 0;
  #isInString = false;
  #isEscaped = false;
  #rows = 0;

  constructor(rowLevel: number, name = "") {
    this.#rowLevel = rowLevel;
    this.#name = name;
  }

  /** The rows of a chunk; a line feed ends each, and none is inside one. */
  push(chunk: Uint8Array): Uint8Array {
    const lines = new Uint8Array(chunk.length * 2);
    let length = 0;
    for (const byte of chunk) {
      const place = this.step(byte);
      if (place === "stray") this.#refuse(byte);
      if (place === "between") continue;
      lines[length++] = byte === LINE_FEED || byte === 0x0d ? SPACE : byte;
      if (place !== "end") continue;
      lines[length++] = LINE_FEED;
      this.#rows += 1;
    }
    return lines.subarray(0, length);
  }

  /** Fails if an array ends between two rows: its file was cut off. A row that is cut is rejected. */
  end(): void {
    if (this.#rowLevel !== 1 || this.#level !== 1) return;
    throw new CommandError(
      `${this.#name}: the input is a JSON array without its end after row ${this.#rows - 1}: rows may be missing, so check whether the file is whole`,
    );
  }

  #refuse(byte: number): never {
    const what = this.#rowLevel === 1 ? "a JSON array" : "JSON values over several lines";
    const found = JSON.stringify(String.fromCharCode(byte));
    const advice = "write one conversation per line, or check where the file is damaged";
    throw new CommandError(
      `${this.#name}: the input is ${what} with ${found} after row ${this.#rows - 1}: ${advice}`,
    );
  }

  /** Where a byte is: between rows, in a row, at its end, or where no row can be. */
  step(byte: number): "between" | "in" | "end" | "stray" {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
      return "in";
    }
    if (OPENING.has(byte)) {
      this.#level += 1;
      return this.#level > this.#rowLevel ? "in" : "between";
    }
    if (this.#level > this.#rowLevel) return this.#stepIn(byte);
    if (CLOSING.has(byte) && this.#level > 0) {
      this.#level -= 1;
      return "between";
    }
    return isIgnored(byte) || (byte === COMMA && this.#level > 0) ? "between" : "stray";
  }

  #stepIn(byte: number): "in" | "end" {
    if (byte === QUOTE) this.#isInString = true;
    if (CLOSING.has(byte)) this.#level -= 1;
    return this.#level === this.#rowLevel ? "end" : "in";
  }
}

function isIgnored(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d) || BYTE_ORDER_MARK.includes(byte);
}

function parsed(bytes: Uint8Array): unknown {
  return parsedJson(new TextDecoder().decode(bytes));
}

function isMessage(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && MESSAGE_FIELDS.some((name) => name in value)
  );
}

/** Whether a value can be a row: an object that is not a message, or a list of messages. */
function isRow(value: unknown): boolean {
  if (Array.isArray(value)) return isMessage(value[0]);
  return typeof value === "object" && value !== null && !isMessage(value);
}
