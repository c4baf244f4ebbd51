/**
 * The part of {@link HarmonyEncoding} that knows only text and ids, and the
 * constants that upstream gives the encoding.
 */

import {
  checkedOptions,
  checkedSpecials,
  checkedText,
  checkedToken,
  checkedTokens,
} from "./arguments.js";
import type { Constants, Native, TextCall } from "./native.js";
import type { EncodeOptions, TokenInput } from "./types.js";

const strictly: TextCall<Uint32Array> = (encoding, length) => encoding.encode_strictly(length);
const ordinarily: TextCall<Uint32Array> = (encoding, length) => encoding.encode_ordinary(length);

/**
 * Text to token ids and back. `HarmonyEncoding` is one.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * encoding.decode(encoding.encode("hello world")); // => "hello world"
 * ```
 */
export abstract class TextEncoding {
  readonly #native: Native;
  #constants: Constants | undefined;
  #specialTokens: ReadonlyMap<string, number> | undefined;
  #specialIds: ReadonlySet<number> | undefined;

  /** @internal */
  constructor(native: Native) {
    this.#native = native;
  }

  /** Asked for on first use: loading has no time for a thousand special tokens. */
  get #known(): Constants {
    this.#constants ??= this.#native.constants();
    return this.#constants;
  }

  /** Upstream's name of the encoding. */
  get name(): string {
    return this.#known.name;
  }

  /** Upstream's name of the tokenizer. */
  get tokenizerName(): string {
    return this.#known.tokenizerName;
  }

  /** The most tokens that one message may have, by upstream's definition. */
  get maxMessageTokens(): number {
    return this.#known.maxMessageTokens;
  }

  /**
   * Every special token's text with its id, in the order of the ids. Mirrors
   * `special_tokens_set`.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().specialTokens.get("<|start|>"); // => 200006
   * ```
   */
  get specialTokens(): ReadonlyMap<string, number> {
    this.#specialTokens ??= new Map(this.#known.specialTokens);
    return this.#specialTokens;
  }

  /**
   * Encodes text. Text that spells a special token is refused unless it is
   * allowed, or left out of the disallowed. Mirrors `encode`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws {HarmonyError} `disallowed_special`.
   * @throws {TypeError} for a lone surrogate, which has no UTF-8.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * encoding.encode("hello world"); // => [24912, 2375]
   * encoding.encode("<|start|>", { allowedSpecial: ["<|start|>"] }); // => [200006]
   * encoding.encode("<|start|>", { disallowedSpecial: [] }); // => [27, 91, 5236, 91, 29]
   * ```
   */
  encode(text: string, options?: EncodeOptions | null): Uint32Array {
    if (options === undefined)
      return this.#native.encodeInChunks(checkedText("text", text), strictly);
    const { allowedSpecial = [], disallowedSpecial = "all" } = checkedOptions("options", options, [
      "allowedSpecial",
      "disallowedSpecial",
    ]);
    const checked = checkedText("text", text);
    const allowed = checkedSpecials("options.allowedSpecial", allowedSpecial);
    const disallowed = checkedSpecials("options.disallowedSpecial", disallowedSpecial);
    const call: TextCall<Uint32Array> = (encoding, length) =>
      encoding.encode(length, allowed, disallowed);
    // A disallowed text with space in it could stand across a cut.
    return disallowed?.some((token) => /\s/.test(token))
      ? this.#native.callWithText(checked, call)
      : this.#native.encodeInChunks(checked, call);
  }

  /**
   * Encodes text in which nothing is special. Mirrors the tokenizer's
   * `encode_ordinary`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws {TypeError} for a lone surrogate.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().encodeOrdinary("<|start|>"); // => [27, 91, 5236, 91, 29]
   * ```
   */
  encodeOrdinary(text: string): Uint32Array {
    const checked = checkedText("text", text);
    return this.#native.encodeInChunks(checked, ordinarily);
  }

  /**
   * The number of tokens of {@link encodeOrdinary}, without the tokens.
   *
   * @throws {TypeError} for a lone surrogate.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().countTokens("hello world"); // => 2
   * ```
   */
  countTokens(text: string): number {
    const checked = checkedText("text", text);
    return this.#native.countInChunks(checked);
  }

  /**
   * The text of tokens, with U+FFFD where their bytes are not UTF-8. Mirrors
   * `decode`.
   *
   * @throws {HarmonyError} `invalid_token` with the position of an unknown id.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().decode([24912, 9552]); // => "hello \uFFFD"
   * ```
   */
  decode(tokens: TokenInput): string {
    const ids = checkedTokens("tokens", tokens);
    return this.#native.call((encoding) => encoding.decode(ids));
  }

  /**
   * The text of tokens whose bytes are UTF-8. Mirrors `decode_utf8`.
   *
   * @throws {HarmonyError} `invalid_utf8`; `invalid_token` with its position.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().decodeUtf8([24912, 2375]); // => "hello world"
   * ```
   */
  decodeUtf8(tokens: TokenInput): string {
    const ids = checkedTokens("tokens", tokens);
    return this.#native.call((encoding) => encoding.decode_utf8(ids));
  }

  /**
   * The bytes of tokens. Mirrors the tokenizer's `decode_bytes`.
   *
   * @returns An owned `Uint8Array`.
   * @throws {HarmonyError} `invalid_token` with the position of an unknown id.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().decodeBytes([9552]); // => [32, 240, 159]
   * ```
   */
  decodeBytes(tokens: TokenInput): Uint8Array {
    const ids = checkedTokens("tokens", tokens);
    return this.#native.call((encoding) => encoding.decode_bytes(ids));
  }

  /**
   * Whether an id is a special token's. Mirrors `is_special_token`.
   *
   * @throws {RangeError} for what cannot be an id.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().isSpecialToken(200006); // => true
   * ```
   */
  isSpecialToken(token: number): boolean {
    this.#specialIds ??= new Set(this.specialTokens.values());
    return this.#specialIds.has(checkedToken("token", token));
  }

  /**
   * The ids that end a message, in ascending order. Mirrors `stop_tokens`.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().stopTokens(); // => [200002, 200007, 200012]
   * ```
   */
  stopTokens(): number[] {
    return [...this.#known.stopTokens];
  }

  /**
   * The ids at which sampling of an assistant's turn should stop, in ascending
   * order. Mirrors `stop_tokens_for_assistant_actions`.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().stopTokensForAssistantActions(); // => [200002, 200012]
   * ```
   */
  stopTokensForAssistantActions(): number[] {
    return [...this.#known.stopTokensForAssistantActions];
  }
}
