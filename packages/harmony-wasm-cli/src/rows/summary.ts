/**
 * What a run report shows beside the counts: lengths, messages by role and
 * channel, recipients, and an example of each rejection. Its size is bounded, and
 * summaries of batches can be added.
 */

import type { MessageSpan } from "harmony-wasm/train";
import { addedLengths, type Lengths, lengthsOf, NO_LENGTHS } from "./lengths.ts";
import { lengthOf, type OutputRow } from "./output-row.ts";
import { shortened, type Tallying, tallied } from "./tally.ts";

/** The messages of one role and channel. */
export interface MessageKind {
  role: string;
  channel: string | null;
  messages: number;
  ids: number;
  /** Ids that are trained on. */
  trained: number;
}

/** The messages to one recipient. */
export interface Recipient {
  recipient: string;
  messages: number;
}

/** The first row that was rejected for a reason. */
export interface Example {
  reason: string;
  /** The name of its file; empty for stdin. */
  file: string;
  row: number;
  message: string;
  /** The beginning of the row. */
  line: string;
}

/** The sums over some batches, as plain data. */
export interface Summary {
  /** The ids of each sample, before packing. */
  lengths: Lengths;
  /** With packing, the ids of each packed row, without padding. */
  packed: Lengths;
  kinds: readonly MessageKind[];
  recipients: readonly Recipient[];
  examples: readonly Example[];
}

/** The summary before the first batch. */
export const NO_SUMMARY: Summary = {
  lengths: NO_LENGTHS,
  packed: NO_LENGTHS,
  kinds: [],
  recipients: [],
  examples: [],
};

const MOST_LINE = 400;

const KINDS: Tallying<MessageKind> = {
  nameOf: ({ role, channel }) => `${role} ${channel ?? ""}`,
  added: (one, other) => ({
    ...one,
    messages: one.messages + other.messages,
    ids: one.ids + other.ids,
    trained: one.trained + other.trained,
  }),
  most: 50,
  others: (kind) => ({ ...kind, role: "others", channel: null }),
};

const RECIPIENTS: Tallying<Recipient> = {
  nameOf: ({ recipient }) => recipient,
  added: (one, other) => ({ ...one, messages: one.messages + other.messages }),
  most: 100,
  others: (each) => ({ ...each, recipient: "other recipients" }),
};

const EXAMPLES: Tallying<Example> = {
  nameOf: ({ reason }) => reason,
  added: (one) => one,
  most: 50,
  others: (example) => ({ ...example, reason: "other reasons" }),
};

/** The rows of a batch, and the rejected ones. */
export interface Summarized {
  samples: readonly OutputRow[];
  packed: readonly OutputRow[];
  rejected: readonly Example[];
}

/** The summary of a batch. */
export function summaryOf({ samples, packed, rejected }: Summarized): Summary {
  return {
    lengths: lengthsOf(samples.map(({ tokens }) => tokens.length)),
    packed: lengthsOf(packed.map(lengthOf)),
    kinds: tallied(kindsIn(samples), KINDS),
    recipients: tallied(recipientsIn(samples), RECIPIENTS),
    examples: tallied(rejected.map(shortExample), EXAMPLES),
  };
}

/** The summary of both together; `one` came first. */
export function addedSummaries(one: Summary, other: Summary): Summary {
  return {
    lengths: addedLengths(one.lengths, other.lengths),
    packed: addedLengths(one.packed, other.packed),
    kinds: tallied([...one.kinds, ...other.kinds], KINDS),
    recipients: tallied([...one.recipients, ...other.recipients], RECIPIENTS),
    examples: tallied([...one.examples, ...other.examples], EXAMPLES),
  };
}

function* kindsIn(samples: readonly OutputRow[]): Generator<MessageKind> {
  for (const { spans, lossMask } of samples) {
    for (const span of spans) yield kindOf(span, lossMask);
  }
}

function kindOf({ role, channel, start, end }: MessageSpan, mask: Uint8Array): MessageKind {
  let trained = 0;
  for (let at = start; at < end; at += 1) trained += mask[at] ?? 0;
  const name = channel === undefined ? null : shortened(channel);
  return { role, channel: name, messages: 1, ids: end - start, trained };
}

function* recipientsIn(samples: readonly OutputRow[]): Generator<Recipient> {
  for (const { spans } of samples) {
    for (const { recipient } of spans) {
      if (recipient !== undefined) yield { recipient: shortened(recipient), messages: 1 };
    }
  }
}

function shortExample({ reason, file, row, message, line }: Example): Example {
  return {
    reason: shortened(reason),
    file: shortened(file),
    row,
    message: shortened(message, MOST_LINE),
    line: shortened(line, MOST_LINE),
  };
}
