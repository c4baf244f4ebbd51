/**
 * Converts a conversation to training samples: selects the analysis, splits the
 * conversation into samples, truncates long ones, and computes loss masks. Every
 * sample is upstream's render of some of the messages.
 */

import { checkedFlag, checkedOptions, described } from "../check/arguments.js";
import type { HarmonyEncoding } from "../encoding.js";
import type { MessageSpan, RenderedConversation } from "../spans.js";
import { checkedKey } from "./checked.js";
import { LOSS_MASK_OPTIONS, type LossMaskOptions, masker } from "./masks.js";
import { checkedTrainFlags, type TrainingConversationInput } from "./train-flags.js";
import { checkedTruncation, type Truncation } from "./truncation.js";

/**
 * Which analysis messages a sample keeps.
 *
 * - `"upstream"`: those that upstream's renderer keeps by default. If the last
 *   assistant message is final, it drops those before the first final message.
 * - `"keep"`: all.
 * - `"drop-history"`: drops the thoughts before the last final message that comes
 *   before the last user message, as `promptFromChat` does. A call on analysis, its
 *   result, and the thoughts of a turn that has no final message yet are kept.
 * - `"per-turn"`: one sample per turn of the assistant, with the conversation up to
 *   that turn as with `"drop-history"`; only that turn is trained on.
 */
export type AnalysisPolicy = "upstream" | "keep" | "drop-history" | "per-turn";

/** Options of {@link renderTrainingSamples}. */
export interface TrainingOptions extends Omit<LossMaskOptions, "analysis"> {
  /** Which analysis messages are kept. Default `"upstream"`. */
  analysis?: AnalysisPolicy;
  /** How to shorten a sample that is too long. Default it is not shortened. */
  truncation?: Truncation | null;
}

/** One sample: its ids, the spans of its messages, and its loss mask. */
export interface TrainingSample extends RenderedConversation {
  lossMask: Uint8Array;
}

/** Renders the messages with these indices, those that upstream keeps, or all. */
type Render = (messages: readonly number[] | "upstream" | "all") => RenderedConversation;
/** What decides which messages a sample has; a span has it too. */
type Head = Pick<MessageSpan, "message"> & {
  role?: unknown;
  channel?: unknown;
  recipient?: unknown;
};
/** All messages: rendered, or only read. */
type Heads = readonly Head[];

const OPTIONS = [
  ...LOSS_MASK_OPTIONS.filter((option) => option !== "analysis"),
  "analysis",
  "truncation",
] as const;

/**
 * Renders a conversation into training samples, as
 * {@link HarmonyEncoding.renderConversationForTraining} renders it: one sample,
 * or one per turn; none without messages. Truncation can drop a sample that is too
 * long. A message with `train: false` is not trained on.
 *
 * @throws As `renderConversation`, and {TypeError} for options of a wrong type.
 *
 * @example
 * ```ts
 * import { assistantMessage, loadHarmonyEncodingSync, userMessage } from "harmony-wasm";
 * import { renderTrainingSamples } from "harmony-wasm/train";
 *
 * const encoding = loadHarmonyEncodingSync();
 * const conversation = [userMessage("2 + 2?"), assistantMessage("4", { channel: "final" })];
 * const [sample] = renderTrainingSamples(encoding, conversation, { preset: "body" });
 * const learnt = sample?.tokens.filter((_, index) => sample.lossMask[index] === 1) ?? [];
 * encoding.decodeUtf8(learnt); // => "4<|return|>"
 * ```
 */
export function renderTrainingSamples(
  encoding: HarmonyEncoding,
  conversation: TrainingConversationInput,
  options?: TrainingOptions | null,
): TrainingSample[] {
  const { analysis, truncation, lastTurnOnly, ...loss } = checkedOptions<TrainingOptions>(
    "options",
    options,
    OPTIONS,
  );
  const policy = checkedKey("options.analysis", analysis, RENDERS, "upstream");
  const isLastTurnOnly =
    checkedFlag("options.lastTurnOnly", lastTurnOnly, false) || policy === "per-turn";
  const shorten = checkedTruncation(truncation);
  const maskOf = masker(loss);
  const render = renderer(encoding, conversation);
  const samples = RENDERS[policy](render, headsOf(conversation));
  const flags = checkedTrainFlags(conversation);
  return samples.flatMap((whole) => {
    const rendered = shorten(whole, render);
    if (rendered === undefined || rendered.tokens.length === 0) return [];
    const { tokens, spans } = rendered;
    const lossMask = maskOf(tokens.length, spans);
    // Which turn is the last is decided before shortening, which can leave out its user message.
    const lastUser = isLastTurnOnly ? whole.spans.findLast(isUser)?.message : undefined;
    for (const { message, start, end } of spans) {
      if (message <= (lastUser ?? -1) || flags?.[message] === false) lossMask.fill(0, start, end);
    }
    return rendered === whole || lossMask.includes(1) ? [{ tokens, spans, lossMask }] : [];
  });
}

function renderer(encoding: HarmonyEncoding, conversation: TrainingConversationInput): Render {
  if (typeof encoding?.renderWithSpans !== "function") {
    throw new TypeError(`"encoding" expected a HarmonyEncoding, got ${described(encoding)}`);
  }
  return (messages) =>
    encoding.renderWithSpans(conversation, {
      for: "training",
      config: { auto_drop_analysis: messages === "upstream" },
      ...(typeof messages !== "string" && { messages }),
    });
}

const RENDERS: Record<
  AnalysisPolicy,
  (render: Render, heads: () => Heads | undefined) => RenderedConversation[]
> = {
  upstream: (render) => [render("upstream")],
  keep: (render) => [render("all")],
  "drop-history": (render, heads) => {
    const all = allOf(render, heads());
    return [all.only(withoutHistory(all.heads))];
  },
  "per-turn": (render, heads) => {
    const all = allOf(render, heads());
    const ends = turnEnds(all.heads);
    if (ends.length === 0) all.only(all.heads); // For the errors of messages that no sample has.
    return ends.map((end) => all.only(withoutHistory(all.heads.slice(0, end))));
  },
};

/** All messages of a conversation, and the render of some of them. */
interface All {
  heads: Heads;
  only: (heads: Heads) => RenderedConversation;
}

/** Renders a conversation at once only if its messages are not known. */
function allOf(render: Render, known: Heads | undefined): All {
  const rendered = known === undefined ? render("all") : undefined;
  const heads = known ?? rendered?.spans ?? [];
  const only = (some: Heads) => {
    if (some.length === heads.length) return rendered ?? render("all");
    return render(some.map(({ message }) => message));
  };
  return { heads, only };
}

/**
 * Reads the messages of JSON text, which costs a tenth of rendering them. Objects
 * are read once, by rendering; so is text that is not a conversation, for the error.
 */
function headsOf(conversation: TrainingConversationInput): () => Heads | undefined {
  return () => {
    const given = typeof conversation === "string" ? parsed(conversation) : undefined;
    const messages: unknown = Array.isArray(given) ? given : Object(given).messages;
    if (!Array.isArray(messages)) return undefined;
    return messages.map((given: unknown, message) => {
      const { role, channel, recipient } = Object(given);
      return { message, role, channel, recipient };
    });
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isUser({ role }: Pick<Head, "role">): boolean {
  return role === "user";
}

/** All messages except the thoughts that a prompt for the last turn does not have. */
function withoutHistory(heads: Heads): Heads {
  const history = heads.slice(0, heads.findLastIndex(isUser) + 1);
  const lastFinal = history.findLastIndex(
    ({ role, channel }) => role === "assistant" && channel === "final",
  );
  return heads.filter((head, index) => index > lastFinal || !isThought(head));
}

function isThought({ role, channel, recipient }: Head): boolean {
  return role === "assistant" && channel === "analysis" && !recipient;
}

/** The ends of the turns that have an assistant message. */
function turnEnds(heads: Heads): number[] {
  const users = heads.flatMap((head, index) => (isUser(head) ? [index] : []));
  const ends = [...users, heads.length];
  return ends.filter((end, turn) => {
    return heads.slice(ends[turn - 1] ?? 0, end).some(({ role }) => role === "assistant");
  });
}
