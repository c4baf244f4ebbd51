/**
 * `HarmonyEncoding`: upstream's class, method for method. Each method checks its
 * arguments and makes one call on the {@link WasmInstance}. Everything about
 * harmony is decided behind that call.
 */

import {
  checkedFlag,
  checkedOptionalRole,
  checkedOptions,
  checkedRole,
  checkedSpecials,
  checkedText,
  checkedToken,
  checkedTokens,
  checkedTools,
  described,
} from "./check/arguments.js";
import { refusePlainSystem } from "./check/foreign-shapes.js";
import { conversationJson, messageJson } from "./check/json-text.js";
import type { Recovered, Stray } from "./events.js";
import { inspected } from "./inspected.js";
import { type Constants, type TextCall, WasmInstance } from "./instance.js";
import {
  checkedBytes,
  checkedEnds,
  checkedRowSettings,
  type ProvedRow,
  provedRows,
  type RenderedRows,
  type RenderRowsOptions,
  takeRows,
} from "./rows.js";
import {
  checkedSpansOptions,
  type RenderedConversation,
  type RenderWithSpansOptions,
  SpanReader,
} from "./spans.js";
import type {
  Conversation,
  ConversationInput,
  EncodeOptions,
  Message,
  ParsedMessage,
  ParseOptions,
  RecoverOptions,
  RenderConversationConfig,
  RenderOptions,
  Role,
  TokenBytes,
  TokenIds,
  TokenInput,
} from "./types.js";

/** tiktoken's second argument is the list of allowed specials itself. */
function checkedEncodeOptions(options: EncodeOptions | null): Partial<EncodeOptions> {
  const given: unknown = options;
  if (given !== "all" && Object(given)[Symbol.iterator] === undefined) {
    return checkedOptions("options", options, ["allowedSpecial", "disallowedSpecial"]);
  }
  throw new TypeError(
    `"options" expected an object, got ${described(given)}; its options are allowedSpecial, disallowedSpecial: write { allowedSpecial: … }`,
  );
}

const strictly: TextCall<number> = (encoding, length) => encoding.encode_strictly(length);
const ordinarily: TextCall<number> = (encoding, length) => encoding.encode_ordinary(length);

/**
 * Renders conversations to token ids and parses completions. A process or page
 * has one, created by `loadHarmonyEncoding`. Mirrors `HarmonyEncoding` of
 * upstream's Python package.
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
export class HarmonyEncoding {
  static #latest: WeakRef<HarmonyEncoding> | undefined;
  readonly #instance: WasmInstance;
  readonly #spans = new SpanReader();
  #constants: Constants | undefined;
  #specialTokens: ReadonlyMap<string, number> | undefined;
  #specialIds: ReadonlySet<number> | undefined;

  private constructor(instance: WasmInstance) {
    if (!(instance instanceof WasmInstance)) {
      throw new TypeError("a HarmonyEncoding comes from loadHarmonyEncoding()");
    }
    this.#instance = instance;
  }

  /** Fetched on first use: a thousand special tokens would slow down loading. */
  get #known(): Constants {
    this.#constants ??= this.#instance.constants();
    return this.#constants;
  }

  /** Upstream's name of the encoding. Mirrors `name`. */
  get name(): string {
    return this.#known.name;
  }

  /** Upstream's name of the tokenizer. */
  get tokenizerName(): string {
    return this.#known.tokenizerName;
  }

  /** The maximum number of tokens of a message. Mirrors `max_message_tokens` of upstream's Rust crate. */
  get maxMessageTokens(): number {
    return this.#known.maxMessageTokens;
  }

  /**
   * The text of every special token with its id, in the order of the ids. Mirrors
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
   * Renders a whole conversation. Mirrors `render_conversation`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws {HarmonyError} With a path: `invalid_json`, `invalid_conversation`, `unknown_role`,
   * `too_deep` if it is not a conversation, or has fields of another API; `render_failed` if
   * upstream refuses to render it.
   * @throws {TypeError} for values that JSON cannot carry: lone surrogates, cycles, functions.
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
  ): TokenIds {
    return this.#render(conversation, undefined, false, config);
  }

  /**
   * Renders a prompt: the conversation, then the start of the next message.
   * Mirrors `render_conversation_for_completion`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws As {@link renderConversation}, and `unknown_role` for the role. Objects only:
   * `invalid_conversation` if the first message is a system message of plain text, which would
   * leave out the model's identity and channels.
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
  ): TokenIds {
    const role = checkedRole("nextTurnRole", nextTurnRole);
    refusePlainSystem(conversation);
    return this.#render(conversation, role, false, config);
  }

  /**
   * Renders a training example: if the last message is on the final channel, it
   * ends with `<|return|>`. Mirrors `render_conversation_for_training`.
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
  ): TokenIds {
    return this.#render(conversation, undefined, true, config);
  }

  #render(
    conversation: ConversationInput,
    nextTurnRole: string | undefined,
    training: boolean,
    config: RenderConversationConfig | null | undefined,
  ): TokenIds {
    const { auto_drop_analysis } = checkedOptions("config", config, ["auto_drop_analysis"]);
    const drop = checkedFlag("config.auto_drop_analysis", auto_drop_analysis, true);
    const json = conversationJson(conversation);
    return this.#instance.callWithText(json, (encoding, length) =>
      encoding.render_conversation(length, nextTurnRole, training, drop),
    );
  }

  /**
   * Any of the three renders, with the place of every message among the ids. The
   * start of the next message in a prompt belongs to no span. Upstream has no
   * such function.
   *
   * @returns The same ids, and a span for every message that is not dropped.
   * @throws As {@link renderConversation}; `invalid_conversation` for an index without a message.
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
    const json = conversationJson(conversation);
    return this.#instance.callWithText(json, (encoding, length) => {
      const tokens = encoding.render_with_spans(length, messages, nextTurnRole, training, drop);
      return { tokens, spans: this.#spans.take(encoding).all() };
    });
  }

  /**
   * Renders many conversations in one call: the JSON text of each as UTF-8, one
   * after another in `rows`, and where each ends, white space included. Only usual
   * rows are rendered: a row with an error, of too many ids, with a field of
   * another API, `train` or one of the given fields is left out. Render it by
   * {@link renderWithSpans}, which says what is wrong. Upstream has no such
   * function.
   *
   * @throws {TypeError} {RangeError} for rows or options of a wrong type. {HarmonyError} for a
   * preface that is not messages. Never for the content of a row.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const lines = ['[{"role": "user", "content": "hello world"}]\n', "nothing\n"];
   * const rows = new TextEncoder().encode(lines.join(""));
   * const rendered = encoding.renderRows(rows, Uint32Array.of(45, 53));
   * encoding.decodeUtf8(rendered.tokensAt(0) ?? []); // => "<|start|>user<|message|>hello world<|end|>"
   * rendered.tokensAt(1); // => undefined
   * ```
   */
  renderRows(
    rows: Uint8Array,
    ends: Uint32Array,
    options?: RenderRowsOptions | null,
  ): RenderedRows {
    const bytes = checkedBytes(rows);
    const places = checkedEnds(ends, bytes.length);
    const settings = checkedRowSettings(options);
    return this.#instance.callWithText(bytes, (encoding, length) => {
      return takeRows(encoding, encoding.render_rows(length, places, settings), this.#spans);
    });
  }

  /**
   * Proves many rows of ids in one call: that each consists of whole messages, which parse
   * strictly, and which render to the same ids. `tokens` are those of all rows, one after
   * another, and `ends` where each row ends. A row that is not proved may still be right: parse it
   * by {@link parseMessagesFromCompletionTokens}, which says what is wrong. Upstream has no such
   * function.
   *
   * @returns For each row the number of its messages; undefined where it is not proved.
   * @throws {TypeError} {RangeError} for arguments of a wrong type. Never for the ids of a row.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * const message = "<|start|>user<|message|>hello world<|end|>";
   * const tokens = encoding.encode(message, { allowedSpecial: "all" });
   * encoding.proveRows(tokens, Uint32Array.of(5, tokens.length));
   * // => [undefined, undefined]
   * encoding.proveRows(tokens, Uint32Array.of(tokens.length)); // => [{ messages: 1, unparsed: 0 }]
   * ```
   */
  proveRows(tokens: TokenInput, ends: Uint32Array): (ProvedRow | undefined)[] {
    const ids = checkedTokens("tokens", tokens);
    const places = checkedEnds(ends, ids.length);
    return provedRows(this.#instance.call((encoding) => encoding.prove_rows(ids, places)));
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
  render(message: Message | string, options?: RenderOptions | null): TokenIds {
    const { conversation_has_function_tools } = checkedOptions("options", options, [
      "conversation_has_function_tools",
    ]);
    const name = "options.conversation_has_function_tools";
    const hasTools = checkedFlag(name, conversation_has_function_tools, false);
    const json = messageJson(message);
    return this.#instance.callWithText(json, (encoding, length) =>
      encoding.render(length, hasTools),
    );
  }

  /**
   * Parses a completion: the tokens that the model sampled after the prompt.
   * Mirrors `parse_messages_from_completion_tokens`.
   *
   * @param role The role of the message that the prompt opened; none if the tokens begin with
   * `<|start|>`.
   * @throws {HarmonyError} `parse_failed` with the position of the refused token; `unknown_role`.
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
  ): ParsedMessage[] {
    const ids = checkedTokens("tokens", tokens);
    const author = checkedOptionalRole("role", role);
    const strict = checkedFlag(
      "options.strict",
      checkedOptions("options", options, ["strict"]).strict,
      true,
    );
    return JSON.parse(this.#instance.call((encoding) => encoding.parse(ids, author, strict)));
  }

  /**
   * Parses a completion, however malformed: every token belongs to the span of
   * exactly one message or to one stray, and `repairs` lists every guess. Upstream
   * has no such function.
   *
   * @param role The role of the message that the prompt opened; none if the tokens begin with
   * `<|start|>`.
   * @throws {HarmonyError} `unknown_role`. It never throws on ids.
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
  recoverMessagesFromCompletionTokens(
    tokens: TokenInput,
    role?: Role | null,
    options?: RecoverOptions | null,
  ): Recovered {
    const ids = checkedTokens("tokens", tokens);
    const author = checkedOptionalRole("role", role);
    const given = checkedOptions("options", options, ["tools"]).tools;
    const tools = checkedTools("options.tools", given);
    const json = this.#instance.call((encoding) => encoding.recover(ids, author, tools));
    const { messages, strays }: Recovered = JSON.parse(json);
    const withIds = (stray: Stray) => ({ ...stray, tokens: Uint32Array.from(stray.tokens) });
    return { messages, strays: strays.map(withIds) };
  }

  /**
   * Encodes text. Text that spells a special token is refused unless the token is
   * allowed, or not in `disallowedSpecial`. Mirrors `encode`.
   *
   * @returns The ids, an owned `Uint32Array`.
   * @throws {HarmonyError} `disallowed_special`.
   * @throws {TypeError} for a lone surrogate, which has no UTF-8; for options that are a list.
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
  encode(text: string, options?: EncodeOptions | null): TokenIds {
    if (options === undefined)
      return this.#instance.encodeInChunks(checkedText("text", text), strictly);
    const { allowedSpecial = [], disallowedSpecial = "all" } = checkedEncodeOptions(options);
    const checked = checkedText("text", text);
    const allowed = checkedSpecials("options.allowedSpecial", allowedSpecial);
    const disallowed = checkedSpecials("options.disallowedSpecial", disallowedSpecial);
    const call: TextCall<number> = (encoding, length) =>
      encoding.encode(length, allowed, disallowed);
    // A disallowed text that contains a space could be cut in two.
    return disallowed?.some((token) => /\s/.test(token))
      ? this.#instance.encodeWhole(checked, call)
      : this.#instance.encodeInChunks(checked, call);
  }

  /**
   * Encodes text; text that spells a special token is ordinary. Mirrors the
   * tokenizer's `encode_ordinary`.
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
  encodeOrdinary(text: string): TokenIds {
    const checked = checkedText("text", text);
    return this.#instance.encodeInChunks(checked, ordinarily);
  }

  /**
   * The number of tokens of a text, as {@link encodeOrdinary} encodes it, or of a
   * conversation, as {@link renderWithSpans} renders it with the same options. A
   * string is always a text, also if it is JSON.
   *
   * @throws {TypeError} for a lone surrogate; for options beside a text.
   * @throws For a conversation, as {@link renderWithSpans}.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
   *
   * const encoding = loadHarmonyEncodingSync();
   * encoding.countTokens("hello world"); // => 2
   * const prompt = { for: "completion", nextTurnRole: "assistant" } as const;
   * encoding.countTokens([userMessage("hello world")], prompt); // => 8
   * ```
   */
  countTokens(text: string): number;
  countTokens(
    conversation: Conversation | readonly Message[],
    options?: RenderWithSpansOptions | null,
  ): number;
  countTokens(
    given: string | Conversation | readonly Message[],
    options?: RenderWithSpansOptions | null,
  ): number;
  countTokens(
    given: string | Conversation | readonly Message[],
    options?: RenderWithSpansOptions | null,
  ): number {
    if (typeof given === "object" && given !== null) {
      return this.renderWithSpans(given, options).tokens.length;
    }
    const text = checkedText("text", given);
    if (options === undefined || options === null) return this.#instance.countInChunks(text);
    throw new TypeError('"options" expected a conversation as the first argument, got a string');
  }

  /**
   * Decodes tokens to text, with U+FFFD for bytes that are not UTF-8. Mirrors
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
    return this.#instance.call((encoding) => encoding.decode(ids));
  }

  /**
   * Decodes tokens to text, and throws if their bytes are not UTF-8. Mirrors `decode_utf8`.
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
    return this.#instance.call((encoding) => encoding.decode_utf8(ids));
  }

  /**
   * Decodes tokens to bytes. Mirrors the tokenizer's `decode_bytes`.
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
  decodeBytes(tokens: TokenInput): TokenBytes {
    const ids = checkedTokens("tokens", tokens);
    return this.#instance.call((encoding) => encoding.decode_bytes(ids));
  }

  /**
   * Whether an id is that of a special token. Mirrors `is_special_token`.
   *
   * @throws {RangeError} for a number outside 0 to 2^32 - 1.
   *
   * @example
   * ```ts
   * import { loadHarmonyEncodingSync } from "harmony-wasm";
   *
   * loadHarmonyEncodingSync().isSpecialToken(200006); // => true
   * ```
   */
  isSpecialToken(token: number): boolean {
    this.#specialIds ??= new Set(this.#known.specialTokens.map(([, id]) => id));
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
   * The ids at which to stop sampling an assistant's turn, in ascending order. Mirrors `stop_tokens_for_assistant_actions`.
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

  /** The class's name, in `Object.prototype.toString` and in consoles. */
  get [Symbol.toStringTag](): string {
    return "HarmonyEncoding";
  }

  /** @internal What Node's `console.log` shows; it never throws. */
  [inspected](): string {
    if (this.#instance.isLost) return "HarmonyEncoding { instance lost }";
    return `HarmonyEncoding { name: "${this.name}", tokenizerName: "${this.tokenizerName}" }`;
  }

  /** @internal What `loadHarmonyEncoding` returns. */
  static on(instance: WasmInstance): HarmonyEncoding {
    const encoding = new HarmonyEncoding(instance);
    HarmonyEncoding.#latest = new WeakRef(encoding);
    return encoding;
  }

  /** @internal The encoding that was loaded last. */
  static latest(): HarmonyEncoding {
    const encoding = HarmonyEncoding.#latest?.deref();
    if (encoding) return encoding;
    throw new TypeError('no "encoding" is loaded yet; call and await loadHarmonyEncoding() first');
  }

  /** @internal The instance behind an encoding. */
  static instanceOf(encoding: HarmonyEncoding): WasmInstance {
    if (typeof encoding === "object" && encoding !== null && #instance in encoding) {
      return encoding.#instance;
    }
    const got = described(encoding);
    const foreign = got.includes("HarmonyEncoding")
      ? " of another copy of harmony-wasm, or a wrapped one: load it with this copy"
      : "";
    throw new TypeError(`"encoding" expected a HarmonyEncoding, got ${got}${foreign}`);
  }
}
