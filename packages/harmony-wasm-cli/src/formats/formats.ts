/** The two sides of each format. */

import { fileSchema } from "../columns/record-batch.ts";
import { arrowEncoder, arrowLayout, arrowStreamLayout } from "./arrow.ts";
import type { Encode, FormatContext, FormatName, FormatOptions, Layout } from "./format.ts";
import { jsonlEncoder, jsonlLayout } from "./jsonl.ts";
import { megatronEncoder, megatronLayout } from "./megatron.ts";
import { npyEncoder, npyLayout } from "./npy.ts";
import { parquetEncoder, parquetLayout } from "./parquet.ts";
import { splitLayout } from "./split-format.ts";

interface Format {
  encoder: (context: FormatContext) => Encode;
  layout: (path: string, context: FormatContext) => Layout;
}

const FORMATS: Readonly<Record<FormatName, Format>> = {
  parquet: { encoder: parquetEncoder, layout: parquetLayout },
  arrow: { encoder: arrowEncoder, layout: arrowLayout },
  arrows: { encoder: arrowEncoder, layout: arrowStreamLayout },
  jsonl: { encoder: jsonlEncoder, layout: jsonlLayout },
  npy: { encoder: npyEncoder, layout: npyLayout },
  megatron: { encoder: megatronEncoder, layout: megatronLayout },
};

/** The worker's side of a format. */
export function encoderOf(options: FormatOptions): Encode {
  return FORMATS[options.format].encoder(contextOf(options));
}

/** The main thread's side of a format. */
export function layoutOf(path: string, options: FormatOptions): Layout {
  return FORMATS[options.format].layout(path, contextOf(options));
}

/** The main thread's side of a format for splits, each at its path. */
export function splitLayoutOf(paths: ReadonlyMap<string, string>, options: FormatOptions): Layout {
  const layouts = Array.from(paths, ([split, path]) => [split, layoutOf(path, options)] as const);
  return splitLayout(new Map(layouts));
}

function contextOf(options: FormatOptions): FormatContext {
  return { ...options, schema: fileSchema(options, options.metadata) };
}
