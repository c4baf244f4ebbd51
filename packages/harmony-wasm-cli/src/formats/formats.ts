/** The two sides of each format. */

import { fileSchema } from "../columns/record-batch.ts";
import { arrowEncoder, arrowLayout, arrowStreamLayout } from "./arrow.ts";
import type {
  Encode,
  EncodeInThread,
  FileLayout,
  FormatContext,
  FormatName,
  FormatOptions,
  Layout,
} from "./format.ts";
import { jsonlEncoder, jsonlLayout } from "./jsonl.ts";
import { megatronEncoder, megatronLayout } from "./megatron.ts";
import { npyEncoder, npyLayout } from "./npy.ts";
import { parquetEncoder, parquetLayout } from "./parquet.ts";
import { splitLayout } from "./split-format.ts";

interface Format {
  encoder: (context: FormatContext) => Encode;
  layout: (path: string, context: FormatContext) => FileLayout;
  /** Whether readers of a file meet its batches: as row groups, record batches or compressed frames. */
  hasGroups: (options: FormatOptions) => boolean;
}

const always = () => true;
const never = () => false;

const FORMATS: Readonly<Record<FormatName, Format>> = {
  parquet: { encoder: parquetEncoder, layout: parquetLayout, hasGroups: always },
  arrow: { encoder: arrowEncoder, layout: arrowLayout, hasGroups: always },
  arrows: { encoder: arrowEncoder, layout: arrowStreamLayout, hasGroups: always },
  jsonl: { encoder: jsonlEncoder, layout: jsonlLayout, hasGroups: isCompressed },
  npy: { encoder: npyEncoder, layout: npyLayout, hasGroups: never },
  megatron: { encoder: megatronEncoder, layout: megatronLayout, hasGroups: never },
};

function isCompressed({ compression }: FormatOptions): boolean {
  return compression !== "none";
}

/** Whether readers of a file meet its batches: as row groups, record batches or compressed frames. */
export function hasRowGroups(options: FormatOptions): boolean {
  return FORMATS[options.format].hasGroups(options);
}

/** The worker's side of a format. */
export function encoderOf(options: FormatOptions): Encode {
  return FORMATS[options.format].encoder(contextOf(options));
}

/** The main thread's side of a format. */
export function layoutOf(
  path: string,
  options: FormatOptions,
  encodeInThread: EncodeInThread,
): Layout {
  const { layout, encoder } = FORMATS[options.format];
  const context = contextOf(options);
  const encode: Encode = (rows) => encoder(context)(rows);
  const encoders = new Map(hasRowGroups(options) ? [["", encode]] : []);
  return { ...layout(path, context), rowGroup: options.rowGroup, encoders, encodeInThread };
}

/** The main thread's side of a format for splits, each at its path. */
export function splitLayoutOf(
  paths: ReadonlyMap<string, string>,
  options: FormatOptions,
  encodeInThread: EncodeInThread,
): Layout {
  const layouts = Array.from(
    paths,
    ([split, path]) => [split, layoutOf(path, options, encodeInThread)] as const,
  );
  return { ...splitLayout(new Map(layouts)), rowGroup: options.rowGroup, encodeInThread };
}

function contextOf(options: FormatOptions): FormatContext {
  return { ...options, schema: fileSchema(options, options.metadata) };
}
