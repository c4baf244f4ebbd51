/**
 * `HarmonyEncoding`: upstream's class, method for method. Arguments are
 * checked here; everything harmony is decided behind {@link Native}.
 */

import { checkedFlag, checkedOptions, checkedRole, described } from "./arguments.js";
import { CompletionEncoding } from "./completion-encoding.js";
import { conversationText, messageText } from "./json-text.js";
import { Native } from "./native.js";
import {
  checkedSpansOptions,
  type RenderedConversation,
  type RenderWithSpansOptions,
  SpanReader,
} from "./spans.js";
import type {
  ConversationInput,
  Message,
  RenderConversationConfig,
  RenderOptions,
  Role,
} from "./types.js";

/**
 * Renders conversations to token ids and parses completions back. There is
 * one per process or page, made by `loadHarmonyEncoding`. Mirrors
 * `HarmonyEncoding` of upstream's Python package.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync } from "harmony-wasm";
 *
 * const encoding = loadHarmonyEncodingSync();
 * encoding.name; // => "HarmonyGptOss"
 * encoding.tokenizerName; // => "o200k_harmony"
 * encoding.maxMessageTokens; // => 524288
 * ```
 */
export class HarmonyEncoding extends CompletionEncoding {
  static #latest: WeakRef<HarmonyEncoding> | undefined;
  readonly #native: Native;
  readonly #spans = new SpanReader();

  private constructor(native: Native) {
    if (!(native instanceof Native)) {
      throw new TypeError("a HarmonyEncoding comes from loadHarmonyEncoding()");
    }
    super(native);
    this.#native = native;
  }

  /**
   * Renders a conversation as it stands. Mirrors `render_conversation`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws {HarmonyError} `invalid_json`, `invalid_conversation`, `unknown_role`, `too_deep`
   * where it is no conversation; `render_failed` where upstream refuses it. With a path.
   * @throws {TypeError} for what JSON cannot carry: lone surrogates, cycles, functions.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const tokens = encoding.renderConversation([userMessage("hello world")]);
   * encoding.decodeUtf8(tokens); // => "<|start|>user<|message|>hello world<|end|>"
   * ```
   */
  renderConversation(
    conversation: ConversationInput,
    config?: RenderConversationConfig | null,
  ): Uint32Array {
    return this.#render(conversation, undefined, false, config);
  }

  /**
   * Renders a prompt: the conversation, then the start of the next message.
   * Mirrors `render_conversation_for_completion`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws As {@link renderConversation}, and `unknown_role` for the role.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, Role, userMessage } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const conversation = [userMessage("hi")];
   * const tokens = encoding.renderConversationForCompletion(conversation, Role.ASSISTANT);
   * encoding.decodeUtf8(tokens); // => "<|start|>user<|message|>hi<|end|><|start|>assistant"
   * ```
   */
  renderConversationForCompletion(
    conversation: ConversationInput,
    nextTurnRole: Role,
    config?: RenderConversationConfig | null,
  ): Uint32Array {
    const role = checkedRole("nextTurnRole", nextTurnRole);
    return this.#render(conversation, role, false, config);
  }

  /**
   * Renders a training example: a last message on the final channel ends with
   * `<|return|>`. Mirrors `render_conversation_for_training`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws As {@link renderConversation}.
   *
   * @example
   * ```ts
   * import { assistantMessage, loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const answer = assistantMessage("4", { channel: "final" });
   * const tokens = encoding.renderConversationForTraining([answer]);
   * encoding.decodeUtf8(tokens.slice(-2)); // => "4<|return|>"
   * ```
   */
  renderConversationForTraining(
    conversation: ConversationInput,
    config?: RenderConversationConfig | null,
  ): Uint32Array {
    return this.#render(conversation, undefined, true, config);
  }

  #render(
    conversation: ConversationInput,
    nextTurnRole: string | undefined,
    training: boolean,
    config: RenderConversationConfig | null | undefined,
  ): Uint32Array {
    const { auto_drop_analysis } = checkedOptions("config", config, ["auto_drop_analysis"]);
    const drop = checkedFlag("config.auto_drop_analysis", auto_drop_analysis, true);
    const text = conversationText(conversation);
    return this.#native.callWithText(text, (encoding, length) =>
      encoding.render_conversation(length, nextTurnRole, training, drop),
    );
  }

  /**
   * Any of the three renders, with the place of every message among the ids.
   * The start of the next message in a prompt belongs to no message.
   *
   * @returns The same ids, and a span for each message that was not left out.
   * @throws As {@link renderConversation}; `invalid_conversation` for an index of no message.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const { tokens, spans } = encoding.renderWithSpans([userMessage("hello world")]);
   * spans; // => [{ message: 0, role: "user", start: 0, content_start: 3, content_end: 5, end: 6 }]
   * encoding.decodeUtf8(tokens.subarray(3, 5)); // => "hello world"
   * ```
   */
  renderWithSpans(
    conversation: ConversationInput,
    options?: RenderWithSpansOptions | null,
  ): RenderedConversation {
    const { messages, nextTurnRole, training, drop } = checkedSpansOptions(options);
    const text = conversationText(conversation);
    return this.#native.callWithText(text, (encoding, length) => {
      const tokens = encoding.render_with_spans(length, messages, nextTurnRole, training, drop);
      return { tokens, spans: this.#spans.take(encoding) };
    });
  }

  /**
   * Renders one message, given as an object or as JSON text. Mirrors `render`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws As {@link renderConversation}; paths start at the message.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, toolMessage } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const tokens = encoding.render(toolMessage("functions.clock", "12:00"));
   * encoding.decodeUtf8(tokens); // => "<|start|>functions.clock<|message|>12:00<|end|>"
   * ```
   */
  render(message: Message | string, options?: RenderOptions | null): Uint32Array {
    const { conversation_has_function_tools } = checkedOptions("options", options, [
      "conversation_has_function_tools",
    ]);
    const name = "options.conversation_has_function_tools";
    const hasTools = checkedFlag(name, conversation_has_function_tools, false);
    const text = messageText(message);
    return this.#native.callWithText(text, (encoding, length) => encoding.render(length, hasTools));
  }

  /** @internal What `loadHarmonyEncoding` returns. */
  static on(native: Native): HarmonyEncoding {
    const encoding = new HarmonyEncoding(native);
    HarmonyEncoding.#latest = new WeakRef(encoding);
    return encoding;
  }

  /** @internal The encoding that was loaded last. */
  static latest(): HarmonyEncoding {
    const encoding = HarmonyEncoding.#latest?.deref();
    if (encoding) return encoding;
    throw new TypeError('no "encoding" is loaded yet; await loadHarmonyEncoding() before');
  }

  /** @internal The instance behind an encoding. */
  static nativeOf(encoding: HarmonyEncoding): Native {
    if (typeof encoding === "object" && encoding !== null && #native in encoding) {
      return encoding.#native;
    }
    throw new TypeError(`"encoding" expected a HarmonyEncoding, got ${described(encoding)}`);
  }
}
