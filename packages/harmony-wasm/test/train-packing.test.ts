/** Packing against a simple best fit decreasing, and packs against concatenated samples. */

import fc from "fast-check";
import { createPacker, type Packable, type PackedSample, pack } from "harmony-wasm/train";
import { describe, expect, it } from "vitest";

const holds = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property, { numRuns: 500, seed: 7 });
/** Lengths around the borders of the index's words, and sizes that fit. */
const capacities = fc.oneof(
  fc.constantFrom(1, 31, 32, 33, 1023, 1024, 1025, 32_768, 100_000, 2 ** 24),
  fc.integer({ min: 1, max: 3000 }),
);
const sized = capacities.chain((length) =>
  fc.record({
    length: fc.constant(length),
    sizes: fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: length }),
        fc.integer({ min: 0, max: Math.min(length, 40) }),
      ),
      { maxLength: 60 },
    ),
  }),
);

/** Compares every bin for every size; of equally full bins, the last to become so wins. */
function plainBins(sizes: readonly number[], length: number): number[][] {
  const bins: { room: number; touched: number; indices: number[] }[] = [];
  const order = sizes
    .map((_, index) => index)
    .sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  order.forEach((index, step) => {
    const size = sizes[index] ?? 0;
    const fitting = bins.filter(({ room }) => room >= size);
    fitting.sort((a, b) => a.room - b.room || b.touched - a.touched);
    const bin = fitting[0] ?? { room: length, touched: 0, indices: [] };
    if (fitting.length === 0) bins.push(bin);
    bin.room -= size;
    bin.touched = step;
    bin.indices.push(index);
  });
  return bins.map(({ indices }) => indices.sort((a, b) => a - b));
}

const samples: fc.Arbitrary<Packable[]> = fc.array(
  fc.array(fc.tuple(fc.nat(201_087), fc.constantFrom(0, 1)), { maxLength: 20 }).map((pairs) => ({
    tokens: Uint32Array.from(pairs, ([token]) => token),
    lossMask: Uint8Array.from(pairs, ([, loss]) => loss),
  })),
  { maxLength: 30 },
);

/** The expected pack of some samples. */
function laidOut(numbers: readonly number[], all: readonly Packable[]) {
  const parts = numbers.map((number) => all[number]).filter((part) => part !== undefined);
  const flat = <T>(of: (part: Packable) => Iterable<T>) => parts.flatMap((part) => [...of(part)]);
  return {
    input_ids: flat(({ tokens }) => tokens),
    labels: flat(({ tokens, lossMask }) =>
      [...tokens].map((token, at) => (lossMask[at] === 1 ? token : -100)),
    ),
    loss_mask: flat(({ lossMask }) => lossMask),
    position_ids: flat(({ tokens }) => tokens.keys()),
    seq_start_id: parts.map((_, at) =>
      parts.slice(0, at).reduce((sum, { tokens }) => sum + tokens.length, 0),
    ),
  };
}

function plain({ samples: _, ...arrays }: PackedSample) {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [...array]]));
}

describe("lengths", () => {
  it("are packed by best fit decreasing", () => {
    holds(
      fc.property(sized, ({ sizes, length }) => {
        expect(pack(sizes, { length })).toEqual(plainBins(sizes, length));
      }),
    );
  });

  it("fit, each once", () => {
    holds(
      fc.property(sized, ({ sizes, length }) => {
        const bins = pack(sizes, { length });
        expect(bins.flat().sort((a, b) => a - b)).toEqual([...sizes.keys()]);
        for (const bin of bins) {
          expect(bin.reduce((sum, index) => sum + (sizes[index] ?? 0), 0)).toBeLessThanOrEqual(
            length,
          );
        }
      }),
    );
  });

  it("like those of conversations fill packs well", () => {
    const sizes = Array.from({ length: 5000 }, (_, index) => 20 + ((index * 7919) % 1500));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(pack(sizes, { length: 4096 }).length).toBeLessThan((1.01 * total) / 4096 + 1);
  });
});

describe("samples", () => {
  it("lie end to end in packs", () => {
    holds(
      fc.property(samples, (given) => {
        const packs = pack(given, { length: 40 });
        const sizes = given.map(({ tokens }) => tokens.length);
        expect(packs.map(({ samples }) => samples)).toEqual(plainBins(sizes, 40));
        for (const packed of packs) expect(plain(packed)).toEqual(laidOut(packed.samples, given));
      }),
    );
  });

  it("are padded with ids that are not trained on", () => {
    holds(
      fc.property(samples, (given) => {
        const bare = pack(given, { length: 40 });
        pack(given, { length: 40, paddingId: 199_999 }).forEach((packed, at) => {
          const size = bare[at]?.input_ids.length ?? 0;
          expect(packed.input_ids.subarray(0, size)).toEqual(bare[at]?.input_ids);
          expect([...packed.input_ids.subarray(size)]).toEqual(Array(40 - size).fill(199_999));
          expect([...packed.labels.subarray(size)]).toEqual(Array(40 - size).fill(-100));
          expect([...packed.loss_mask.subarray(size)]).toEqual(Array(40 - size).fill(0));
          expect(packed.position_ids).toHaveLength(40);
          expect(packed.seq_start_id).toEqual(bare[at]?.seq_start_id);
        });
      }),
    );
  });

  it("have their masks shifted, each on its own", () => {
    holds(
      fc.property(samples, fc.constantFrom(undefined, 7), (given, paddingId) => {
        const options = { length: 40, ...(paddingId !== undefined && { paddingId }) };
        const bare = pack(given, options);
        pack(given, { ...options, shiftLossMask: true }).forEach((packed, at) => {
          const parts = packed.samples.flatMap((number) => {
            const mask = [...(given[number]?.lossMask ?? [])];
            return mask.length === 0 ? [] : [...mask.slice(1), 0];
          });
          const padding = packed.loss_mask.length - parts.length;
          expect([...packed.loss_mask]).toEqual([...parts, ...Array(padding).fill(0)]);
          expect({ ...packed, loss_mask: 0 }).toEqual({ ...bare[at], loss_mask: 0 });
        });
      }),
    );
  });
});

describe("a packer", () => {
  it("with a window that is never full packs like pack", () => {
    holds(
      fc.property(samples, (given) => {
        const packer = createPacker({ length: 40, window: given.length + 1 });
        expect(given.flatMap((sample) => packer.push(sample))).toEqual([]);
        expect(packer.end()).toEqual(pack(given, { length: 40 }));
        expect(packer.end()).toEqual([]);
      }),
    );
  });

  it("packs every sample once, and keeps no more than its window", () => {
    holds(
      fc.property(samples, fc.integer({ min: 1, max: 8 }), (given, window) => {
        const packer = createPacker({ length: 40, window });
        const packs: PackedSample[] = [];
        given.forEach((sample, at) => {
          packs.push(...packer.push(sample));
          const packed = packs.reduce((sum, { samples }) => sum + samples.length, 0);
          expect(at + 1 - packed).toBeLessThanOrEqual(window);
        });
        packs.push(...packer.end());
        const numbers = packs.flatMap(({ samples }) => samples);
        expect(numbers.sort((a, b) => a - b)).toEqual([...given.keys()]);
        for (const packed of packs) expect(plain(packed)).toEqual(laidOut(packed.samples, given));
      }),
    );
  });
});
