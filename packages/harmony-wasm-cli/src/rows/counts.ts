/** What a run counts, batch by batch. */

/** The sums over some batches. */
export interface Counts {
  /** Rows of the input that hold a conversation. */
  conversations: number;
  /** Rows of the output. */
  rows: number;
  tokens: number;
  /** Ids that are trained on. */
  trained: number;
  rejected: number;
  /** Conversations of which truncation left no sample. */
  dropped: number;
}

/** The counts before the first batch. */
export const NO_COUNTS: Counts = {
  conversations: 0,
  rows: 0,
  tokens: 0,
  trained: 0,
  rejected: 0,
  dropped: 0,
};

/** The sum of two counts. */
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
