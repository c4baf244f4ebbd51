/**
 * One conversation to its samples. The text of a row goes to the wasm as it
 * stands, so that numbers and the order of keys stay what they are.
 */

import {
  type HarmonyEncoding,
  loadHarmonyEncodingSync,
  type RenderedConversation,
  Role,
} from "harmony-wasm";
import { conversationFromChatCompletions, refuseChatFields } from "harmony-wasm/openai";
import { lossMask, renderTrainingSamples, type TrainingSample } from "harmony-wasm/train";
import type { OutputRow } from "../columns/output-row.ts";
import type { SampleOptions } from "../options/render-options.ts";
import { NO_MESSAGES, type RowError, RowRefused, rowErrorOf } from "./row-error.ts";

/** What one row became; no samples where its truncation left none. */
export type Rendered = { samples: OutputRow[] } | { error: RowError };

/** Renders rows, whatever is in them. */
export class Renderer {
  readonly #options: SampleOptions;
  readonly #samplesOf: (text: string) => TrainingSample[];
  #encoding: HarmonyEncoding = loadHarmonyEncodingSync();

  constructor(options: SampleOptions) {
    this.#options = options;
    this.#samplesOf = options.for === "training" ? this.#training() : this.#prompt(options.for);
  }

  /** The samples of one row's text, or why there are none. */
  render(text: string, sourceRow: number): Rendered {
    try {
      const samples = this.#samplesOf(this.#conversation(text));
      for (const sample of samples) this.#check(sample);
      return { samples: samples.map((sample) => ({ ...sample, sourceRow })) };
    } catch (error) {
      const told = rowErrorOf(error);
      if (told.code === "instance_lost") this.#encoding = loadHarmonyEncodingSync();
      return { error: told };
    }
  }

  #conversation(text: string): string {
    const { shape, chat } = this.#options;
    if (shape === "chat") return conversationFromChatCompletions(text, chat);
    refuseChatFields(text);
    return text;
  }

  #check({ tokens: { length }, spans }: TrainingSample): void {
    if (spans.length === 0) throw new RowRefused("empty_conversation", NO_MESSAGES);
    const { maxLength } = this.#options;
    if (maxLength === undefined || length <= maxLength) return;
    throw new RowRefused("too_long", `the sample has ${length} ids, at most ${maxLength} may be`);
  }

  #training(): (text: string) => TrainingSample[] {
    const { analysis, mask, maxLength, truncation } = this.#options;
    const { analysis: hasAnalysisLoss, ...selectors } = mask;
    const shortens = maxLength !== undefined && truncation !== "reject";
    const options = {
      ...selectors,
      analysis,
      ...(shortens && { truncation: { length: maxLength, policy: truncation } }),
    };
    return (text) => {
      const samples = renderTrainingSamples(this.#encoding, text, options);
      if (!hasAnalysisLoss) samples.forEach(maskAnalysis);
      return samples;
    };
  }

  /** Without training there are no samples to choose: all is rendered as it stands. */
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

function maskAnalysis({ spans, lossMask }: TrainingSample): void {
  for (const { channel, start, end } of spans) {
    if (channel === "analysis") lossMask.fill(0, start, end);
  }
}
