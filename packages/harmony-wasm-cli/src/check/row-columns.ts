/** Whether the columns of a row agree with its ids, and with each other. */

import type { IdRow } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";
import type { SampleBounds } from "./sample-bounds.ts";

/** The columns with a value for each id. */
const PER_ID = ["loss_mask", "labels", "position_ids", "attention_mask"] as const;

/** The columns that must agree with the ids. */
export const CHECKED_COLUMNS = [...PER_ID, "seq_start_id", "seq_lengths", "n_tokens"];

/** A fault of a column. */
export interface ColumnFault {
  position?: number;
  message: string;
}

/** Plain loops compare them: with a function called for each place, verify of packs took a tenth longer. */
type Numbers = ArrayLike<number>;

const IGNORED = -100;

/** The faults of a row's columns. */
export function* columnFaults(row: IdRow, bounds: SampleBounds): Generator<ColumnFault> {
  const { ids, fields } = row;
  for (const message of bounds.faults) yield { message };
  const given = new Map(PER_ID.map((name) => [name, numberList(fields[name])]));
  for (const [name, values] of given) {
    if (!values || values.length === ids.length) continue;
    given.delete(name);
    yield { message: `${name} has ${values.length} values for ${ids.length} ids` };
  }
  const [labels, mask] = [given.get("labels"), given.get("loss_mask")];
  const faults = [
    lengthsFault(row, bounds),
    attentionFault(given.get("attention_mask"), bounds),
    positionFault(given.get("position_ids"), bounds),
    labelFault(labels, ids) ?? maskFault(labels, mask, bounds),
  ];
  for (const fault of faults) if (fault) yield fault;
}

/** The lengths of the samples, then that of the padding; TRL needs as many as there are ids. */
function lengthsFault({ ids, fields }: IdRow, { starts, areKnown, end }: SampleBounds) {
  const lengths = numberList(fields.seq_lengths);
  if (!lengths) return undefined;
  const sum = Array.from(lengths).reduce((total, length) => total + length, 0);
  if (sum !== ids.length) return { message: `seq_lengths add up to ${sum} for ${ids.length} ids` };
  if (!areKnown) return undefined;
  const ends = [...starts, ...(end < ids.length ? [end] : []), ids.length];
  const expected = ends.slice(1).map((each, at) => each - (ends[at] ?? 0));
  const wrong = firstUnequal(lengths, expected);
  if (wrong === undefined) return undefined;
  const message = `seq_lengths[${wrong}] is ${lengths[wrong]}; expected ${expected[wrong]}, by seq_start_id`;
  return { message };
}

function attentionFault(attention: Numbers | undefined, { end }: SampleBounds) {
  if (!attention) return undefined;
  for (let position = 0; position < attention.length; position += 1) {
    if ((attention[position] !== 0) === position < end) continue;
    const place = position < end ? "at an id" : "in the padding";
    return { position, message: `attention_mask has ${attention[position]} ${place}` };
  }
  return undefined;
}

/**
 * Positions begin at 0 in each sample; if no column says where samples begin, at any 0. Those of
 * padding do not matter.
 */
function positionFault(positions: Numbers | undefined, { starts, areKnown, end }: SampleBounds) {
  if (!positions) return undefined;
  const begins = areKnown ? starts : zerosIn(positions, end);
  const wrong = wrongPosition(positions, begins, end);
  if (!wrong) return undefined;
  const { position, expected } = wrong;
  const or = areKnown || expected === 0 ? "" : " or 0";
  return {
    position,
    message: `position_ids has ${positions[position]}; expected ${expected}${or}`,
  };
}

function wrongPosition(positions: Numbers, starts: readonly number[], last: number) {
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? last;
    for (let at = start; at < end; at += 1) {
      if (positions[at] !== at - start) return { position: at, expected: at - start };
    }
  }
  return undefined;
}

function zerosIn(positions: Numbers, end: number): number[] {
  const zeros = [0];
  for (let at = 1; at < end; at += 1) if (positions[at] === 0) zeros.push(at);
  return zeros;
}

function labelFault(labels: Numbers | undefined, ids: Uint32Array) {
  const position = labels && wrongLabel(labels, ids);
  if (position === undefined) return undefined;
  const message = `labels has ${labels?.[position]} at the id ${ids[position]}; expected the id or ${IGNORED}`;
  return { position, message };
}

function wrongLabel(labels: Numbers, ids: Uint32Array): number | undefined {
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    if (label !== IGNORED && label !== ids[at]) return at;
  }
  return undefined;
}

/** The mask of each sample of a packed row may be shifted one position from its labels. */
function maskFault(
  labels: Numbers | undefined,
  mask: Numbers | undefined,
  { starts, areKnown }: SampleBounds,
) {
  if (!labels || !mask) return undefined;
  const trained = new Uint8Array(labels.length);
  for (let at = 0; at < trained.length; at += 1) trained[at] = labels[at] === IGNORED ? 0 : 1;
  const position = firstUnequal(mask, trained);
  if (position === undefined) return undefined;
  if (areKnown && firstUnequal(mask, shifted(trained, starts)) === undefined) return undefined;
  return { position, message: "labels and loss_mask disagree" };
}

/** Where a sample begins, the place before it predicts nothing. */
function shifted(trained: Uint8Array, starts: readonly number[]): Uint8Array {
  const mask = new Uint8Array(trained.length);
  mask.set(trained.subarray(1));
  for (const start of starts) if (start > 0) mask[start - 1] = 0;
  return mask;
}

function firstUnequal(one: Numbers, other: Numbers): number | undefined {
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return at;
  return undefined;
}
