/**
 * Proves that samples are correct, many in one call on the wasm, which nearly all are;
 * checking message by message with upstream's parser costs eight times as much.
 */

import { type HarmonyEncoding, loadHarmonyEncodingSync, type ProvedRow } from "harmony-wasm";
import type { IdRow } from "../input/id-rows.ts";
import type { Endings } from "./recorded-options.ts";
import { type SampleBounds, sampleBounds } from "./sample-bounds.ts";

/** A sample of a row. */
export interface Sample {
  start: number;
  end: number;
  /** Undefined for a sample that has to be checked message by message. */
  proved: ProvedRow | undefined;
}

/** A row with its samples: several in a packed row. */
export interface SampledRow {
  row: IdRow;
  samples: Sample[];
  bounds: SampleBounds;
}

/** What a prompt ends with: the model samples the rest of this message. */
const NEXT_START = "<|start|>assistant";

/** The ids of a call. Longer calls are not faster, and need more memory. */
const MOST_IDS = 256 * 1024;

/** The rows with the proofs of their samples, in order. */
export function* withProvedSamples(
  rows: Iterable<IdRow>,
  { arePrompts, paddingId }: Endings,
): Generator<SampledRow> {
  const encoding = loadHarmonyEncodingSync();
  const next = arePrompts ? encoding.encode(NEXT_START, { allowedSpecial: "all" }) : [];
  let group: SampledRow[] = [];
  let ids = 0;
  for (const row of rows) {
    const bounds = sampleBounds(row, paddingId);
    group.push({ row, samples: samplesIn(row.ids, bounds, next), bounds });
    ids += row.ids.length;
    if (ids < MOST_IDS) continue;
    yield* proved(group, encoding);
    [group, ids] = [[], 0];
  }
  yield* proved(group, encoding);
}

/** The samples of a row, without the start of a next message. */
function samplesIn(
  ids: Uint32Array,
  { starts, end: last }: SampleBounds,
  next: ArrayLike<number>,
): Sample[] {
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? last;
    const endsSo = Array.from(next).every((id, at) => ids[end - next.length + at] === id);
    return { start, end: endsSo ? end - next.length : end, proved: undefined };
  });
}

function proved(rows: SampledRow[], encoding: HarmonyEncoding): SampledRow[] {
  const pieces = rows.flatMap(({ row: { ids }, samples }) =>
    samples.map(({ start, end }) => ids.subarray(start, end)),
  );
  const ends = new Uint32Array(pieces.length);
  const tokens = new Uint32Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    tokens.set(piece, at);
    at += piece.length;
    ends[index] = at;
  }
  const found = encoding.proveRows(tokens, ends).values();
  for (const { samples } of rows) {
    for (const sample of samples) sample.proved = found.next().value;
  }
  return rows;
}
