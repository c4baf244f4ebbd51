/**
 * What callers give as a completion, whole or as a source of chunks. An engine's own answer in its
 * place would be read as an empty one, so it is refused, and the error says what to pass.
 */

import { BYTES_ADVICE, described, isBytes } from "../../check/arguments.js";
import type { TokenInput } from "../../index.js";
import type { OptionChecks } from "../check/options.js";
import { atLeast, describedObject, listOf, oneOf } from "../check/values.js";
import type { CompletionSource, TokenChunk } from "../types.js";

/** What a source gives. */
export type SourcePart = number | TokenInput | TokenChunk;

/**
 * The fields of a chunk. Its ids are checked by the parser that reads them; those of a
 * backend, which are kept as well, where they come in.
 */
export const CHUNK_FIELDS: OptionChecks<TokenChunk> = {
  tokens: (name, value) => {
    if (typeof value !== "number") checkIds(name, value);
  },
  finishReason: oneOf("stop", "length"),
  logprobs: listOf("log probabilities", checkLogprob),
  choice: atLeast(0),
  cachedTokens: atLeast(0),
};

/** By name: a stream looks up the fields of each of its chunks. */
const CHECKS = new Map(Object.entries(CHUNK_FIELDS));

/** Where engines have the ids in their answers. */
const OF_ENGINES: Readonly<Record<string, string>> = {
  token_ids: "choices[0].token_ids",
  choices: "choices[0].token_ids",
  output_ids: "output_ids",
};

/** Whole completions, one for each choice. */
export function completionsOf(
  completion: TokenInput | TokenChunk | readonly TokenChunk[],
): (TokenChunk | { tokens: TokenInput })[] {
  if (isChunk(completion)) return [checkedChunk("completion", completion)];
  checkIds("completion", completion);
  if (completion instanceof Uint32Array) return [{ tokens: completion }];
  const items: (number | TokenChunk)[] = Array.from<number | TokenChunk>(completion);
  const isNumber = (item: number | TokenChunk) => typeof item === "number";
  if (items.every(isNumber)) return [{ tokens: items.filter(isNumber) }];
  return items.map((item, index) => {
    const name = `completion[${index}]`;
    if (isChunk(item)) return checkedChunk(name, item);
    checkIds(name, item);
    return { tokens: item };
  });
}

/** The source, if it is one. */
export function checkedSource(source: CompletionSource): CompletionSource {
  const isSource = typeof source === "object" && source !== null && Symbol.asyncIterator in source;
  if (!isSource) checkIds("source", source);
  return source;
}

/** A part of a source, if it is one. */
export function checkedPart(part: SourcePart): SourcePart {
  if (isChunk(part)) return checkedChunk("source", part);
  if (typeof part !== "number") checkIds("source", part);
  return part;
}

function isChunk<Part>(part: Part): part is Part & TokenChunk {
  return typeof part === "object" && part !== null && "tokens" in part;
}

function checkedChunk(name: string, chunk: TokenChunk): TokenChunk {
  for (const [field, value] of Object.entries(chunk)) {
    const check = CHECKS.get(field);
    if (check === undefined) {
      const known = [...CHECKS.keys()].join(", ");
      throw new TypeError(`"${name}" has no field "${field}", only ${known}`);
    }
    if (value !== undefined && value !== null) check(`${name}.${field}`, value);
  }
  return chunk;
}

/** Refuses what cannot be ids; each of them is checked by the parser that reads it. */
function checkIds(name: string, value: unknown): void {
  const isIterable = typeof value === "object" && value !== null && Symbol.iterator in value;
  if (isIterable && !isBytes(value)) return;
  throw new TypeError(`"${name}" expected token ids or { tokens }, got ${gotInstead(value)}`);
}

function checkLogprob(name: string, value: unknown): void {
  if (typeof Object(value).logprob === "number") return;
  throw new TypeError(`"${name}" expected { token, logprob }, got ${describedObject(value)}`);
}

function gotInstead(value: unknown): string {
  if (isBytes(value)) return `bytes: ${BYTES_ADVICE}`;
  if (typeof value !== "object" || value === null) return described(value);
  for (const [field, ids] of Object.entries(OF_ENGINES)) {
    if (field in value) return `an object with ${field}: pass ${ids}`;
  }
  return value instanceof Promise ? "a promise: await it" : describedObject(value);
}
