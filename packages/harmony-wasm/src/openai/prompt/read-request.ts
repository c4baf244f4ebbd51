/** The start of reading a request, which is the same for both protocols. */

import { type Fields, fieldsAt, optionalFlagAt, optionalTextAt, parsedAt } from "../json/fields.js";
import { checkLevels } from "../json/source.js";
import { jsonTextOf, refuseLoneSurrogates } from "../json/text-of.js";
import type { PromptOptions, Sampling } from "../types.js";
import type { FieldLists } from "./fields.js";
import { Reporter } from "./reporter.js";

/** A request that has been parsed, its fields reported. */
export interface ReadRequest {
  /** Its JSON text, of which schemas and arguments are cut. */
  text: string;
  body: Fields;
  report: Reporter;
}

/** Parses a request and reports the fields that are not carried over. */
export function readRequest(
  request: object | string,
  lists: FieldLists,
  options: PromptOptions,
): ReadRequest {
  const text = jsonTextOf("request", request);
  const body = fieldsAt(parsedAt(text, ""), "");
  checkLevels(text);
  refuseLoneSurrogates(text, body);
  optionalTextAt(body.model, "model");
  // A caller that looks for true would read any other value as false.
  for (const name of ["stream", "store"]) optionalFlagAt(body[name], name);
  const report = new Reporter(options);
  report.fields(body, lists);
  return { text, body, report };
}

/** Sampling parameters without those that the request leaves open. */
export function samplingOf(given: { [K in keyof Sampling]: Sampling[K] | undefined }): Sampling {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
