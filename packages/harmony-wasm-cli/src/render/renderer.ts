/**
 * Renders conversations to samples: many usual ones in one call, any other alone,
 * which gives its error. The text of a row is passed to the wasm unchanged, so that
 * numbers and the order of keys are kept.
 */

import {
  type HarmonyEncoding,
  HarmonyError,
  loadHarmonyEncodingSync,
  type RenderedRows,
  type RenderRowsOptions,
  Role,
} from "harmony-wasm";
import { conversationFromChatCompletions, refuseChatFields } from "harmony-wasm/openai";
import { type MessageSpan, renderTrainingSamples, type TrainingSample } from "harmony-wasm/train";
import type { RowText } from "../input/batch.ts";
import type { OutputRow } from "../rows/output-row.ts";
import { NO_MESSAGES, type RowError, RowRefused, rowErrorOf } from "../rows/row-error.ts";
import { type AnalysisCounts, countAnalysis } from "./left-out.ts";
import type { SampleOptions } from "./plan.ts";
import { usualMask, usualOptions } from "./usual-rows.ts";

/** The result of one row; without samples if truncation left none. */
export type Rendered = { samples: OutputRow[]; analysis: AnalysisCounts } | { error: RowError };

/** The conversation of a row as JSON text in harmony's shape, or the error of the row. */
export type ReadRow = { conversation: string } | { error: RowError };

/** Renders rows; any row gives samples or an error. */
export class Renderer {
  readonly #options: SampleOptions;
  readonly #samplesOf: (text: string) => TrainingSample[];
  readonly #maskOf: ReturnType<typeof usualMask>;
  readonly #usual: ReturnType<typeof usualOptions>;
  #encoding: HarmonyEncoding = loadHarmonyEncodingSync();

  constructor(options: SampleOptions) {
    this.#options = options;
    this.#maskOf = usualMask(options);
    this.#usual = usualOptions(options);
    this.#samplesOf = options.for === "training" ? this.#training() : this.#prompt(options.for);
  }

  /** Renders a row of the input, which may have failed already. */
  renderRow({ text, row, error }: RowText): Rendered {
    return error ? { error } : this.render(text, row);
  }

  /** Renders the text of one row. */
  render(text: string, sourceRow: number): Rendered {
    return this.#attempt(text, () => this.#rendered(this.#conversation(text), sourceRow));
  }

  /** Whether rows become conversations by a mapping, and not by a call on their bytes. */
  get maps(): boolean {
    return this.#usual !== undefined && this.#options.shape === "chat";
  }

  /** Renders the usual ones of some rows; undefined if there can be none. */
  usualRows(bytes: Uint8Array, ends: Uint32Array): RenderedRows | undefined {
    return this.#usual && this.#together(bytes, ends, this.#usual.rows);
  }

  /** Renders the usual ones of the conversations of some rows. */
  usualConversations(bytes: Uint8Array, ends: Uint32Array): RenderedRows | undefined {
    return this.#usual && this.#together(bytes, ends, this.#usual.conversations);
  }

  #together(bytes: Uint8Array, ends: Uint32Array, options: RenderRowsOptions) {
    try {
      return this.#encoding.renderRows(bytes, ends, options);
    } catch (error) {
      // Alone, each row gets its own error, and the others their samples.
      if (!(error instanceof HarmonyError)) throw error;
      this.#encoding = loadHarmonyEncodingSync();
      return undefined;
    }
  }

  /** The sample of a usual row, which one of {@link usualRows} is. */
  sampleOf(tokens: Uint32Array, spans: MessageSpan[], sourceRow: number): Rendered {
    const lossMask = this.#maskOf(tokens.length, spans);
    const samples = [{ tokens, spans, lossMask, sourceRow }];
    return { samples, analysis: countAnalysis(samples, shortens(this.#options)) };
  }

  /** The conversation of a row that is mapped. */
  conversationOf({ text, error }: RowText): ReadRow {
    if (error) return { error };
    return this.#attempt(text, () => ({ conversation: this.#conversation(text) }));
  }

  /** Renders a row of which {@link conversationOf} has read the conversation. */
  renderRead(read: ReadRow, { text, row }: RowText): Rendered {
    if ("error" in read) return read;
    return this.#attempt(text, () => this.#rendered(read.conversation, row));
  }

  #attempt<T>(text: string, operation: () => T): T | { error: RowError } {
    try {
      return operation();
    } catch (error) {
      const found = rowErrorOf(error, text);
      if (found.code === "instance_lost") this.#encoding = loadHarmonyEncodingSync();
      return { error: found };
    }
  }

  #conversation(text: string): string {
    const { shape, chat } = this.#options;
    if (shape === "chat") return conversationFromChatCompletions(text, chat);
    refuseChatFields(text, "pass --shape chat");
    return text;
  }

  #rendered(conversation: string, sourceRow: number): Rendered {
    const samples = this.#samplesOf(conversation);
    if (samples.length === 0) this.#refuseWithoutTurns(messagesOf(conversation));
    for (const sample of samples) this.#check(sample);
    const analysis = countAnalysis(samples, shortens(this.#options));
    return { samples: samples.map((sample) => ({ ...sample, sourceRow })), analysis };
  }

  /** Truncation may leave no sample, but there must be messages, and a turn for per-turn. */
  #refuseWithoutTurns(messages: readonly unknown[]): void {
    if (messages.length === 0) throw new RowRefused("empty_conversation", NO_MESSAGES);
    if (this.#options.analysis !== "per-turn" || messages.some(isOfAssistant)) return;
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
    if (hasAnalysisLoss) return (text) => renderTrainingSamples(this.#encoding, text, options);
    return (text) =>
      renderTrainingSamples(this.#encoding, text, { ...options, messages: isNoAnalysis(text) });
  }

  /** A prompt or a stored conversation is one sample, without policies. */
  #prompt(purpose: "conversation" | "completion"): (text: string) => TrainingSample[] {
    const config = { auto_drop_analysis: this.#options.analysis !== "keep" };
    const next = purpose === "completion" ? { nextTurnRole: Role.ASSISTANT } : {};
    return (text) => {
      const { tokens, spans } = this.#encoding.renderWithSpans(text, {
        for: purpose,
        config,
        ...next,
      });
      return [{ tokens, spans, lossMask: this.#maskOf(tokens.length, spans) }];
    };
  }
}

function isOfAssistant(message: unknown): boolean {
  return Object(message).role === "assistant";
}

/** Whether the message at an index is not analysis; the text is read when this is first asked. */
function isNoAnalysis(conversation: string): (message: number) => boolean {
  let messages: unknown[] | undefined;
  return (message) => {
    messages ??= messagesOf(conversation);
    return Object(messages[message]).channel !== "analysis";
  };
}

function messagesOf(conversation: string): unknown[] {
  const row: unknown = JSON.parse(conversation);
  const messages: unknown = Array.isArray(row) ? row : Object(row).messages;
  return Array.isArray(messages) ? messages : [];
}

/** Whether samples are shortened; else too long ones are rejected. */
export function shortens({ maxLength, truncation }: SampleOptions): boolean {
  return maxLength !== undefined && truncation !== "reject";
}
