/**
 * Finds calls whose arguments are said to be JSON and are not. They are rendered as they are, as
 * upstream does, and a model learns to write them; a run therefore counts them.
 */

import { type HarmonyEncoding, loadHarmonyEncodingSync } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";
import { parsedJson } from "../files/parsed-json.ts";

const JSON_TYPE = "<|constrain|>json";

interface WithSpans {
  tokens: Uint32Array;
  spans: readonly MessageSpan[];
}

/** The number of such calls in the samples of a conversation; several samples may have the same one. */
export function brokenCalls(samples: readonly WithSpans[]): number {
  const broken = new Set<number>();
  for (const { tokens, spans } of samples) {
    for (const span of spans) {
      if (span.recipient !== undefined && isBroken(tokens, span)) broken.add(span.message);
    }
  }
  return broken.size;
}

/** A message that truncation cut has no terminator; the rest of its arguments is not known. */
function isBroken(
  tokens: Uint32Array,
  { role, start, content_start, content_end, end }: MessageSpan,
): boolean {
  if (role !== "assistant" || content_end === end) return false;
  const encoding = loadHarmonyEncodingSync();
  const type = jsonTypeOf(encoding);
  const header = tokens.subarray(start, content_start);
  const first = header.indexOf(type[0] ?? -1);
  if (first === -1 || type.some((id, at) => header[first + at] !== id)) return false;
  const content = encoding.decodeUtf8(tokens.subarray(content_start, content_end));
  return parsedJson(content) === undefined;
}

let jsonType: Uint32Array | undefined;

/** The ids of the type, compared instead of the text: decoding each header took as long as the rest. */
function jsonTypeOf(encoding: HarmonyEncoding): Uint32Array {
  jsonType ??= encoding.encode(JSON_TYPE, { allowedSpecial: "all" });
  return jsonType;
}
