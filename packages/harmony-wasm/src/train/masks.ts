/**
 * Loss masks: which ids a model is trained on, by the conventions of common
 * frameworks, computed from spans alone. docs/training.md lists where the
 * frameworks themselves differ from these conventions.
 */

import { checkedFlag, checkedOptions, checkedTokens, described } from "../check/arguments.js";
import { PROMPT_LENGTH } from "../generated/constants.js";
import type { MessageSpan, RenderedConversation } from "../spans.js";
import type { Role, TokenInput } from "../types.js";
import {
  checkedKey,
  checkedMask,
  checkedNames,
  checkedRenderedTokens,
  checkedRoles,
  checkedSpans,
} from "./checked.js";

/**
 * Which ids of a message are trained on, by framework.
 *
 * - `"sampled"`: everything that the model writes after a prompt, including the
 *   start of each further message of the same turn (tinker-cookbook).
 * - `"body"`: the content and its terminator, without the header (Prime Intellect's renderers).
 * - `"trl"`: the whole message, from its `<|start|>` (TRL's `gptoss_training.jinja`).
 * - `"megatron"`: the message without its `<|start|>` and role (Megatron-Bridge).
 */
export type LossMaskPreset = "sampled" | "body" | "trl" | "megatron";

/** Which messages are trained on, and which of their ids. */
export interface LossMaskOptions {
  /** Which ids of these messages. Default `"sampled"`. */
  preset?: LossMaskPreset;
  /** Messages of these roles. Default `["assistant"]`. */
  roles?: readonly Role[];
  /** Only messages on these channels. Default all messages, also those without a channel. */
  channels?: readonly string[];
  /** Only messages after the last user message. Default false. */
  lastTurnOnly?: boolean;
  /** Whether analysis is trained on. Default true. */
  analysis?: boolean;
  /** Whether a message is trained on, by its index in the conversation. Default all. */
  messages?: ((message: number) => boolean) | readonly boolean[];
}

/** The names of the options, for the checks. */
export const LOSS_MASK_OPTIONS = [
  "preset",
  "roles",
  "channels",
  "lastTurnOnly",
  "analysis",
  "messages",
] as const;

/** The first id of a span that is trained on; the last is always the end of the span. */
const FIRST_WITH_LOSS: Record<LossMaskPreset, (span: MessageSpan, before: Before) => number> = {
  body: (span) => span.content_start,
  trl: (span) => span.start,
  megatron: (span) => afterPrompt(span),
  sampled: (span, before) => (continuesTurn(span, before) ? span.start : afterPrompt(span)),
};

type Before = MessageSpan | undefined;

/** The position after the prompt, which only assistant messages begin with. */
function afterPrompt(span: MessageSpan): number {
  if (span.role !== "assistant") return span.content_start;
  return Math.min(span.start + PROMPT_LENGTH, span.end);
}

/** Whether the model sampled `span` in the same turn as the message before; a final answer ends a turn. */
function continuesTurn(span: MessageSpan, before: Before): boolean {
  return span.role === "assistant" && before?.role === "assistant" && before.channel !== "final";
}

/**
 * The loss mask of a rendered conversation: 1 for ids that are trained on, 0 for
 * others. It is as long as the ids, and not shifted.
 *
 * @throws {TypeError} for options of a wrong type. {RangeError} for spans outside the ids.
 *
 * @example
 * ```ts
 * import { assistantMessage, loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
 * import { lossMask } from "harmony-wasm/train";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const conversation = [userMessage("2 + 2?"), assistantMessage("4", { channel: "final" })];
 * const rendered = encoding.renderWithSpans(conversation, { for: "training" });
 * lossMask(rendered, { preset: "body" }); // => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
 * lossMask(rendered, { preset: "trl" }); // => [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
 * ```
 */
export function lossMask(
  rendered: RenderedConversation,
  options?: LossMaskOptions | null,
): Uint8Array {
  const maskOf = lossMasker(options);
  if (typeof rendered !== "object" || rendered === null) {
    throw new TypeError(`"rendered" expected tokens and spans, got ${described(rendered)}`);
  }
  const { length } = checkedRenderedTokens("rendered.tokens", rendered.tokens);
  return maskOf(length, checkedSpans("rendered.spans", rendered.spans, length));
}

/**
 * The function that computes {@link lossMask} for many conversations: the options
 * are checked once, and the spans, which have to be those of a render, are not.
 *
 * @throws {TypeError} for options of a wrong type.
 *
 * @example
 * ```ts
 * import { loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
 * import { lossMasker } from "harmony-wasm/train";
 *
 * const maskOf = lossMasker({ preset: "body", roles: ["user"] });
 * const { tokens, spans } = loadHarmonyEncodingSync().renderWithSpans([userMessage("hi")]);
 * maskOf(tokens.length, spans); // => [0, 0, 0, 1, 1]
 * ```
 */
export function lossMasker(
  options?: LossMaskOptions | null,
): (length: number, spans: readonly MessageSpan[]) => Uint8Array {
  return masker(checkedOptions<LossMaskOptions>("options", options, LOSS_MASK_OPTIONS));
}

/** Checks the options and returns the function that computes masks. */
export function masker(options: LossMaskOptions) {
  const first =
    FIRST_WITH_LOSS[checkedKey("options.preset", options.preset, FIRST_WITH_LOSS, "sampled")];
  const selector = checkedSelector(options);
  return (length: number, spans: readonly MessageSpan[]): Uint8Array => {
    const mask = new Uint8Array(length);
    const hasLoss = selector(spans);
    spans.forEach((span, index) => {
      if (hasLoss(span, index)) mask.fill(1, first(span, spans[index - 1]), span.end);
    });
    return mask;
  };
}

/**
 * The labels for a trainer: the id where the mask is 1, -100 elsewhere. Not shifted.
 *
 * @throws {RangeError} for a mask that is not as long as the ids.
 *
 * @example
 * ```ts
 * import { labels } from "harmony-wasm/train";
 *
 * labels([24912, 2375], [0, 1]); // => [-100, 2375]
 * ```
 */
export function labels(tokens: TokenInput, lossMask: Uint8Array | readonly number[]): Int32Array {
  const ids = checkedTokens("tokens", tokens);
  const mask = checkedMask("lossMask", lossMask, ids.length);
  const labels = new Int32Array(ids.length).fill(WITHOUT_LOSS);
  for (let index = 0; index < ids.length; index += 1) {
    if (mask[index] === 1) labels[index] = ids[index] ?? WITHOUT_LOSS;
  }
  return labels;
}

/** The label that PyTorch's cross entropy ignores. */
const WITHOUT_LOSS = -100;

/** Returns the function that selects spans; a span must satisfy every option. */
function checkedSelector(options: LossMaskOptions) {
  const roles = checkedRoles("options.roles", options.roles) ?? ["assistant"];
  const channels = checkedNames("options.channels", options.channels);
  const analysis = checkedFlag("options.analysis", options.analysis, true);
  const lastTurnOnly = checkedFlag("options.lastTurnOnly", options.lastTurnOnly, false);
  const chosen = checkedChoice(options.messages);
  const isOn = ({ channel = "" }: MessageSpan) =>
    channels === undefined || channels.includes(channel);
  return (spans: readonly MessageSpan[]) => {
    const turn = lastTurnOnly ? spans.findLastIndex(({ role }) => role === "user") + 1 : 0;
    return (span: MessageSpan, index: number): boolean =>
      index >= turn &&
      roles.includes(span.role) &&
      isOn(span) &&
      (analysis || span.channel !== "analysis") &&
      chosen(span.message);
  };
}

/** The choice per message, as a function; a missing choice is an error. */
function checkedChoice(choice: LossMaskOptions["messages"]): (message: number) => boolean {
  if (choice === undefined || choice === null) return () => true;
  if (typeof choice !== "function" && !Array.isArray(choice)) {
    const wanted = "a function or an array of booleans";
    throw new TypeError(`"options.messages" expected ${wanted}, got ${described(choice)}`);
  }
  return (message) => {
    const chosen: unknown = typeof choice === "function" ? choice(message) : choice[message];
    if (typeof chosen === "boolean") return chosen;
    const place = typeof choice === "function" ? `messages(${message})` : `messages[${message}]`;
    throw new TypeError(`"options.${place}" expected a boolean, got ${described(chosen)}`);
  };
}
