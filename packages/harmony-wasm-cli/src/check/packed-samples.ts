/**
 * Samples as a few arrays, which move between threads without a copy: the ids of
 * all samples end to end, and where each ends.
 */

/** A sample to compare. */
export interface ComparedSample {
  /** The row of the source, or of the file. */
  row: number;
  ids: Uint32Array;
  /** Undefined if the file has no column `loss_mask`. */
  lossMask: Uint8Array | undefined;
}

/** Samples, packed. */
export interface PackedSamples {
  rows: Float64Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  ids: Uint32Array<ArrayBuffer>;
  /** 1 for each sample with a mask. */
  masked: Uint8Array<ArrayBuffer>;
  /** As long as `ids` if a sample has a mask, else empty. */
  masks: Uint8Array<ArrayBuffer>;
}

/** Packs samples. */
export function packed(samples: readonly ComparedSample[]): PackedSamples {
  const total = samples.reduce((sum, { ids }) => sum + ids.length, 0);
  const hasMasks = samples.some(({ lossMask }) => lossMask !== undefined);
  const arrays = {
    rows: Float64Array.from(samples, ({ row }) => row),
    ends: new Uint32Array(samples.length),
    ids: new Uint32Array(total),
    masked: Uint8Array.from(samples, ({ lossMask }) => Number(lossMask !== undefined)),
    masks: new Uint8Array(hasMasks ? total : 0),
  };
  let at = 0;
  for (const [index, { ids, lossMask }] of samples.entries()) {
    arrays.ids.set(ids, at);
    if (lossMask) arrays.masks.set(lossMask.subarray(0, ids.length), at);
    at += ids.length;
    arrays.ends[index] = at;
  }
  return arrays;
}

/** The samples of all batches. */
export async function* unpackedAll(
  batches: AsyncIterable<PackedSamples>,
): AsyncGenerator<ComparedSample> {
  for await (const batch of batches) yield* unpacked(batch);
}

/** As views. */
function* unpacked(given: PackedSamples): Generator<ComparedSample> {
  let start = 0;
  for (const [index, end] of given.ends.entries()) {
    const ids = given.ids.subarray(start, end);
    const lossMask = given.masked[index] === 1 ? given.masks.subarray(start, end) : undefined;
    yield { row: given.rows[index] ?? 0, ids, lossMask };
    start = end;
  }
}
