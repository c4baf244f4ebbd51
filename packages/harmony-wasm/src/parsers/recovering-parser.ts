/**
 * `RecoveringParser`, which upstream does not have: it accepts every token id and
 * loses none.
 */

import { checkedOptions } from "../check/arguments.js";
import type { HarmonyEncoding } from "../encoding.js";
import type { HarmonyEvent, RecoveredMessage, Stray } from "../events.js";
import { inspected } from "../inspected.js";
import type { Role, TokenInput } from "../types.js";
import { EventParser } from "./event-parser.js";

/** Options of {@link RecoveringParser}. */
export interface RecoveringParserOptions {
  /**
   * The start of the message that the completion continues: the prompt's tokens
   * after the role's header or, without a role, the whole prompt. Its content is
   * part of the message and of the first events; positions count from the
   * completion's first token. Default none.
   */
  prefix?: TokenInput;
  /**
   * The names of the tools that the prompt declares, with or without their
   * namespace. They decide which words of a malformed header are a recipient,
   * and where its name ends (`functions.fs_readjson`). Default none.
   */
  tools?: readonly string[];
}

/**
 * Parses a completion token by token, however malformed: every token belongs to
 * the span of exactly one message or to one stray, and `repairs` lists every
 * guess. Well-formed completions give the same messages as `StreamableParser`.
 * Dispose of it, or let the garbage collector free it.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, RecoveringParser, Role } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const completion = "<|channel|>analysis<|message|>Easy.<|channel|>final {\"sum\": 4}<|return|>";
 * const parser = new RecoveringParser(encoding, Role.ASSISTANT);
 * parser.push(encoding.encode(completion, { allowedSpecial: "all" }));
 * parser.end();
 * parser.messages.map(({ message }) => [message.channel, message.content]);
 * // => [["analysis", "Easy."], ["final", '{"sum": 4}']]
 * parser.messages.map(({ repairs }) => repairs.map(({ code }) => code));
 * // => [["missing_terminator"], ["unfinished_header"]]
 * parser.dispose();
 * ```
 */
export class RecoveringParser {
  readonly #encoding: HarmonyEncoding;
  #parser: EventParser | undefined;

  /**
   * @param role The role of the message that the prompt opened; none if the tokens begin with
   * `<|start|>`.
   * @throws {HarmonyError} `unknown_role`.
   */
  constructor(
    encoding: HarmonyEncoding,
    role?: Role | null,
    options?: RecoveringParserOptions | null,
  ) {
    this.#encoding = encoding;
    this.#parser = begun(encoding, role, options);
  }

  #using(): EventParser {
    if (!this.#parser) throw new TypeError("this RecoveringParser has been disposed");
    return this.#parser;
  }

  /**
   * Consumes one token or several and returns their events. Accepts every id, known or not.
   *
   * @throws {TypeError} for anything but ids. {RangeError} for a number outside 0 to 2^32 - 1.
   */
  push(tokens: number | TokenInput): HarmonyEvent[] {
    return this.#using().push(tokens);
  }

  /** Ends the completion and returns the remaining events: an open message is completed. */
  end(): HarmonyEvent[] {
    return this.#using().end();
  }

  /** The finished messages: one array that grows until {@link reset}. */
  get messages(): readonly RecoveredMessage[] {
    return this.#using().messages;
  }

  /** The tokens between messages: one array that grows until {@link reset}. */
  get strays(): readonly Stray[] {
    return this.#using().strays;
  }

  /**
   * Starts over with another completion. Pass the options again: those of before do not apply.
   * Arrays that were returned before keep their contents.
   *
   * @throws {HarmonyError} `unknown_role`.
   */
  reset(role?: Role | null, options?: RecoveringParserOptions | null): void {
    const before = this.#using();
    this.#parser = begun(this.#encoding, role, options);
    before.free();
  }

  /** The class's name, in `Object.prototype.toString` and in consoles. */
  get [Symbol.toStringTag](): string {
    return "RecoveringParser";
  }

  /** @internal What Node's `console.log` shows; it never throws. */
  [inspected](): string {
    if (!this.#parser) return "RecoveringParser { disposed }";
    const { messages, strays } = this.#parser;
    return `RecoveringParser { messages: ${messages.length}, strays: ${strays.length} }`;
  }

  /** Frees the parser's memory. May be called again; any other use afterwards throws. */
  dispose(): void {
    this.#parser?.free();
    this.#parser = undefined;
  }

  /** `using parser = new RecoveringParser(…)` disposes at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function begun(
  encoding: HarmonyEncoding,
  role: Role | null | undefined,
  options: RecoveringParserOptions | null | undefined,
): EventParser {
  const { prefix, tools } = checkedOptions("options", options, ["prefix", "tools"]);
  return new EventParser(encoding, {
    role: role ?? null,
    recover: true,
    prefix: prefix ?? [],
    tools: tools ?? [],
  });
}
