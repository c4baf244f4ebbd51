/** JSON arrays and pretty-printed values become lines; JSON lines stay as they are. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asLines } from "../src/input/json-values.ts";

async function* chunksOf(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function linesOf(text: string, sizes: readonly number[] = []): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of asLines(chunksOf(text, sizes), "rows.json")) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const row = fc.record({
  messages: fc.array(fc.record({ role: fc.string(), content: fc.jsonValue() })),
});
const sizes = fc.array(fc.nat(40));
const again = (line: string) => JSON.stringify(JSON.parse(line));

describe("rows that are not one per line", () => {
  it.each([0, 1, 2])("in an array with an indent of %i", async (indent) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), sizes, async (rows, cuts) => {
        const found = await linesOf(JSON.stringify(rows, null, indent), cuts);
        const lines = found.split("\n").slice(0, -1);
        expect(lines.map(again)).toEqual(rows.map((each) => JSON.stringify(each)));
      }),
      { seed: 13 },
    );
  });

  it("one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), sizes, async (rows, cuts) => {
        const text = rows.map((each) => JSON.stringify(each, null, 2)).join("\n");
        const lines = (await linesOf(text, cuts)).split("\n").filter((line) => line !== "");
        expect(lines.map(again)).toEqual(rows.map((each) => JSON.stringify(each)));
      }),
      { seed: 13 },
    );
  });

  it("are refused with text between them, which would be lost", async () => {
    await expect(linesOf('[\n{"a":1},\noops {"b":2}]')).rejects.toThrow(
      'rows.json: the input is a JSON array with "o" after row 0: ',
    );
    await expect(linesOf('{\n"a":1}\n]')).rejects.toThrow('with "]" after row 0: ');
  });

  it("keep an unfinished last row", async () => {
    expect(await linesOf('[\n{"a":1},\n{"b":')).toBe('{"a":1}\n{"b":');
  });
});

it.each([
  ["rows", '{"messages":[]}\n{"messages":[]}\n'],
  ["conversations as lists", '[{"role":"user","content":"a"}]\n[{"role":"user","content":"b"}]\n'],
  ["a list without line feed", '[{"role":"user","content":"a"}]'],
  ["lists of ids", "[200006,1428]\n[1]\n"],
  ["a broken first row", '{"messages":\n{"messages":[]}\n'],
  ["a first row that is only a bracket", '{\n{"messages":[]}\n{"messages":[]}\n'],
  ["no JSON", "nothing\n{}\n"],
  ["nothing", ""],
  ["an empty list", "[]\n[]\n"],
])("JSON lines stay as they are: %s", async (_, text) => {
  for (const cuts of [[], [1, 1, 1], [5]]) expect(await linesOf(text, cuts)).toBe(text);
});

it.each(['[{"a":1},{"b":2}', '[{"a":1},\n{"b":2},\n'])(
  "an array without its end fails after its rows: %j",
  async (text) => {
    await expect(linesOf(text)).rejects.toThrow(
      "rows.json: the input is a JSON array without its end after row 1: ",
    );
  },
);
