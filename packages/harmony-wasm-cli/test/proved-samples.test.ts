/** The proof of a whole sample never accepts what checking its messages one by one would not. */

import { loadHarmonyEncodingSync } from "harmony-wasm";
import { expect, it } from "vitest";
import { MessageChecker } from "../src/check/message-checker.ts";
import { manyRows, nativeRows } from "./support.ts";

const encoding = loadHarmonyEncodingSync();
const checker = new MessageChecker();
const provedOf = (ids: Uint32Array) => encoding.proveRows(ids, Uint32Array.of(ids.length))[0];
const start = encoding.specialTokens.get("<|start|>") ?? -1;

/** The verdicts of all messages; a sample that does not begin with one is at fault. */
function oneByOne(ids: Uint32Array) {
  const starts = [...ids.keys()].filter((at) => at === 0 || ids[at] === start);
  const verdicts = starts.map((from, index) => checker.verdict(ids.slice(from, starts[index + 1])));
  if (ids[0] !== start || verdicts.some((verdict) => typeof verdict !== "string")) return undefined;
  const unparsed = verdicts.filter((verdict) => verdict === "unparsed").length;
  return { messages: starts.length, unparsed };
}

const rendered = [
  ...nativeRows().flatMap(({ tokens }) => (tokens ? [Uint32Array.from(tokens)] : [])),
  ...manyRows(23).map((row) => encoding.renderConversationForTraining(row)),
].filter(({ length }) => length > 0 && length < 2000);

it("proves what is rendered, as checking one by one does", () => {
  const proven = rendered.filter((ids) => {
    const sample = provedOf(ids);
    if (sample) expect(sample).toEqual(oneByOne(ids));
    return sample !== undefined;
  });
  expect(rendered.length).toBeGreaterThan(50);
  expect(proven.length / rendered.length).toBeGreaterThan(0.9);
});

/** Ids that change what they replace: markers, text in parts, bytes that are not UTF-8, no token. */
const OTHERS = [
  ...encoding.encode("<|start|><|end|><|message|><|channel|><|return|><|call|><|constrain|>", {
    allowedSpecial: "all",
  }),
  ...[220, 24912, 9552, 200050, 201088, 201089, 4294967295],
];

it("accepts no change that checking one by one finds", () => {
  let faults = 0;
  for (const [index, ids] of rendered.entries()) {
    for (let change = 0; change < 24; change += 1) {
      const at = (index * 31 + change * 7919) % ids.length;
      const other = OTHERS[(index + change) % OTHERS.length] ?? 0;
      const removed = change % 3;
      const changed = Uint32Array.of(...ids.subarray(0, at), other, ...ids.subarray(at + removed));
      const expected = oneByOne(changed);
      const sample = provedOf(changed);
      if (sample) expect(sample).toEqual(expected);
      if (!expected) faults += 1;
    }
  }
  expect(faults).toBeGreaterThan(300);
});

it("refuses text in other tokens than its own", () => {
  const [h = 0, i = 0] = [encoding.encode("h")[0], encoding.encode("i")[0]];
  const header = encoding.encode("<|start|>user<|message|>", { allowedSpecial: "all" });
  const end = encoding.encode("<|end|>", { allowedSpecial: "all" });
  expect(provedOf(Uint32Array.of(...header, h, i, ...end))).toBeUndefined();
  const own = encoding.encode("hi");
  expect(provedOf(Uint32Array.of(...header, ...own, ...end))).toEqual({
    messages: 1,
    unparsed: 0,
  });
});

it("proves each of many rows by itself", () => {
  const wrong = Uint32Array.of(start, start);
  const rows = [...rendered.slice(0, 5), wrong, ...rendered.slice(5, 9), new Uint32Array(0)];
  const ends = Uint32Array.from(rows, (_, row) =>
    rows.slice(0, row + 1).reduce((sum, { length }) => sum + length, 0),
  );
  const tokens = Uint32Array.from(rows.flatMap((ids) => Array.from(ids)));
  expect(encoding.proveRows(tokens, ends)).toEqual(rows.map(provedOf));
  expect(encoding.proveRows(tokens, ends)[5]).toBeUndefined();
});
