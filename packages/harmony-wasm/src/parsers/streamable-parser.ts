/**
 * `StreamableParser`: upstream's class, property for property. Properties that
 * are polled after every token are extended by what is new, because upstream
 * copies or decodes all of it each time.
 */

import {
  checkedFlag,
  checkedOptionalRole,
  checkedOptions,
  checkedToken,
  checkedTokens,
} from "../check/arguments.js";
import { HarmonyEncoding } from "../encoding.js";
import { STATES } from "../generated/constants.js";
import type { BoundaryParser } from "../generated/glue.js";
import { inspected } from "../inspected.js";
import type { WasmInstance } from "../instance.js";
import {
  type ParsedMessage,
  type ParseOptions,
  Role,
  StreamState,
  type TokenInput,
} from "../types.js";

/** The parser's state with its data, as upstream serialises it. */
export type StreamStateData =
  | { state: "ExpectStart" }
  | { state: "Header"; header_tokens: number[] }
  | { state: "Content"; header: StreamStateHeader; content_tokens: number[] };

/** The header of the current message. */
export interface StreamStateHeader {
  author: { role: Role; name?: string };
  recipient: string | null;
  channel: string | null;
  content_type: string | null;
}

/**
 * Parses a completion token by token. Mirrors `StreamableParser` of
 * upstream's Python package; its `None` is `null` here. Dispose of it, or
 * let the garbage collector free it.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, Role, StreamableParser } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const completion = "<|channel|>final<|message|>2 + 2 = 4.<|return|>";
 * const parser = new StreamableParser(encoding, Role.ASSISTANT);
 * const deltas: string[] = [];
 * for (const token of encoding.encode(completion, { allowedSpecial: "all" })) {
 *   const delta = parser.process(token).lastContentDelta;
 *   if (delta !== null) deltas.push(delta);
 * }
 * parser.dispose();
 * deltas; // => ["2", " +", " ", "2", " =", " ", "4", "."]
 * ```
 */
export class StreamableParser {
  readonly #instance: WasmInstance;
  readonly #tokens: number[] = [];
  readonly #messages: ParsedMessage[] = [];
  #parser: BoundaryParser | undefined;
  #content = "";
  #contentNumber = 0;

  /**
   * @param role The role of the message that the prompt opened; none if the tokens begin with
   * `<|start|>`.
   * @throws {HarmonyError} `unknown_role`.
   */
  constructor(encoding: HarmonyEncoding, role?: Role | null, options?: ParseOptions | null) {
    this.#instance = HarmonyEncoding.instanceOf(encoding);
    const author = checkedOptionalRole("role", role);
    const { strict } = checkedOptions("options", options, ["strict"]);
    this.#parser = this.#instance.createParser(author, checkedFlag("options.strict", strict, true));
  }

  #call<T>(operation: (parser: BoundaryParser) => T): T {
    if (!this.#parser) throw new TypeError("this StreamableParser has been disposed");
    return this.#instance.callParser(this.#parser, operation);
  }

  /**
   * Consumes one token or several. If one is refused, the tokens before it are
   * consumed, and the error's `index` is its position. Mirrors `process`.
   *
   * @throws {HarmonyError} `parse_failed`.
   */
  process(tokens: number | TokenInput): this {
    if (typeof tokens === "number") {
      const token = checkedToken("tokens", tokens);
      this.#call((parser) => parser.process_one(token));
    } else {
      const ids = checkedTokens("tokens", tokens);
      this.#call((parser) => parser.process(ids));
    }
    return this;
  }

  /**
   * Ends the completion; a message without a terminator is completed. Mirrors
   * `process_eos`.
   *
   * @throws {HarmonyError} `parse_failed` inside a header.
   */
  processEos(): this {
    this.#call((parser) => parser.process_eos());
    return this;
  }

  /** The text of the current message so far. Mirrors `current_content`. */
  get currentContent(): string {
    const number = this.#call((parser) => parser.content_number());
    const added = this.#call((parser) => parser.take_content());
    this.#content = number === this.#contentNumber ? this.#content + added : added;
    this.#contentNumber = number;
    return this.#content;
  }

  /** The role of the current message, if known. Mirrors `current_role`. */
  get currentRole(): Role | null {
    return this.#call((parser) => asRole(parser.current_role()));
  }

  /** The content type of the current message. Mirrors `current_content_type`. */
  get currentContentType(): string | null {
    return this.#call((parser) => parser.current_content_type() ?? null);
  }

  /** The recipient of the current message. Mirrors `current_recipient`. */
  get currentRecipient(): string | null {
    return this.#call((parser) => parser.current_recipient() ?? null);
  }

  /** The channel of the current message. Mirrors `current_channel`. */
  get currentChannel(): string | null {
    return this.#call((parser) => parser.current_channel() ?? null);
  }

  /**
   * What the last token added to the content: whole characters, or null while
   * one is incomplete. Mirrors `last_content_delta`.
   */
  get lastContentDelta(): string | null {
    return this.#call((parser) => parser.last_content_delta() ?? null);
  }

  /** The finished messages: one array that grows, of frozen messages. Mirrors `messages`. */
  get messages(): readonly ParsedMessage[] {
    const added = this.#call((parser) => parser.messages_from(this.#messages.length));
    const messages: ParsedMessage[] = JSON.parse(added);
    for (const message of messages) this.#messages.push(Object.freeze(message));
    return this.#messages;
  }

  /** The consumed tokens, a refused one included: one array that grows. Mirrors `tokens`. */
  get tokens(): readonly number[] {
    const added = this.#call((parser) => parser.tokens_from(this.#tokens.length));
    for (const token of added) this.#tokens.push(token);
    return this.#tokens;
  }

  /** What the parser expects next. Mirrors `state`. */
  get state(): StreamState {
    return STATES[this.#call((parser) => parser.state())] ?? StreamState.EXPECT_START;
  }

  /** The state with all its data, in time linear in the message. Mirrors `state_data`. */
  get stateData(): StreamStateData {
    return JSON.parse(this.#call((parser) => parser.state_data()));
  }

  /** The class's name, in `Object.prototype.toString` and in consoles. */
  get [Symbol.toStringTag](): string {
    return "StreamableParser";
  }

  /** @internal What Node's `console.log` shows; it never throws. */
  [inspected](): string {
    if (!this.#parser) return "StreamableParser { disposed }";
    if (this.#instance.isLost) return "StreamableParser { instance lost }";
    return `StreamableParser { state: "${this.state}", messages: ${this.messages.length}, tokens: ${this.tokens.length} }`;
  }

  /** Frees the parser's memory. May be called again; any other use afterwards throws. */
  dispose(): void {
    const parser = this.#parser;
    this.#parser = undefined;
    if (parser && !this.#instance.isLost) parser.free();
  }

  /** `using parser = new StreamableParser(…)` disposes at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function asRole(name: string | undefined): Role | null {
  return Object.values(Role).find((role) => role === name) ?? null;
}
