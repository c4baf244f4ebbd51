/** Compares a rendered file with its conversations, rendered again by the options it records. */

import { CommandError, UsageError } from "../exit.ts";
import type { IdFile } from "../input/id-rows.ts";
import { inputFile } from "../input/inputs.ts";
import { givenBatches } from "../input/source.ts";
import type { BatchWorkers } from "./batch-workers.ts";
import { COMPARED_COLUMNS } from "./comparing.ts";
import { openConversations } from "./conversations.ts";
import { firstDifference } from "./difference.ts";
import { type ComparedSample, unpackedAll } from "./packed-samples.ts";
import { type RecordedOptions, recordedOptions } from "./recorded-options.ts";
import type { Finding } from "./row-checker.ts";
import { withWork } from "./work.ts";

/** The rows whose ids differ from those of their conversations. */
export async function* sourceFindings(
  file: IdFile,
  source: string,
  threads: BatchWorkers,
): AsyncGenerator<Finding> {
  const { samples: plan, dedupe, split, shuffle } = await optionsOf(file.path);
  if (shuffle) {
    throw new UsageError(
      `${file.path} was made with --shuffle, so its rows are not in the order of --source; without --source, verify checks each row`,
    );
  }
  /** Files with `--dedupe` or `--split` have some of the source's rows, and some samples of a row. */
  const isSelection = dedupe === true || split !== undefined;
  const hasSeveral = plan.analysis === "per-turn";
  const opened = await openConversations(source, plan);
  const work = { kind: "renderSamples", options: opened.samples } as const;
  const samples = unpackedAll(threads.inOrder(withWork(work, source, opened.batches)));
  const batches = await givenBatches(await inputFile(file.path), [
    file.column,
    ...COMPARED_COLUMNS,
  ]);
  const reading = { kind: "readSamples", options: file.column } as const;
  const rows = threads.inOrder(withWork(reading, file.path, batches));
  for await (const found of unpackedAll(rows)) {
    let expected = await samples.next();
    while (isSelection && !expected.done && isLeftOut(expected.value, found, hasSeveral)) {
      expected = await samples.next();
    }
    const finding = expected.done
      ? { message: "the source has no conversation for this row" }
      : differenceOf(expected.value, found);
    if (finding) yield { row: found.row, check: "source", ...finding };
  }
  if (isSelection) return;
  for await (const { row } of samples) {
    yield { row, check: "source", message: "the file lacks this conversation" };
  }
}

/** Whether a sample of the source comes before the file's: in an earlier row, or in a row that has several. */
function isLeftOut(expected: ComparedSample, found: ComparedSample, hasSeveral: boolean): boolean {
  if (expected.row !== found.row) return expected.row < found.row;
  return hasSeveral && firstDifference(expected.ids, found.ids) !== undefined;
}

function differenceOf(expected: ComparedSample, found: ComparedSample) {
  if (expected.row !== found.row) {
    return {
      message: `the file continues with row ${found.row}, the source with row ${expected.row}`,
    };
  }
  const position = firstDifference(expected.ids, found.ids);
  if (position !== undefined) {
    const [mine, theirs] = [expected.ids[position] ?? "none", found.ids[position] ?? "none"];
    return { position, message: `the conversation renders to id ${mine}, the file has ${theirs}` };
  }
  const { lossMask: mask = new Uint8Array(0) } = expected;
  const at = found.lossMask && firstDifference(mask, found.lossMask);
  return at === undefined ? undefined : { position: at, message: "the loss mask differs" };
}

async function optionsOf(path: string): Promise<RecordedOptions> {
  const options = await recordedOptions(path);
  if (options) return options;
  throw new CommandError(
    `${path} does not record how it was made, so it cannot be compared with --source`,
  );
}
