/**
 * Finds the position at which a resumed run continues. Stdin has neither
 * a name nor a size, so the part before the position is read again and its digest
 * is compared.
 */

import { createHash } from "node:crypto";
import { UsageError } from "../exit.ts";
import type { Position } from "../rows/position.ts";
import type { InputBatch } from "./batch.ts";
import { rowTexts } from "./row-texts.ts";

/** The position after a batch. */
export function endOf(batch: InputBatch): Position {
  const { file, ordinal, firstRow, length, nextOffset, digest } = batch;
  const position = { file, ordinal: ordinal + 1, row: firstRow + length, offset: nextOffset };
  return digest === undefined ? position : { ...position, digest };
}

/** The batches, each with the digest of the input up to its end. */
export async function* digested(batches: AsyncIterable<InputBatch>): AsyncGenerator<InputBatch> {
  let digest = "";
  for await (const batch of batches) {
    const { rows, nextOffset } = batch;
    const bytes = rows.kind === "arrow" ? rows.ipc : rows.bytes;
    digest = createHash("sha256").update(`${digest} ${nextOffset} `).update(bytes).digest("hex");
    yield { ...batch, digest };
  }
}

/** The batches from a position on; refuses an input whose beginning has changed. */
export async function* continued(
  batches: AsyncIterable<InputBatch>,
  from: Position,
  name = "stdin",
): AsyncGenerator<InputBatch> {
  let isThere = from.row === 0;
  for await (const batch of batches) {
    if (isThere) yield batch;
    else isThere = isEnd(batch, from, name);
  }
  if (!isThere) refuseInput(from, name);
}

/** Whether a batch ends at the position; refuses a batch that ends after it. */
function isEnd(batch: InputBatch, from: Position, name: string): boolean {
  const { row, digest } = endOf(batch);
  if (row < from.row) return false;
  if (row > from.row || digest !== from.digest) refuseInput(from, name);
  return true;
}

/** The first batch, which has already been read, and then the others. */
export async function* joined(
  first: IteratorResult<InputBatch>,
  rest: AsyncIterator<InputBatch>,
): AsyncGenerator<InputBatch> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}

/** The first batch with a row: lines that are blank have none, so they do not show its shape. */
export async function firstWithRow(
  batches: AsyncIterator<InputBatch>,
): Promise<IteratorResult<InputBatch>> {
  let next = await batches.next();
  while (!next.done && rowTexts(next.value).next().done) next = await batches.next();
  return next;
}

function refuseInput({ row }: Position, name: string): never {
  throw new UsageError(
    `--resume: ${name} has different input: its first ${row} rows differ from those of the stopped run`,
  );
}
