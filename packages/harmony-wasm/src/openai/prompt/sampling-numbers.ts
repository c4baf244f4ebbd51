/**
 * The numbers of a request that steer the sampling. This module promises OpenAI's ranges, so that
 * an engine gets no number that it reads in a way of its own; docs/openai.md has the exceptions.
 */

import { RequestError } from "../errors.js";
import { type Fields, fieldsAt, isPresent, optionalNumberAt } from "../json/fields.js";

interface Range {
  least: number;
  most: number;
  isWhole?: true;
}

/** Engines count ids in 32 bits. */
const COUNT: Range = { least: 1, most: 2 ** 31 - 1, isWhole: true };
const PENALTY: Range = { least: -2, most: 2 };
const BIAS: Range = { least: -100, most: 100 };

const RANGES = {
  max_tokens: COUNT,
  max_completion_tokens: COUNT,
  max_output_tokens: COUNT,
  // OpenAI's ends at 2; engines take more.
  temperature: { least: 0, most: Number.POSITIVE_INFINITY },
  top_p: { least: 0, most: 1 },
  presence_penalty: PENALTY,
  frequency_penalty: PENALTY,
  top_logprobs: { least: 0, most: 20, isWhole: true },
  n: { least: 1, most: 128, isWhole: true },
  // OpenAI's has 64 bits, of which JSON in JavaScript keeps 53.
  seed: { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, isWhole: true },
} satisfies Record<string, Range>;

/** A number of the request, within its range. An absent one and null are undefined. */
export function samplingNumberOf(body: Fields, name: keyof typeof RANGES): number | undefined {
  return numberWithin(body[name], name, RANGES[name]);
}

/** The numbers that are added to the logits of ids. */
export function logitBiasAt(value: unknown, path: string): Record<string, number> | undefined {
  if (!isPresent(value)) return undefined;
  const bias = Object.entries(fieldsAt(value, path)).map(([id, each]) => {
    const place = `${path}.${id}`;
    if (!/^\d{1,9}$/.test(id)) throw refused("token ids as names", JSON.stringify(id), place);
    return [id, numberWithin(each, place, BIAS) ?? 0] as const;
  });
  return Object.fromEntries(bias);
}

function numberWithin(value: unknown, path: string, range: Range): number | undefined {
  const number = optionalNumberAt(value, path);
  if (number === undefined) return undefined;
  const { least, most, isWhole } = range;
  if (number >= least && number <= most && (!isWhole || Number.isInteger(number))) return number;
  throw refused(describedRange(range), String(number), path);
}

function describedRange({ least, most, isWhole }: Range): string {
  const kind = isWhole ? "a whole number" : "a number";
  if (!Number.isFinite(least)) return kind;
  return Number.isFinite(most)
    ? `${kind} from ${least} to ${most}`
    : `${kind} of at least ${least}`;
}

function refused(expected: string, got: string, path: string): RequestError {
  return new RequestError("unsupported_value", `expected ${expected}, got ${got}`, path);
}
