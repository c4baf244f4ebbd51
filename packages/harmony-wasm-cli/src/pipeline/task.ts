/** What goes to a worker and what comes back. */

import type { Schema } from "apache-arrow";
import { fileSchema } from "../columns/record-batch.ts";
import type { RenderOptions } from "../options/render-options.ts";
import type { EncodedBatch, FormatContext } from "../output/format.ts";

/** What every worker is told once: plain data. */
export interface Job {
  render: RenderOptions;
  format: Omit<FormatContext, "schema">;
}

/** What was counted. */
export interface Counts {
  /** Rows of the input with a conversation in them. */
  conversations: number;
  /** Rows of the output. */
  rows: number;
  tokens: number;
  /** Ids with loss. */
  trained: number;
  rejected: number;
  /** Conversations of which the truncation left nothing. */
  dropped: number;
}

/** Nothing, counted. */
export const NO_COUNTS: Counts = {
  conversations: 0,
  rows: 0,
  tokens: 0,
  trained: 0,
  rejected: 0,
  dropped: 0,
};

/** Both together. */
export function addedCounts(one: Counts, other: Counts): Counts {
  return {
    conversations: one.conversations + other.conversations,
    rows: one.rows + other.rows,
    tokens: one.tokens + other.tokens,
    trained: one.trained + other.trained,
    rejected: one.rejected + other.rejected,
    dropped: one.dropped + other.dropped,
  };
}

/** A batch, done. */
export interface DoneBatch extends EncodedBatch {
  counts: Counts;
  /** The lines of the rejected rows. */
  rejected: Uint8Array<ArrayBuffer>;
}

/** The format's context, with the schema that cannot be sent. */
export function formatContext({ format }: Job): FormatContext {
  const schema: Schema = fileSchema(format.columns, format.metadata);
  return { ...format, schema };
}
