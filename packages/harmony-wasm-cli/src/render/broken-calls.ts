/**
 * Finds calls whose arguments are said to be JSON and are not. They are rendered as they are, as
 * upstream does, and a model learns to write them; a run therefore counts them.
 */

import { type HarmonyEncoding, loadHarmonyEncodingSync } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";

const CONSTRAIN = "<|constrain|>";
const JSON_TYPE = `${CONSTRAIN}json`;

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
  const header = tokens.subarray(start, content_start);
  if (!isSaidToBeJson(encoding, header)) return false;
  return !isJson(encoding.decode(tokens.subarray(content_start, content_end)));
}

function isSaidToBeJson(encoding: HarmonyEncoding, header: Uint32Array): boolean {
  const constrain = encoding.specialTokens.get(CONSTRAIN);
  if (constrain === undefined || !header.includes(constrain)) return false;
  return encoding.decode(header).includes(JSON_TYPE);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
