/**
 * One instance of the wasm with its own glue; every call goes through it.
 * wasm-bindgen's glue is a singleton, so the build turns it into a factory: two
 * instances can coexist, and one that trapped can be replaced. A call that fails
 * with an error other than ours leaves the instance in an unknown state; every
 * later call throws `instance_lost`.
 */

import { HarmonyError, type HarmonyErrorCode } from "./errors.js";
import type {
  BoundaryEncoding,
  BoundaryEventParser,
  BoundaryParser,
  Glue,
} from "./generated/glue.js";
import { createGlue } from "./generated/glue.js";
import { chunksOf, isLong } from "./text-chunks.js";
import { Role, type TokenIds } from "./types.js";
import { prefersUtf16, writeUtf16 } from "./utf16.js";

/** The error that the boundary throws; it always has these three fields. */
interface BoundaryError extends Error {
  code: HarmonyErrorCode;
  path: string | undefined;
  index: number | undefined;
}

/**
 * Checks the fields, not the code: with a code that this facade does not know it
 * is still an error, and the instance keeps working. Node's own errors have a
 * code too, but no path and index.
 */
export function isBoundaryError(error: unknown): error is BoundaryError {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return false;
  return "path" in error && "index" in error;
}

const SPECIAL_ADVICE =
  "To encode it as a special token, name it in `allowedSpecial`. " +
  "To encode it as ordinary text, leave it out of `disallowedSpecial`.";

/** What the facade adds to a message: upstream's does not name the options, nor the roles. */
function adviceOf({ code, path }: BoundaryError): string {
  if (code === "disallowed_special") return `\n${SPECIAL_ADVICE}`;
  // One in a conversation has a path, and upstream's message has the roles.
  if (code !== "unknown_role" || path !== undefined) return "";
  return `\nExpected one of ${Object.values(Role).join(", ")}.`;
}

function asHarmonyError(error: BoundaryError): HarmonyError {
  const { code, message, path, index } = error;
  return new HarmonyError(code, message + adviceOf(error), { path, index });
}

/** An encoding's constants. */
export interface Constants {
  name: string;
  tokenizerName: string;
  maxMessageTokens: number;
  specialTokens: [text: string, id: number][];
  stopTokens: number[];
  stopTokensForAssistantActions: number[];
}

/** A call that reads the `length` bytes written before it. */
export type TextCall<T> = (encoding: BoundaryEncoding, length: number) => T;

/** Up to this length, a loop is faster than a call of TextEncoder. */
const SHORT_TEXT = 32;
/** A UTF-16 unit has at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
const counted: TextCall<number> = (encoding, length) => encoding.encode_ordinary(length);
const encoder = new TextEncoder();
/** A byte order mark is part of the text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A wasm instance with its encoding. */
export class WasmInstance {
  readonly #glue: Glue;
  readonly #encoding: BoundaryEncoding;
  readonly #memory: WebAssembly.Memory;
  /** The view of the wasm's memory that texts are written to. */
  #room = new Uint8Array(0);
  /** The view of all of the wasm's memory that texts are read from. */
  #view = new Uint8Array(0);
  #lost: unknown;

  /** Instantiates `module` and builds the tables of the encoding `name`. */
  constructor(module: WebAssembly.Module, name: string) {
    this.#glue = createGlue();
    const instance = new WebAssembly.Instance(module, this.#glue.imports);
    this.#glue.start(instance.exports);
    this.#memory = memoryOf(instance.exports);
    this.#encoding = this.#guarded(() => new this.#glue.Encoding(name));
  }

  /** Whether the instance has trapped. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** The encoding's constants. */
  constants(): Constants {
    return JSON.parse(this.call((encoding) => encoding.constants()));
  }

  /** Runs one call on the encoding. */
  call<T>(operation: (encoding: BoundaryEncoding) => T): T {
    return this.#guarded(() => operation(this.#encoding));
  }

  /** Writes one text, or the UTF-8 of one, and runs a call on it. */
  callWithText<T>(text: string | Uint8Array, operation: TextCall<T>): T {
    return this.#guarded(() => operation(this.#encoding, this.#write(text)));
  }

  /** Runs an encoding call, which returns the number of tokens, on a text; gives the tokens. */
  encodeWhole(text: string, operation: TextCall<number>): TokenIds {
    const count = this.callWithText(text, operation);
    return new Uint32Array(this.#memory.buffer, this.#encoding.tokens(), count).slice();
  }

  /** Runs an encoding call on each chunk of a text and joins the tokens. */
  encodeInChunks(text: string, operation: TextCall<number>): TokenIds {
    if (!isLong(text)) return this.encodeWhole(text, operation);
    const chunks: Uint32Array[] = [];
    for (const chunk of chunksOf(text)) chunks.push(this.encodeWhole(chunk, operation));
    return joined(chunks);
  }

  /** The number of tokens of a text without special tokens. */
  countInChunks(text: string): number {
    if (!isLong(text)) return this.callWithText(text, counted);
    let count = 0;
    for (const chunk of chunksOf(text)) count += this.callWithText(chunk, counted);
    return count;
  }

  /** Writes a text as UTF-8 and returns its length in bytes. */
  #write(text: string | Uint8Array): number {
    if (typeof text !== "string") {
      this.#roomFor(text.length).set(text);
      return text.length;
    }
    if (prefersUtf16(text)) return this.#writeUtf16(text);
    const room = this.#roomFor(text.length * BYTES_PER_UNIT);
    const ascii = text.length <= SHORT_TEXT ? writtenAscii(text, room) : 0;
    return ascii === text.length ? ascii : encoder.encodeInto(text, room).written;
  }

  /** Writes a text as UTF-16, which the wasm converts; returns its length as UTF-8. */
  #writeUtf16(text: string): number {
    const start = this.#encoding.utf16_start(text.length);
    const room = this.#roomFor(start + 2 * text.length);
    writeUtf16(text, room.buffer, room.byteOffset + start);
    return this.#encoding.read_utf16(text.length);
  }

  /** At least `size` bytes of the wasm's memory. */
  #roomFor(size: number): Uint8Array {
    if (this.#room.length < size || this.#room.buffer !== this.#memory.buffer) {
      const start = this.#encoding.input(size);
      this.#room = new Uint8Array(this.#memory.buffer, start, size);
    }
    return this.#room;
  }

  /** Decodes UTF-8 from the wasm's memory. */
  textAt(start: number, length: number): string {
    if (this.#view.buffer !== this.#memory.buffer) {
      this.#view = new Uint8Array(this.#memory.buffer);
    }
    const ascii = length <= SHORT_TEXT ? readAscii(this.#view, start, length) : undefined;
    return ascii ?? decoder.decode(this.#view.subarray(start, start + length));
  }

  /** Runs one call on a streaming parser. */
  callParser<T>(parser: BoundaryParser, operation: (parser: BoundaryParser) => T): T {
    return this.#guarded(() => operation(parser));
  }

  /** Creates a streaming parser. */
  createParser(role: string | undefined, strict: boolean): BoundaryParser {
    return this.#guarded(() => new this.#glue.Parser(this.#encoding, role, strict));
  }

  /** Runs one call on an event parser. */
  callEventParser<T>(
    parser: BoundaryEventParser,
    operation: (parser: BoundaryEventParser) => T,
  ): T {
    return this.#guarded(() => operation(parser));
  }

  /** Creates an event parser. */
  createEventParser(
    recovers: boolean,
    role: string | undefined,
    prefix: Uint32Array,
    tools: string[],
  ): BoundaryEventParser {
    return this.#guarded(
      () => new this.#glue.EventParser(this.#encoding, recovers, role, prefix, tools),
    );
  }

  #guarded<T>(operation: () => T): T {
    if (this.isLost) throw this.#lostError();
    try {
      return operation();
    } catch (error) {
      if (isBoundaryError(error)) throw asHarmonyError(error);
      this.#lost = error ?? "an unknown failure";
      throw this.#lostError();
    }
  }

  #lostError(): HarmonyError {
    return new HarmonyError(
      "instance_lost",
      "the wasm instance failed and cannot be used any more; load the encoding again",
      { cause: this.#lost },
    );
  }
}

/** Writes the leading ASCII; returns its length. */
function writtenAscii(text: string, room: Uint8Array): number {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return index;
    room[index] = unit;
  }
  return text.length;
}

/** The text, or undefined if it is not all ASCII. */
function readAscii(bytes: Uint8Array, start: number, length: number): string | undefined {
  let text = "";
  for (let at = start; at < start + length; at += 1) {
    const byte = bytes[at] ?? 0x80;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function joined(chunks: readonly Uint32Array[]): TokenIds {
  const tokens = new Uint32Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    tokens.set(chunk, at);
    at += chunk.length;
  }
  return tokens;
}

function memoryOf({ memory }: WebAssembly.Exports): WebAssembly.Memory {
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new TypeError("the wasm exports no memory");
}
