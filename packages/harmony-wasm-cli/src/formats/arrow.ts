/**
 * Arrow IPC files ("Feather V2"): the messages of a stream, and a footer that lists
 * them. And streams as files, without magic and footer, which is what
 * `datasets.Dataset.from_file` opens; no file can be both.
 */

import { MetadataVersion } from "apache-arrow";
import { FileBlock, Footer } from "apache-arrow/ipc/metadata/file";
import { batchMessage, metadataLength, STREAM_END, schemaMessage } from "../arrow/ipc.ts";
import { fileBatch } from "../columns/record-batch.ts";
import { appended } from "../files/bytes.ts";
import type { Encode, FileLayout, FormatContext, LastBytes, Written } from "./format.ts";

const FILE = "arrow";
const MAGIC = new TextEncoder().encode("ARROW1");
/** The magic and its padding to eight bytes. */
const HEAD = appended([MAGIC, new Uint8Array(2)]);

interface BlockMeta {
  metadataLength: number;
  bodyLength: number;
}

/** Encodes batches as messages. */
export function arrowEncoder(context: FormatContext): Encode {
  const { length } = schemaMessage(context.schema);
  return (rows) => {
    const bytes = new Uint8Array(batchMessage(fileBatch(context, rows), length));
    const meta: BlockMeta = {
      metadataLength: metadataLength(bytes),
      bodyLength: bytes.length - metadataLength(bytes),
    };
    return { parts: [{ file: FILE, bytes }], meta };
  };
}

/** The file's head and footer. */
export function arrowLayout(path: string, { schema }: FormatContext): FileLayout {
  const head = appended([HEAD, schemaMessage(schema)]);
  async function* finish(written: Written): AsyncGenerator<LastBytes> {
    const blocks: FileBlock[] = [];
    for await (const { meta, starts } of written.batches()) {
      const block = meta as BlockMeta;
      blocks.push(new FileBlock(block.metadataLength, block.bodyLength, starts[FILE] ?? 0));
    }
    const footer = Footer.encode(new Footer(schema, MetadataVersion.V5, blocks, []));
    const length = new Uint8Array(Int32Array.of(footer.length).buffer);
    yield { file: FILE, bytes: appended([STREAM_END, footer, length, MAGIC]) };
  }
  return { files: [{ file: FILE, path }], heads: [{ file: FILE, bytes: head }], finish };
}

/** The head and the end of a stream. */
export function arrowStreamLayout(path: string, { schema }: FormatContext): FileLayout {
  async function* finish(): AsyncGenerator<LastBytes> {
    yield { file: FILE, bytes: STREAM_END };
  }
  const heads = [{ file: FILE, bytes: appended([schemaMessage(schema)]) }];
  return { files: [{ file: FILE, path }], heads, finish };
}
