/** Where the samples of a row begin, and where its padding does, by the columns that say so. */

import type { IdRow } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";

/** The bounds of the samples of a row. */
export interface SampleBounds {
  /** Where each sample begins; one at 0 if no column says it, or what it says cannot be true. */
  starts: readonly number[];
  /** Whether a column says where they begin. */
  areKnown: boolean;
  /** Where the last sample ends and padding begins. */
  end: number;
  /** Why a column cannot be right. */
  faults: readonly string[];
}

/** The bounds of a row's samples; `paddingId` is padding if no column says where it begins. */
export function sampleBounds(row: IdRow, paddingId?: number): SampleBounds {
  const { n_tokens: length } = row.fields;
  const isLength = typeof length === "number";
  const byLength = isLength ? endByLength(row, length) : undefined;
  const end = byLength ?? endOf(row, paddingId);
  const starts = numberList(row.fields.seq_start_id);
  const areKnown = starts !== undefined && canBeStarts(starts, end);
  const faults: string[] = [];
  if (isLength && byLength === undefined) faults.push(lengthFault(row, length));
  if (starts && !areKnown) faults.push(startsFault(starts, end));
  return { starts: areKnown ? Array.from(starts) : [0], areKnown, end, faults };
}

/** The end by `n_tokens`, if it leaves out nothing or one id, repeated. */
function endByLength({ ids }: IdRow, length: number): number | undefined {
  if (!Number.isInteger(length) || length < 0 || length > ids.length) return undefined;
  for (let at = length; at < ids.length; at += 1) if (ids[at] !== ids[length]) return undefined;
  return length;
}

/** The end by `attention_mask`, otherwise by the id of padding. */
function endOf({ ids, fields }: IdRow, paddingId?: number): number {
  const attention = numberList(fields.attention_mask);
  const isPadding =
    attention?.length === ids.length
      ? (at: number) => attention[at] === 0
      : (at: number) => ids[at] === paddingId;
  let end = ids.length;
  while (end > 0 && isPadding(end - 1)) end -= 1;
  return end;
}

function lengthFault({ ids }: IdRow, length: number): string {
  const isWithin = Number.isInteger(length) && length >= 0 && length < ids.length;
  const why = isWithin ? `, but the ids from ${length} on differ, so they are not padding` : "";
  return `n_tokens is ${length} for ${ids.length} ids${why}`;
}

function canBeStarts(starts: ArrayLike<number>, end: number): boolean {
  if (starts.length === 0) return end === 0;
  if (starts[0] !== 0) return false;
  for (let at = 1; at < starts.length; at += 1) {
    const start = starts[at] ?? Number.NaN;
    if (!(start > (starts[at - 1] ?? 0) && start < end)) return false;
  }
  return true;
}

function startsFault(starts: ArrayLike<number>, end: number): string {
  return `seq_start_id has ${shown(starts)}; expected 0 and then places in ascending order below ${end}`;
}

const MOST_SHOWN = 8;

function shown(numbers: ArrayLike<number>): string {
  const first = Array.from(numbers).slice(0, MOST_SHOWN).join(", ");
  return numbers.length > MOST_SHOWN ? `[${first}, …]` : `[${first}]`;
}
