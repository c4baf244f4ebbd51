/** Reads batches as samples to compare: of a rendered file, or rendered from conversations. */

import { CommandError } from "../exit.ts";
import type { InputBatch } from "../input/batch.ts";
import { type IdRow, idRowsIn } from "../input/id-rows.ts";
import { numberList } from "../input/number-list.ts";
import type { SampleOptions } from "../render/plan.ts";
import { renderedRows } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import { type ComparedSample, type PackedSamples, packed } from "./packed-samples.ts";

/** The columns that are compared, beside the ids. */
export const COMPARED_COLUMNS = ["source_row", "loss_mask"];

/** Makes the function that reads the ids alone; a sample has the row of the file. */
export function readIds(column: string): (batch: InputBatch, path: string) => PackedSamples {
  return (batch, path) =>
    packed(
      Array.from(idRowsIn(batch, { path, column }), ({ row, ids }) => {
        return { row, ids, lossMask: undefined };
      }),
    );
}

/** Makes the function that reads ids and masks; a sample has the row of the source. */
export function readSamples(column: string): (batch: InputBatch, path: string) => PackedSamples {
  return (batch, path) =>
    packed(Array.from(idRowsIn(batch, { path, column }), (row) => sampleOf(row, path)));
}

function sampleOf({ ids, fields, row }: IdRow, path: string): ComparedSample {
  const { source_row: sourceRow, loss_mask: mask } = fields;
  if (typeof sourceRow !== "number") {
    throw new CommandError(`${path}, row ${row}: --source needs the column source_row`);
  }
  const numbers = numberList(mask);
  return { row: sourceRow, ids, lossMask: numbers && Uint8Array.from(numbers) };
}

/** Makes the function that renders conversations; the file of rejected rows has those that fail. */
export function renderSamples(options: SampleOptions): (batch: InputBatch) => PackedSamples {
  const renderer = new Renderer(options);
  return (batch) => {
    const samples: ComparedSample[] = [];
    for (const { row, rendered: render } of renderedRows(batch, () => renderer)) {
      const rendered = render();
      if ("error" in rendered) continue;
      for (const { tokens, lossMask } of rendered.samples) {
        samples.push({ row, ids: tokens, lossMask });
      }
    }
    return packed(samples);
  };
}
