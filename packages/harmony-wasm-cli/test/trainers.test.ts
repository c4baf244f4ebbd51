/**
 * What trainers read in rendered files, beside the command line of today:
 * test-vectors/training/trainers.json, which `npm run trainers` writes with TRL, Megatron and
 * PyTorch. A sample that a trainer saw must be a sample that the command line renders alone.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { run, scratchFolder } from "./support.ts";

interface Sample {
  ids: number[];
  labels: number[];
}
type Losses = Record<string, number>;
interface Batch {
  input_ids: number[][];
  labels: number[][];
  position_ids?: number[][];
  attention_mask?: number[][];
}
interface Steps {
  "by hand": Losses;
  steps: Record<string, { losses: Losses; batch: Batch }>;
  mixed: Losses;
}
interface Bridge {
  tokens: number[][];
  labels: number[][];
  loss_mask: number[][];
  position_ids: number[][];
  cu_seqlens: number[][];
}
interface Trainers {
  inputs_sha256: string;
  trl: Steps;
  "megatron-core": { document_indices: number[]; documents: number[][]; loss_masks: number[][] };
  "megatron-bridge": { batch: Bridge };
  data_loader: Record<string, number[][]>;
}

const STEPS = [
  "one sample a row",
  "one sample a row, padding-free",
  "packed, padding-free",
  "packed and padded, padding-free",
];
const MIXED = [
  "gpt-oss, without seq_lengths",
  "llama, without seq_lengths",
  "gpt-oss, eager attention",
];
/** TRL adds this to gpt-oss's loss: 0.001 times the balance of two experts per token, about 2. */
const BALANCE_OF_EXPERTS = 0.002;
const IGNORED = -100;
const END_OF_TEXT = 199999;
const FOLDER = new URL("../../../test-vectors/training/", import.meta.url);
const conversations = readFileSync(new URL("conversations.json", FOLDER), "utf8");
const answers: Trainers = JSON.parse(readFileSync(new URL("trainers.json", FOLDER), "utf8"));
const file = scratchFolder();

/** One sample per conversation, as the command line renders it today. */
async function samples(mask: string): Promise<Sample[]> {
  const { date, cases } = JSON.parse(conversations);
  const rows = cases.map(({ messages, tools }: Record<string, unknown>) => ({ messages, tools }));
  const lines = rows.map((row: unknown) => JSON.stringify(row)).join("\n");
  writeFileSync(file("train.jsonl"), lines);
  const flags = ["--analysis", "keep", "--mask", mask, "--columns", "input_ids,labels", "--quiet"];
  const where = [file("train.jsonl"), "-o", "-", "--conversation-date", date];
  const { stdout } = await run(["render", ...where, ...flags]);
  const rendered = stdout.toString().trim().split("\n");
  return rendered.map((row) => {
    const { input_ids, labels } = JSON.parse(row);
    return { ids: input_ids, labels };
  });
}

/** The samples of a batch: its rows without padding, or what begins where positions begin again. */
function cut({ input_ids, labels, position_ids, attention_mask }: Batch): Sample[] {
  return input_ids.flatMap((ids, row) => {
    const places = position_ids?.[row] ?? attention_mask?.[row]?.map((_, place) => place) ?? [];
    const starts = places.flatMap((position, at) => (position === 0 ? [at] : []));
    const length = attention_mask?.[row]?.filter((isThere) => isThere === 1).length ?? ids.length;
    return starts.map((start, index) => {
      const end = starts[index + 1] ?? length;
      expect(places.slice(start, end)).toEqual(ids.slice(start, end).map((_, place) => place));
      return { ids: ids.slice(start, end), labels: labels[row]?.slice(start, end) ?? [] };
    });
  });
}

/** Samples in an order that does not depend on packing or shuffling. */
function sorted<Each>(each: readonly Each[]): Each[] {
  return [...each].sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

it("is about these conversations", () => {
  const hash = createHash("sha256").update(conversations).digest("hex");
  expect(answers.inputs_sha256).toBe(hash);
});

it("gives TRL each sample once, with positions of its own and the labels of its mask", async () => {
  const wanted = sorted(await samples("trl"));
  const steps = Object.entries(answers.trl.steps);
  expect(steps.map(([name]) => name)).toEqual(STEPS);
  for (const [, { batch }] of steps) {
    const found = cut(batch).filter(({ ids }) => ids.some((id) => id !== END_OF_TEXT));
    expect(sorted(found)).toEqual(wanted);
  }
});

it("has TRL train on the masked ids of each sample, as if it were alone", () => {
  expect(Object.keys(answers.trl["by hand"])).toEqual(["gpt-oss", "llama"]);
  for (const { losses } of Object.values(answers.trl.steps)) {
    for (const [model, loss] of Object.entries(answers.trl["by hand"])) {
      const balance = model === "gpt-oss" ? BALANCE_OF_EXPERTS : 0;
      expect(losses[model]).toBeCloseTo(loss + balance, 3);
    }
  }
});

it("shows in TRL's loss where the samples of a packed row mix", () => {
  const { mixed, "by hand": alone } = answers.trl;
  expect(Object.keys(mixed)).toEqual(MIXED);
  for (const [name, loss] of Object.entries(mixed)) {
    const model = name.split(",")[0] ?? "";
    expect(Math.abs(loss - (alone[model] ?? Number.NaN))).toBeGreaterThan(0.005);
  }
});

it("gives Megatron's indexed data set each document, and its mask", async () => {
  const wanted = await samples("megatron");
  const { documents, loss_masks, document_indices } = answers["megatron-core"];
  expect(document_indices).toEqual([...wanted.keys(), wanted.length]);
  expect(documents).toEqual(wanted.map(({ ids }) => ids));
  const masks = wanted.map(({ labels }) => labels.map((label) => Number(label !== IGNORED)));
  expect(loss_masks).toEqual(masks);
});

it("has Megatron-Bridge predict exactly the masked ids of each packed sample", async () => {
  const { tokens, labels, loss_mask, position_ids, cu_seqlens } = answers["megatron-bridge"].batch;
  const found = tokens.flatMap((row, at) => {
    const ends = (cu_seqlens[at] ?? []).filter((end) => end >= 0);
    return ends.slice(1).map((end, sample) => {
      const places = [ends[sample] ?? 0, end] as const;
      const [predicted, loss, positions] = [labels, loss_mask, position_ids].map((column) =>
        (column[at] ?? []).slice(...places),
      );
      const trained = predicted?.map((label, place) => (loss?.[place] === 1 ? label : IGNORED));
      return { ids: row.slice(...places), trained, firstPosition: positions?.[0] };
    });
  });
  // The last id of a sample predicts nothing, so the collator leaves it out.
  const wanted = (await samples("megatron")).map((sample) => ({
    ids: sample.ids.slice(0, -1),
    trained: sample.labels.slice(1),
    firstPosition: 0,
  }));
  const real = found.filter(({ ids }) => ids.some((id) => id !== END_OF_TEXT));
  expect(sorted(real)).toEqual(sorted(wanted));
});

it("gives the workers of a DataLoader every row exactly once", async () => {
  const workers = Object.values(answers.data_loader);
  expect(workers.map(({ length }) => length > 0)).toEqual([true, true, true]);
  const rows = (await samples("trl")).map(({ ids }) => ids);
  const files = 6;
  const all = Array.from({ length: files }, () => rows).flat();
  expect(sorted(workers.flat())).toEqual(sorted(all));
});
