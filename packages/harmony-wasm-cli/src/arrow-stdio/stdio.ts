/**
 * `harmony render --arrow-stdio`: a warm process that answers each Arrow record
 * batch on stdin with one on stdout. docs/arrow-stdio.md is the protocol; the
 * Ray and Spark adapter is its first user.
 */

import { type RecordBatch, RecordBatchReader, type Vector } from "apache-arrow";
import { batchMessage, STREAM_END, schemaMessage } from "../arrow/ipc.ts";
import { unreadReason } from "../arrow/unread.ts";
import { type StreamRow, streamBatch, streamSchema } from "../columns/record-batch.ts";
import { CommandError } from "../exit.ts";
import { writeAll } from "../files/write-all.ts";
import type { RowText } from "../input/batch.ts";
import { provenance } from "../provenance.ts";
import { packedRows } from "../render/packed-rows.ts";
import type { PackOptions, RenderOptions } from "../render/plan.ts";
import { renderedTexts } from "../render/rendered-rows.ts";
import { Renderer } from "../render/renderer.ts";
import { messagesOf } from "./messages.ts";
import { ReadAhead } from "./read-ahead.ts";
import { textOrError } from "./texts.ts";

const STDOUT = 1;

/** The two ends, and the name of the column that holds the conversations. */
export interface Stdio {
  input: AsyncIterable<Uint8Array>;
  /** Writes all bytes; resolves when it accepts more. */
  write: (bytes: Uint8Array) => Promise<void>;
  column: string;
}

/** Answers batches on stdin until it ends. */
export async function serveStdio(column: string, options: RenderOptions): Promise<void> {
  const write = (bytes: Uint8Array) => writeAll(STDOUT, bytes);
  const { samples, pack } = options;
  const metadata = provenance({ samples, ...(pack && { pack }) });
  await serveArrow({ input: process.stdin, write, column }, options, metadata);
}

/** Answers batches until the input ends. */
export async function serveArrow(
  { input, write, column }: Stdio,
  options: RenderOptions,
  metadata: Map<string, string>,
): Promise<void> {
  const schema = streamSchema(options.columns, metadata);
  const start = schemaMessage(schema);
  await write(start); // Before any input, so that a parent can open the output first.
  const renderer = new Renderer(options.samples);
  for await (const batch of batchesOf(input)) {
    const rows = streamRows(conversationsOf(batch, column), renderer, options.pack);
    await write(batchMessage(streamBatch(schema, options.columns, rows), start.length));
  }
  await write(STREAM_END);
}

async function* batchesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<RecordBatch> {
  try {
    const before: Uint8Array[] = []; // The schema, and dictionaries so far.
    for await (const { kind, bytes } of messagesOf(new ReadAhead(input))) {
      if (kind === "batch") yield* RecordBatchReader.from([...before, bytes]);
      else before.push(bytes);
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const reason = unreadReason(detail);
    throw new CommandError(
      reason ? `stdin: ${reason}` : `stdin is not an Arrow IPC stream: ${detail}`,
    );
  }
}

function conversationsOf(batch: RecordBatch, column: string): Vector {
  const found = batch.getChild(column);
  if (found) return found;
  const names = batch.schema.fields.map((field) => field.name).join(", ");
  throw new CommandError(`the Arrow stream has no column "${column}"; its columns are ${names}`);
}

function streamRows(texts: Vector, renderer: Renderer, pack?: PackOptions): StreamRow[] {
  const rows = renderedRows(texts, renderer);
  return pack ? packedStreamRows(rows, pack) : rows;
}

/** The packs of a batch, then its failed rows. */
function packedStreamRows(rows: readonly StreamRow[], options: PackOptions): StreamRow[] {
  const samples = rows.flatMap(({ row }) => row ?? []);
  const packs = packedRows(samples, options).map((row) => ({ row, sourceRow: row.sourceRow }));
  return [...packs, ...rows.filter(({ row }) => row === undefined)];
}

function renderedRows(texts: Vector, renderer: Renderer): StreamRow[] {
  const rows: StreamRow[] = [];
  for (const { row: sourceRow, rendered: render } of renderedTexts(
    rowTextsIn(texts),
    () => renderer,
  )) {
    const rendered = render();
    if ("error" in rendered) rows.push({ row: undefined, error: rendered.error, sourceRow });
    else for (const row of rendered.samples) rows.push({ row, sourceRow });
  }
  return rows;
}

function* rowTextsIn(texts: Vector): Generator<RowText> {
  for (let row = 0; row < texts.length; row += 1) {
    const text = textOrError(texts, row);
    if (typeof text === "string") yield { file: 0, row, text };
    else yield { file: 0, row, text: "", error: text };
  }
}
