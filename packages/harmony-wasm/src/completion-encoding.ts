/**
 * The part of {@link HarmonyEncoding} that reads whole completions, strictly
 * or whatever they are.
 */

import { checkedFlag, checkedOptionalRole, checkedOptions, checkedTokens } from "./arguments.js";
import type { Recovered, Stray } from "./events.js";
import type { Native } from "./native.js";
import { TextEncoding } from "./text-encoding.js";
import type { Message, ParseOptions, Role, TokenInput } from "./types.js";

/**
 * Completions to messages. `HarmonyEncoding` is one.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const tokens = encoding.encode("<|message|>hi<|end|>", { allowedSpecial: "all" });
 * encoding.parseMessagesFromCompletionTokens(tokens, "user");
 * // => [{ role: "user", content: "hi" }]
 * ```
 */
export abstract class CompletionEncoding extends TextEncoding {
  readonly #native: Native;

  /** @internal */
  constructor(native: Native) {
    super(native);
    this.#native = native;
  }

  /**
   * Parses a completion: what the model wrote after the prompt. Mirrors
   * `parse_messages_from_completion_tokens`.
   *
   * @param role The role whose header the prompt began; none if the tokens begin with `<|start|>`.
   * @throws {HarmonyError} `parse_failed` with the position of the token that is refused.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, Role } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const completion = "<|channel|>final<|message|>2 + 2 = 4.<|return|>";
   * const tokens = encoding.encode(completion, { allowedSpecial: "all" });
   * encoding.parseMessagesFromCompletionTokens(tokens, Role.ASSISTANT);
   * // => [{ role: "assistant", content: "2 + 2 = 4.", channel: "final" }]
   * ```
   */
  parseMessagesFromCompletionTokens(
    tokens: TokenInput,
    role?: Role | null,
    options?: ParseOptions | null,
  ): Message[] {
    const ids = checkedTokens("tokens", tokens);
    const author = checkedOptionalRole("role", role);
    const strict = checkedFlag(
      "options.strict",
      checkedOptions("options", options, ["strict"]).strict,
      true,
    );
    return JSON.parse(this.#native.call((encoding) => encoding.parse(ids, author, strict)));
  }

  /**
   * Recovers a completion, however malformed: every token lies in exactly one
   * message's span or in one stray, and `repairs` tells what had to be guessed.
   *
   * @param role The role whose header the prompt began; none if the tokens begin with `<|start|>`.
   * @throws {HarmonyError} `unknown_role`; it never throws on ids, which may be any.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const tokens = encoding.encode("<|channel|>final Four.<|return|>", { allowedSpecial: "all" });
   * const { messages } = encoding.recoverMessagesFromCompletionTokens(tokens, "assistant");
   * messages[0]?.message; // => { role: "assistant", content: "Four.", channel: "final" }
   * messages[0]?.repairs.map(({ code }) => code); // => ["unfinished_header"]
   * ```
   */
  recoverMessagesFromCompletionTokens(tokens: TokenInput, role?: Role | null): Recovered {
    const ids = checkedTokens("tokens", tokens);
    const author = checkedOptionalRole("role", role);
    const json = this.#native.call((encoding) => encoding.recover(ids, author));
    const { messages, strays }: Recovered = JSON.parse(json);
    const withIds = (stray: Stray) => ({ ...stray, tokens: Uint32Array.from(stray.tokens) });
    return { messages, strays: strays.map(withIds) };
  }
}
