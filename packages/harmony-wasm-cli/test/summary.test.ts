/** Summaries: the order and the parts in which they are added do not matter, and names are bounded. */

import type { MessageSpan } from "harmony-wasm/train";
import { expect, it } from "vitest";
import type { OutputRow } from "../src/rows/output-row.ts";
import {
  addedSummaries,
  type Example,
  NO_SUMMARY,
  type Summary,
  summaryOf,
} from "../src/rows/summary.ts";

const span = (role: string, start: number, end: number, more: Partial<MessageSpan> = {}) => {
  return {
    message: 0,
    role,
    start,
    content_start: start,
    content_end: end,
    end,
    ...more,
  } as MessageSpan;
};

function sample(length: number, spans: MessageSpan[]): OutputRow {
  const lossMask = Uint8Array.from({ length }, (_, at) => at % 2);
  return { tokens: new Uint32Array(length), lossMask, spans, sourceRow: 0 };
}

const rejection = (reason: string, row: number): Example => ({
  reason,
  file: "",
  row,
  message: "m",
  line: "l",
});
const summary = (samples: OutputRow[], rejected: Example[] = []) =>
  summaryOf({ samples, packed: [], rejected });

const BATCHES: Summary[] = [
  summary([sample(8, [span("user", 0, 4), span("assistant", 4, 8, { channel: "final" })])]),
  summary(
    [sample(7, [span("user", 0, 3), span("assistant", 3, 7, { recipient: "functions.a" })])],
    [rejection("invalid_json", 5), rejection("too_long", 6)],
  ),
  summary(
    [sample(2, [span("user", 0, 2)])],
    [rejection("too_long", 1), rejection("invalid_json", 2)],
  ),
];

it("sums messages and trained ids by role and channel, and recipients", () => {
  const { kinds, recipients, lengths } = BATCHES.reduce(addedSummaries, NO_SUMMARY);
  expect(kinds).toEqual([
    { role: "user", channel: null, messages: 3, ids: 9, trained: 4 },
    { role: "assistant", channel: "final", messages: 1, ids: 4, trained: 2 },
    { role: "assistant", channel: null, messages: 1, ids: 4, trained: 2 },
  ]);
  expect(recipients).toEqual([{ recipient: "functions.a", messages: 1 }]);
  expect([lengths.count, lengths.sum, lengths.min, lengths.max]).toEqual([3, 17, 2, 8]);
});

it("keeps the first example of each reason", () => {
  const { examples } = BATCHES.reduce(addedSummaries, NO_SUMMARY);
  expect(examples.map(({ reason, row }) => [reason, row])).toEqual([
    ["invalid_json", 5],
    ["too_long", 6],
  ]);
});

it("adds batches in any grouping", () => {
  const [one = NO_SUMMARY, two = NO_SUMMARY, three = NO_SUMMARY] = BATCHES;
  const left = addedSummaries(addedSummaries(one, two), three);
  expect(addedSummaries(one, addedSummaries(two, three))).toEqual(left);
});

it("bounds the names that come from the data, and keeps names that objects have", () => {
  const names = ["__proto__", "constructor", "\ud800", "x".repeat(100_000)];
  for (let more = 0; more < 1000; more += 1) names.push(`functions.${more}`);
  const spans = names.map((name) => span("assistant", 0, 1, { recipient: name, channel: name }));
  const batch = summary(
    [sample(1, spans)],
    names.map((name) => rejection(name, 0)),
  );
  const { kinds, recipients, examples } = addedSummaries(batch, batch);
  expect([kinds.length, recipients.length, examples.length]).toEqual([51, 101, 51]);
  expect(recipients.slice(0, 3).map(({ recipient }) => recipient)).toEqual([
    "__proto__",
    "constructor",
    "\ufffd",
  ]);
  expect(recipients.at(-1)).toEqual({ recipient: "other recipients", messages: 2 * 904 });
  expect(kinds.at(-1)).toMatchObject({ role: "others", channel: null, messages: 2 * 954 });
  expect(JSON.stringify(batch).length).toBeLessThan(40_000);
});
