/**
 * From a conversation to training samples: which analysis is kept, how many
 * samples there are, what is left out of one that is too long, and which ids
 * have loss. Every sample is a render of upstream's, of some of the messages.
 */

import { checkedOptions, described } from "../check/arguments.js";
import type { HarmonyEncoding } from "../encoding.js";
import type { MessageSpan, RenderedConversation } from "../spans.js";
import type { Message } from "../types.js";
import { checkedKey } from "./checked.js";
import { LOSS_MASK_OPTIONS, type LossMaskOptions, masker } from "./masks.js";
import { checkedTrainFlags } from "./train-flags.js";
import { checkedTruncation, type Truncation } from "./truncation.js";

/**
 * Which analysis messages a sample keeps.
 *
 * - `"upstream"`: those that upstream's renderer keeps by default. When the last
 *   message of the assistant is final, it drops those before the first final one.
 * - `"keep"`: all of them.
 * - `"drop-history"`: those after the last message of the user, as at inference.
 * - `"per-turn"`: a sample for each turn of the assistant, with the conversation
 *   up to there as it is at inference; only that turn has loss.
 */
export type AnalysisPolicy = "upstream" | "keep" | "drop-history" | "per-turn";

/** A message that may say that it has no loss; other fields are not looked at. */
export interface TrainingMessage extends Message {
  train?: boolean | null;
}

/** A conversation whose messages may have `train`, or its JSON text, which is lossless. */
export type TrainingConversationInput =
  | { messages: readonly TrainingMessage[] }
  | readonly TrainingMessage[]
  | string;

/** How conversations become samples. */
export interface TrainingOptions extends Omit<LossMaskOptions, "analysis"> {
  /** Which analysis messages are kept. Default `"upstream"`. */
  analysis?: AnalysisPolicy;
  /** What becomes of a sample that is too long. Default nothing: it stays as it is. */
  truncation?: Truncation | null;
}

/** One sample: its ids, where the messages lie among them, and which have loss. */
export interface TrainingSample extends RenderedConversation {
  lossMask: Uint8Array;
}

/** Renders the messages with these indices; all that upstream keeps, or all. */
type Render = (messages: readonly number[] | "upstream" | "all") => RenderedConversation;
type Spans = readonly MessageSpan[];

const OPTIONS = [
  ...LOSS_MASK_OPTIONS.filter((option) => option !== "analysis"),
  "analysis",
  "truncation",
] as const;

/**
 * Renders a conversation as upstream's `renderConversationForTraining` does
 * into the samples that a trainer takes: one, or one a turn, or none where it
 * is too long and the truncation says so. A message with `train: false` has
 * no loss.
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
  const { analysis, truncation, ...loss } = checkedOptions<TrainingOptions>(
    "options",
    options,
    OPTIONS,
  );
  const policy = checkedKey("options.analysis", analysis, RENDERS, "upstream");
  const shorten = checkedTruncation(truncation);
  const maskOf = masker({ ...loss, ...(policy === "per-turn" && { lastTurnOnly: true }) });
  const render = renderer(encoding, conversation);
  const samples = RENDERS[policy](render);
  const flags = checkedTrainFlags(conversation);
  return samples.flatMap((sample) => {
    const rendered = shorten(sample, render);
    if (rendered === undefined) return [];
    const { tokens, spans } = rendered;
    const lossMask = maskOf(tokens.length, spans);
    for (const { message, start, end } of spans) {
      if (flags?.[message] === false) lossMask.fill(0, start, end);
    }
    return [{ tokens, spans, lossMask }];
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

const RENDERS: Record<AnalysisPolicy, (render: Render) => RenderedConversation[]> = {
  upstream: (render) => [render("upstream")],
  keep: (render) => [render("all")],
  "drop-history": (render) => {
    const all = render("all");
    return [only(all, withoutHistory(all.spans), render)];
  },
  "per-turn": (render) => {
    const all = render("all");
    return turnEnds(all.spans).map((end) => {
      return only(all, withoutHistory(all.spans.slice(0, end)), render);
    });
  },
};

/** The render of these spans alone. */
function only(all: RenderedConversation, spans: Spans, render: Render): RenderedConversation {
  return spans.length === all.spans.length ? all : render(spans.map(({ message }) => message));
}

/** All but the analysis before the last message of the user. */
function withoutHistory(spans: Spans): Spans {
  const last = spans.findLastIndex(({ role }) => role === "user");
  return spans.filter(({ channel }, index) => index > last || channel !== "analysis");
}

/** Where the turns end in which the assistant says something. */
function turnEnds(spans: Spans): number[] {
  const users = spans.flatMap(({ role }, index) => (role === "user" ? [index] : []));
  const ends = [...users, spans.length];
  return ends.filter((end, turn) => {
    return spans.slice(ends[turn - 1] ?? 0, end).some(({ role }) => role === "assistant");
  });
}
