/** `verify` finds columns that disagree with the ids; `count` and `stats` leave out what is padding. */

import { expect, it } from "vitest";
import { columnFaults } from "../src/check/row-columns.ts";
import { sampleBounds } from "../src/check/sample-bounds.ts";
import { run } from "./support.ts";

const TURN =
  '{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","channel":"final","content":"Ho"}]}\n';

const PER_ID = "input_ids,labels,loss_mask,attention_mask,position_ids";
const PACK = ["--columns", `${PER_ID},seq_start_id,seq_lengths,n_tokens`, "--pack", "40"];
const PAD = ["--pad", "<|endoftext|>"];

/** A row of columns of numbers. */
interface Row {
  input_ids: number[];
  labels: number[];
  loss_mask: number[];
  attention_mask: number[];
  position_ids: number[];
  seq_start_id: number[];
  seq_lengths: number[];
  n_tokens: number;
}

const lines = (bytes: Buffer) => bytes.toString().trim().split("\n");

/** The first row of three turns of 12 ids, rendered with these flags. */
async function rendered(...flags: string[]): Promise<Row> {
  const args = ["render", "-", "-o", "-", "--shape", "harmony", "--quiet", ...flags];
  const { stdout } = await run(args, { input: TURN.repeat(3) });
  return JSON.parse(lines(stdout)[0] ?? "");
}

function faultsOf(fields: Partial<Row>) {
  const row = { row: 0, ids: Uint32Array.from(fields.input_ids ?? []), fields: { ...fields } };
  return [...columnFaults(row, sampleBounds(row))];
}

const padded = await rendered(...PACK, ...PAD);

it("finds nothing in what is rendered", async () => {
  const shifted = await rendered(...PACK, ...PAD, "--shift-loss-mask");
  expect(shifted.loss_mask).not.toEqual(padded.loss_mask);
  const sample = await rendered("--columns", `${PER_ID},n_tokens`);
  expect([padded, shifted, await rendered(...PACK), sample].map(faultsOf)).toEqual([
    [],
    [],
    [],
    [],
  ]);
});

it.each<[string, (row: Row) => unknown, number | undefined, string]>([
  ["a place too many", (row) => row.position_ids.push(0), undefined, "position_ids has 41 values"],
  ["another place", ({ position_ids }) => position_ids.fill(9, 3, 4), 3, "has 9; expected 3"],
  [
    "places of one sample",
    (row) => Object.assign(row, { position_ids: [...row.input_ids.keys()] }),
    12,
    "position_ids has 12; expected 0",
  ],
  ["an id not attended to", (row) => row.attention_mask.fill(0, 3, 4), 3, "has 0 at an id"],
  ["padding attended to", (row) => row.attention_mask.fill(1), 36, "has 1 in the padding"],
  ["a short length", (row) => Object.assign(row, { n_tokens: 24 }), undefined, "n_tokens is 24"],
  ["a long length", (row) => Object.assign(row, { n_tokens: 41 }), undefined, "n_tokens is 41"],
  ["no start", ({ seq_start_id }) => seq_start_id.splice(0), undefined, "seq_start_id has []"],
  ["no first start", ({ seq_start_id }) => seq_start_id.shift(), undefined, "has [12, 24]"],
  ["starts in no order", ({ seq_start_id }) => seq_start_id.reverse(), undefined, "[24, 12, 0]"],
  ["a start in the padding", ({ seq_start_id }) => seq_start_id.push(36), undefined, "24, 36]"],
  ["a start too few", ({ seq_start_id }) => seq_start_id.splice(1, 1), undefined, "seq_lengths[0]"],
  ["another length", ({ seq_lengths }) => seq_lengths.fill(5, 0, 1), undefined, "33 for 40 ids"],
  ["lengths in no order", ({ seq_lengths }) => seq_lengths.reverse(), undefined, "lengths[0] is 4"],
  ["no mask", ({ loss_mask }) => loss_mask.fill(0), 7, "labels and loss_mask disagree"],
  ["a mask of 2", ({ loss_mask }) => loss_mask.fill(2, 9, 10), 9, "labels and loss_mask disagree"],
  ["another label", ({ labels }) => labels.fill(5, 9, 10), 9, "labels has 5 at the id"],
])("finds %s in a padded pack", (_name, change, position, message) => {
  const row = structuredClone(padded);
  change(row);
  const [first] = faultsOf(row);
  expect(first?.message).toContain(message);
  expect(first?.position).toBe(position);
});

it("finds a place in no order where no column says where samples begin", async () => {
  const { input_ids, position_ids } = await rendered(...PACK);
  expect(faultsOf({ input_ids, position_ids })).toEqual([]);
  expect(faultsOf({ input_ids, position_ids: position_ids.with(16, 9) })).toEqual([
    { position: 16, message: "position_ids has 9; expected 4 or 0" },
  ]);
});

it("verify reads every column that it checks", async () => {
  const position_ids = [...padded.input_ids.keys()];
  const { stdout, code } = await run(["verify", "-"], {
    input: JSON.stringify({ ...padded, position_ids }),
  });
  expect(code).toBe(4);
  expect(JSON.parse(lines(stdout)[0] ?? "")).toEqual({
    row: 0,
    check: "columns",
    position: 12,
    message: "position_ids has 12; expected 0",
  });
});

it("count and stats leave out what an attention mask leaves out", async () => {
  const { input_ids, attention_mask } = padded;
  const input = JSON.stringify({ input_ids, attention_mask });
  const counted = await run(["count"], { input });
  expect(JSON.parse(counted.stdout.toString())).toMatchObject({ samples: 1, ids: 36 });
  const found = await run(["stats", "--json"], { input });
  expect(JSON.parse(found.stdout.toString())).toMatchObject({ ids: 36, quantiles: { p100: 36 } });
});
