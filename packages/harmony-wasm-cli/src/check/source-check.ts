/** Compares a rendered file with its conversations, rendered again by the options it records. */

import { CommandError } from "../exit.ts";
import { readMetaFile } from "../formats/meta-file.ts";
import { BATCH_SIZE } from "../input/batch.ts";
import { type IdRow, idRows, metadataOf } from "../input/id-rows.ts";
import { rowTexts } from "../input/row-texts.ts";
import { openSource } from "../input/source.ts";
import type { SampleOptions } from "../render/plan.ts";
import { Renderer } from "../render/renderer.ts";
import { firstDifference } from "./difference.ts";
import type { Finding } from "./row-checker.ts";

/** The rows whose ids differ from those of their conversations. */
export async function* sourceFindings(
  path: string,
  column: string,
  source: string,
): AsyncGenerator<Finding> {
  const samples = samplesOf(source, await optionsOf(path));
  for await (const row of idRows(path, column)) {
    const found = sampleOf(row, path);
    const expected = await samples.next();
    const finding = expected.done
      ? { message: "the source has no conversation for this row" }
      : differenceOf(expected.value, found);
    if (finding) yield { row: found.sourceRow, check: "source", ...finding };
  }
  for await (const { sourceRow } of samples) {
    yield { row: sourceRow, check: "source", message: "the file lacks this conversation" };
  }
}

interface Sample {
  sourceRow: number;
  ids: Uint32Array;
  lossMask: Uint8Array | undefined;
}

function differenceOf(expected: Sample, found: Sample) {
  if (expected.sourceRow !== found.sourceRow) {
    return {
      message: `the file continues with row ${found.sourceRow}, the source with row ${expected.sourceRow}`,
    };
  }
  const position = firstDifference(expected.ids, found.ids);
  if (position !== undefined) {
    const [mine, theirs] = [expected.ids[position] ?? "none", found.ids[position] ?? "none"];
    return { position, message: `the conversation renders to id ${mine}, the file has ${theirs}` };
  }
  const mask = expected.lossMask;
  const at = found.lossMask
    ? (mask?.findIndex((loss, index) => loss !== found.lossMask?.[index]) ?? -1)
    : -1;
  return at < 0 ? undefined : { position: at, message: "the loss mask differs" };
}

async function* samplesOf(source: string, options: SampleOptions): AsyncGenerator<Sample> {
  const renderer = new Renderer(options);
  const { batches } = await openSource(source, { row: 0, offset: 0 }, BATCH_SIZE);
  for await (const batch of batches()) {
    for (const given of rowTexts(batch)) {
      const rendered = renderer.renderRow(given);
      if ("error" in rendered) continue; // The file of rejected rows has it.
      for (const { tokens, lossMask } of rendered.samples) {
        yield { sourceRow: given.row, ids: tokens, lossMask };
      }
    }
  }
}

function sampleOf({ ids, fields, row }: IdRow, path: string): Sample {
  const { source_row: sourceRow, loss_mask: mask } = fields;
  if (typeof sourceRow !== "number") {
    throw new CommandError(`${path}, row ${row}: --source needs the column source_row`);
  }
  return { sourceRow, ids, lossMask: Array.isArray(mask) ? Uint8Array.from(mask) : undefined };
}

async function optionsOf(path: string): Promise<SampleOptions> {
  const metadata = await metadataOf(path);
  const text = metadata.get("harmony.options") ?? readMetaFile(path).get("harmony.options");
  if (text === undefined) {
    throw new CommandError(
      `${path} does not record how it was made, so it cannot be compared with --source`,
    );
  }
  return JSON.parse(text).samples;
}
