/**
 * The sampled ids beside each part of an answer. The SDK gives a part's
 * `providerMetadata` back as `providerOptions` in the next prompt, so a whole
 * agent loop continues the ids that were sampled instead of rendering them again.
 *
 * What comes back is untrusted: a page may have had it. This module promises
 * that ids are used only where the parts of a turn are all there, in order;
 * that they say what the turn says, as the assistant alone, is checked by
 * `promptFromResponses`.
 */

import type { SampledHistory, TurnKey } from "../openai/index.js";
import type { GivenData, Json, PromptPart, ProviderData } from "./specification.js";

/** Under which name the SDK keeps our metadata. */
const PROVIDER = "harmony";

/** The ids of one part: those after the part before it, up to its own end. */
export interface SampledPart {
  channel: string;
  /** How many ids of the completion come before. */
  start: number;
  tokens: readonly number[];
  /** The arguments as they were written, where the parsed value would be written otherwise. */
  input?: string;
}

/** A part's ids as metadata. */
export function metadataOf({ channel, start, tokens, input }: SampledPart): ProviderData {
  const written = input !== undefined && input !== writtenAgain(input) ? { input } : {};
  return { [PROVIDER]: { channel, start, tokens: [...tokens], ...written } };
}

/** The metadata of an answer: all its ids, and what recovery had to guess. */
export function answerMetadata(tokens: readonly number[], repairs: Json[]): ProviderData {
  return { [PROVIDER]: { tokens: [...tokens], ...(repairs.length > 0 && { repairs }) } };
}

/** Our options, on a call or a part. */
export function harmonyOptions(data: GivenData | undefined): Readonly<Record<string, unknown>> {
  return data?.[PROVIDER] ?? {};
}

/** The channel that the part was written on, if it is one of ours. */
export function channelOf({ providerOptions }: PromptPart): unknown {
  return harmonyOptions(providerOptions).channel;
}

/**
 * The arguments of a call as the model wrote them, or as JSON where they are not
 * known or no longer say the same.
 */
export function argumentsOf({ input, providerOptions }: PromptPart): string {
  const { input: written } = harmonyOptions(providerOptions);
  const given = JSON.stringify(input ?? {});
  if (typeof written !== "string") return given;
  // The SDK keeps the text of arguments that are not JSON, or sends {} in its place.
  return written === input || writtenAgain(written) === given ? written : given;
}

/** JSON as the SDK sends it back. */
function writtenAgain(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return "{}";
  }
}

/** The completions that the parts of a prompt hold. */
export class SampledTurns implements SampledHistory {
  readonly #parts = new Map<string, { start: number; tokens: number[] }>();

  /** Notes the ids of a part, if it has any. */
  add(id: string, { providerOptions }: PromptPart): void {
    const { start, tokens } = harmonyOptions(providerOptions);
    if (typeof start !== "number" || !Array.isArray(tokens)) return;
    const ids = tokens.filter(isToken);
    if (ids.length === tokens.length) this.#parts.set(id, { start, tokens: ids });
  }

  find({ ids }: Pick<TurnKey, "ids">): Uint32Array | undefined {
    const tokens: number[] = [];
    for (const id of ids) {
      const part = this.#parts.get(id);
      if (part === undefined) continue;
      // A part before this one is missing, or is another turn's.
      if (part.start !== tokens.length) return undefined;
      for (const token of part.tokens) tokens.push(token);
    }
    return tokens.length > 0 ? Uint32Array.from(tokens) : undefined;
  }
}

function isToken(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}
