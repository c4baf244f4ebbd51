/** How the rows of one call are rendered, and what their samples have besides the ids. */

import type { RenderRowsOptions } from "harmony-wasm";
import { Role } from "harmony-wasm";
import { CHAT_FIELDS, CHAT_ROW_FIELDS, plainChatRows } from "harmony-wasm/openai";
import { lossMasker, type MessageSpan } from "harmony-wasm/train";
import type { SampleOptions } from "./plan.ts";

/** The options of calls for many rows. */
export interface UsualOptions {
  /** For rows as they are given. */
  rows: RenderRowsOptions;
  /** For the conversations of rows in another shape. */
  conversations: RenderRowsOptions;
}

/**
 * The options of calls for many rows; undefined where every row is rendered alone,
 * because it may become several samples.
 */
export function usualOptions(options: SampleOptions): UsualOptions | undefined {
  const { for: purpose, shape, chat, maxLength } = options;
  const analysis = usualAnalysis(options);
  if (analysis === undefined) return undefined;
  const conversations = {
    for: purpose,
    analysis,
    ...(purpose === "completion" && { nextTurnRole: Role.ASSISTANT }),
    // Longer rows are shortened or rejected alone.
    ...(maxLength !== undefined && { mostTokens: maxLength }),
  };
  const ofShape =
    shape === "chat" ? plainChatRows(chat) : { fields: CHAT_FIELDS, rowFields: CHAT_ROW_FIELDS };
  return { rows: { ...conversations, ...ofShape }, conversations };
}

/** A prompt or a stored conversation has no policy of its own, only upstream's or none. */
function usualAnalysis({ for: purpose, analysis }: SampleOptions): RenderRowsOptions["analysis"] {
  if (purpose === "training") return analysis === "per-turn" ? undefined : analysis;
  return analysis === "keep" ? "keep" : "upstream";
}

/** Makes the function that computes the loss mask of a usual row. */
export function usualMask({
  for: purpose,
  mask: { analysis: hasAnalysisLoss, ...selectors },
}: SampleOptions): (length: number, spans: readonly MessageSpan[]) => Uint8Array {
  if (purpose === "completion") return (length) => new Uint8Array(length);
  const maskOf = lossMasker(selectors);
  return (length, spans) => {
    const mask = maskOf(length, spans);
    if (!hasAnalysisLoss) maskAnalysis(mask, spans);
    return mask;
  };
}

/** Takes analysis out of a loss mask. */
function maskAnalysis(mask: Uint8Array, spans: readonly MessageSpan[]): void {
  for (const { channel, start, end } of spans) {
    if (channel === "analysis") mask.fill(0, start, end);
  }
}
