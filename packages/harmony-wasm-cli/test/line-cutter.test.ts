/** Batches do not depend on how the bytes arrive. */

import fc from "fast-check";
import { expect, it } from "vitest";
import type { InputBatch } from "../src/input/batch.ts";
import { LineCutter } from "../src/input/line-cutter.ts";

const SIZE = { rows: 3, bytes: 40 };
const MOST_LINE_BYTES = 100;

function cut(chunks: readonly Uint8Array[]): InputBatch[] {
  const cutter = new LineCutter({ row: 0, offset: 0 }, SIZE, MOST_LINE_BYTES);
  return [...chunks.flatMap((chunk) => [...cutter.push(chunk)]), ...cutter.end()];
}

function linesOf({ rows }: InputBatch): string[] {
  if (rows.kind !== "lines") throw new Error("no lines");
  const text = Buffer.from(rows.bytes);
  return Array.from(rows.ends, (end, at) => text.toString("latin1", rows.ends[at - 1] ?? 0, end));
}

it("cuts lines at the same places for any chunks", () => {
  const line = fc.stringMatching(/^[a-z]{0,30}$/);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(30)), (lines, sizes) => {
      const bytes = Buffer.from(lines.join("\n"));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      const batches = cut(chunks);
      expect(batches).toEqual(cut([bytes]));
      expect(batches.flatMap(linesOf).join("")).toBe(bytes.toString());
      expect(batches.at(-1)?.nextOffset ?? 0).toBe(bytes.length);
      for (const { length } of batches) expect(length).toBeLessThanOrEqual(SIZE.rows);
    }),
    { seed: 7 },
  );
});

it("continues after a batch", () => {
  const bytes = Buffer.from(Array.from({ length: 20 }, (_, row) => `line ${row}\n`).join(""));
  const [first, ...rest] = cut([bytes]);
  const from = { ordinal: 1, row: first?.length ?? 0, offset: first?.nextOffset ?? 0 };
  const cutter = new LineCutter(from, SIZE, MOST_LINE_BYTES);
  expect([...cutter.push(bytes.subarray(from.offset)), ...cutter.end()]).toEqual(rest);
});

it("marks a line that is too long, and continues after it", () => {
  const bytes = Buffer.from(`a\n${"x".repeat(300)}\nb\n`);
  for (const size of [1, 7, 1000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const batches = cut(chunks);
    const tooLong = batches.flatMap(({ rows, firstRow }) =>
      rows.kind === "lines" ? rows.tooLong.map((at) => firstRow + at) : [],
    );
    expect(tooLong).toEqual([1]);
    expect(batches.flatMap(linesOf).at(-1)).toBe("b\n");
    expect(batches.at(-1)?.nextOffset).toBe(bytes.length);
  }
});
