/**
 * Renders one conversation to its samples. The text of a row is passed to the
 * wasm unchanged, so that numbers and the order of keys are kept.
 */

import {
  type HarmonyEncoding,
  loadHarmonyEncodingSync,
  type RenderedConversation,
  Role,
} from "harmony-wasm";
import { conversationFromChatCompletions, refuseChatFields } from "harmony-wasm/openai";
import { lossMask, renderTrainingSamples, type TrainingSample } from "harmony-wasm/train";
import type { RowText } from "../input/row-texts.ts";
import type { OutputRow } from "../rows/output-row.ts";
import { NO_MESSAGES, type RowError, RowRefused, rowErrorOf } from "../rows/row-error.ts";
import { type AnalysisCounts, countAnalysis } from "./left-out.ts";
import type { SampleOptions } from "./plan.ts";

/** The result of one row; without samples if truncation left none. */
export type Rendered = { samples: OutputRow[]; analysis: AnalysisCounts } | { error: RowError };

/** Renders rows; any row gives samples or an error. */
export class Renderer {
  readonly #options: SampleOptions;
  readonly #samplesOf: (text: string) => TrainingSample[];
  #encoding: HarmonyEncoding = loadHarmonyEncodingSync();

  constructor(options: SampleOptions) {
    this.#options = options;
    this.#samplesOf = options.for === "training" ? this.#training() : this.#prompt(options.for);
  }

  /** Renders a row of the input, which may have failed already. */
  renderRow({ text, row, error }: RowText): Rendered {
    return error ? { error } : this.render(text, row);
  }

  /** Renders the text of one row. */
  render(text: string, sourceRow: number): Rendered {
    try {
      const conversation = this.#conversation(text);
      const samples = this.#samplesOf(conversation);
      if (samples.length === 0) this.#refuseWithoutTurns(conversation);
      for (const sample of samples) this.#check(sample);
      const analysis = countAnalysis(samples, shortens(this.#options));
      return { samples: samples.map((sample) => ({ ...sample, sourceRow })), analysis };
    } catch (error) {
      const found = rowErrorOf(error, text);
      if (found.code === "instance_lost") this.#encoding = loadHarmonyEncodingSync();
      return { error: found };
    }
  }

  #conversation(text: string): string {
    const { shape, chat } = this.#options;
    if (shape === "chat") return conversationFromChatCompletions(text, chat);
    refuseChatFields(text);
    return text;
  }

  /** Truncation may leave no sample of a conversation, but per-turn needs a turn to begin with. */
  #refuseWithoutTurns(conversation: string): void {
    if (this.#options.analysis !== "per-turn" || hasAssistant(conversation)) return;
    throw new RowRefused(
      "empty_conversation",
      "the conversation has no assistant message, so --analysis per-turn makes no sample of it",
      "messages",
    );
  }

  #check({ tokens: { length }, spans }: TrainingSample): void {
    if (spans.length === 0) throw new RowRefused("empty_conversation", NO_MESSAGES);
    const { maxLength } = this.#options;
    if (maxLength === undefined || length <= maxLength) return;
    throw new RowRefused(
      "too_long",
      `the sample has ${length} ids; at most ${maxLength} are allowed`,
    );
  }

  #training(): (text: string) => TrainingSample[] {
    const { analysis, mask, maxLength, truncation } = this.#options;
    const { analysis: hasAnalysisLoss, ...selectors } = mask;
    const options = {
      ...selectors,
      analysis,
      ...(maxLength !== undefined &&
        truncation !== "reject" && { truncation: { length: maxLength, policy: truncation } }),
    };
    return (text) => {
      const samples = renderTrainingSamples(this.#encoding, text, options);
      if (!hasAnalysisLoss) samples.forEach(maskAnalysis);
      return samples;
    };
  }

  /** A prompt or a stored conversation is one sample, without policies. */
  #prompt(purpose: "conversation" | "completion"): (text: string) => TrainingSample[] {
    const config = { auto_drop_analysis: this.#options.analysis !== "keep" };
    const next = purpose === "completion" ? { nextTurnRole: Role.ASSISTANT } : {};
    return (text) => {
      const rendered = this.#encoding.renderWithSpans(text, { for: purpose, config, ...next });
      return [{ ...rendered, lossMask: this.#maskOf(rendered) }];
    };
  }

  #maskOf(rendered: RenderedConversation): Uint8Array {
    const { for: purpose, mask } = this.#options;
    return purpose === "completion"
      ? new Uint8Array(rendered.tokens.length)
      : lossMask(rendered, mask);
  }
}

function hasAssistant(conversation: string): boolean {
  const row: unknown = JSON.parse(conversation);
  const messages: unknown = Array.isArray(row) ? row : Object(row).messages;
  return Array.isArray(messages) && messages.some((each) => Object(each).role === "assistant");
}

/** Whether samples are shortened; else too long ones are rejected. */
export function shortens({ maxLength, truncation }: SampleOptions): boolean {
  return maxLength !== undefined && truncation !== "reject";
}

function maskAnalysis({ spans, lossMask }: TrainingSample): void {
  for (const { channel, start, end } of spans) {
    if (channel === "analysis") lossMask.fill(0, start, end);
  }
}
