/** The protocol of docs/arrow-stdio.md, from the side of the parent process. */

import { constants } from "node:buffer";
import { once } from "node:events";
import {
  Field,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  type StructRow,
  tableFromIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { expect, it } from "vitest";
import { STREAM_END } from "../src/arrow/ipc.ts";
import { messagesOf } from "../src/arrow-stdio/messages.ts";
import { textOrError } from "../src/arrow-stdio/texts.ts";
import { endOf, nativeRows, run, start } from "./support.ts";

const ARGS = ["render", "--arrow-stdio", "--shape", "harmony", "--for", "conversation"];

function batchOf(texts: readonly (string | null)[], name = "conversation"): RecordBatch {
  const field = new Field(name, new Utf8(), true);
  const { data } = vectorFromArray([...texts, ""], new Utf8()).slice(0, texts.length);
  const type = new Struct([field]);
  const shape = { type, length: texts.length, nullCount: 0, children: [...data] };
  return new RecordBatch(new Schema([field]), makeData(shape));
}

/** A stream of one batch for each list of texts. */
function streamOf(batches: readonly (readonly (string | null)[])[], name?: string): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  for (const texts of batches) writer.write(batchOf(texts, name));
  writer.finish();
  return writer.toUint8Array(true);
}

async function* asChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function rowsOf(bytes: Uint8Array): Record<string, unknown>[] {
  return tableFromIPC(bytes)
    .toArray()
    .map((row) => row.toJSON());
}

it("refuses a text that no string of JavaScript can hold, as a row", () => {
  const length = constants.MAX_STRING_LENGTH + 1;
  const data = makeData({
    type: new Utf8(),
    length: 1,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, length),
    data: new Uint8Array(length),
  });
  expect(textOrError(makeVector(data), 0)).toMatchObject({ code: "row_too_long", path: "" });
});

it("renders to the ids of native upstream, and returns failed rows as data", async () => {
  const native = nativeRows();
  const { stdout, code, stderr } = await run(ARGS, {
    input: streamOf([native.map(({ text }) => text)]),
  });
  expect([code, stderr]).toEqual([0, ""]);
  const rows = rowsOf(stdout);
  expect(rows.length).toBe(native.length);
  for (const [at, { tokens, error }] of native.entries()) {
    expect(Number(rows[at]?.source_row)).toBe(at);
    if (tokens)
      expect([Array.from(rows[at]?.input_ids as number[]), rows[at]?.error]).toEqual([
        tokens,
        null,
      ]);
    else
      expect([rows[at]?.input_ids, Object(rows[at]?.error).code]).toEqual([
        null,
        expect.stringMatching(error === undefined ? /./ : /^[a-z_]+$/),
      ]);
  }
});

it("answers each batch with one, nulls included", async () => {
  const texts = nativeRows()
    .flatMap(({ text, tokens }) => (tokens ? [text] : []))
    .slice(0, 9);
  const input = streamOf([texts.slice(0, 4), [null, "no JSON"], texts.slice(4)]);
  const { stdout } = await run(ARGS, { input });
  const batches = [...RecordBatchReader.from(stdout)];
  expect(batches.map(({ numRows }) => numRows)).toEqual([4, 2, 5]);
  expect(
    batches[1]
      ?.getChild("error")
      ?.toArray()
      .map((error: StructRow) => error.toJSON().code),
  ).toEqual(["invalid_text", "invalid_json"]);
});

it("packs the samples of each batch, and puts failed rows after the packs", async () => {
  const native = nativeRows().filter(({ tokens }) => tokens && tokens.length <= 300);
  const texts = [...native.map(({ text }) => text), "no JSON"];
  const args = [...ARGS, "--pack", "300", "--truncation", "reject"];
  const { stdout, code } = await run(args, { input: streamOf([texts, texts.slice(-1)]) });
  expect(code).toBe(0);
  const [packs = [], failed] = [...RecordBatchReader.from(stdout)].map((batch) =>
    batch.toArray().map((row: StructRow) => row.toJSON()),
  );
  const found = packs.slice(0, -1).flatMap(({ input_ids, seq_start_id, source_rows }) => {
    const starts = [...seq_start_id, input_ids.length];
    return Array.from(source_rows, (source, at) => {
      return [Number(source), Array.from(input_ids.slice(starts[at], starts[at + 1]))] as const;
    });
  });
  expect(packs.length).toBeLessThan(native.length / 2);
  expect(new Map(found)).toEqual(new Map(native.map(({ tokens }, row) => [row, tokens])));
  const last = packs.at(-1);
  expect([Object(last?.error).code, ...(last?.source_rows ?? [])]).toEqual([
    "invalid_json",
    BigInt(native.length),
  ]);
  expect([...(failed?.[0]?.source_rows ?? [])]).toEqual([0n]);
});

it("answers the schema before any input, and each batch before the next one", async () => {
  const child = start(ARGS);
  const ended = endOf(child);
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("no pipes");
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const messages = async () => {
    const kinds: string[] = [];
    try {
      for await (const { kind } of messagesOf(asChunks(Buffer.concat(chunks)))) kinds.push(kind);
    } catch {
      kinds.push("unfinished");
    }
    return kinds;
  };
  const until = async (kinds: string[]) => {
    while ((await messages()).join() !== kinds.join()) await once(stdout, "data");
  };
  await until(["schema"]);
  const input = streamOf([["[]"], ["[]", "[]"]]);
  const one = streamOf([["[]"]]).length - STREAM_END.length;
  stdin.write(input.subarray(0, one));
  await until(["schema", "batch"]);
  stdin.write(input.subarray(one, -STREAM_END.length));
  await until(["schema", "batch", "batch"]);
  stdin.end();
  expect((await ended).code).toBe(0);
});

it("reads ahead of a parent that writes before it reads", async () => {
  const child = start(ARGS);
  const text = JSON.stringify({ messages: [{ role: "user", content: "word ".repeat(2000) }] });
  const batch = Array.from({ length: 200 }, () => text); // Each batch is 2 MB in and more out.
  child.stdout?.pause();
  const input = streamOf([batch, batch, batch, batch, batch]);
  await new Promise<void>((resolve) => child.stdin?.end(input, resolve));
  const ended = endOf(child);
  child.stdout?.resume();
  const { stdout, code } = await ended;
  expect([code, tableFromIPC(stdout).numRows]).toEqual([0, 1000]);
});

it.each([
  ["no Arrow", ARGS, "rubbish", 1, /stdin is not an Arrow IPC stream/],
  ["a stream that is cut off", ARGS, streamOf([["[]"]]).subarray(0, -20), 1, /cut off/],
  [
    "another column",
    ARGS,
    streamOf([["[]"]], "text"),
    1,
    /no column "conversation"; its columns are text/,
  ],
  ["an input", [...ARGS, "in.jsonl"], "", 2, /expected no input, got in.jsonl/],
  ["no shape", ["render", "--arrow-stdio"], "", 2, /--shape harmony or --shape chat/],
])("reports %s", async (_name, args, input, code, message) => {
  const ended = await run(args, { input });
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
});

it.each([
  ...["--output=x.parquet", "--format=jsonl", "--compression=zstd", "--carry=id", "--resume"],
  ...["--overwrite", "--staging=x", "--quiet", "--report=x.html", "--max-rejected=0"],
  ...["--workers=1", "--shard=1/2", "--shard-size=1MB", "--shuffle=1", "--weight=a=2"],
  ...["--dedupe", "--dedupe-memory=1GB", "--split=a=1%", "--split-by=id", "--split-seed=1"],
])("refuses %s, which would do nothing", async (flag) => {
  const { code, stderr } = await run([...ARGS, flag], { input: "" });
  const refusal = `--arrow-stdio cannot be combined with ${flag.split("=", 1)[0]},`;
  expect([code, stderr]).toEqual([2, expect.stringContaining(refusal)]);
});

it("answers an empty input with an empty stream", async () => {
  const { stdout, code } = await run(ARGS, { input: "" });
  expect([code, tableFromIPC(stdout).numRows]).toEqual([0, 0]);
});
