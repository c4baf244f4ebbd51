/** The options of a call that are this provider's own: `providerOptions.harmony`. */

import { checkedBy, type OptionChecks } from "../openai/check/options.js";
import { flag, text } from "../openai/check/values.js";
import { harmonyOptions } from "./sampled-turns.js";
import type { CallOptions, CallWarning } from "./specification.js";

/** What `providerOptions.harmony` of a call takes. */
export interface OwnOptions {
  reasoningEffort: string;
  parallelToolCalls: boolean;
}

const CHECKS: OptionChecks<OwnOptions> = { reasoningEffort: text, parallelToolCalls: flag };

/** The options that are given; a value of a wrong type is a `TypeError`. */
export function ownOptionsOf({ providerOptions }: CallOptions): Partial<OwnOptions> {
  const given = Object.entries(harmonyOptions(providerOptions)).filter(([name]) => isKnown(name));
  return checkedBy<OwnOptions>(NAME, Object.fromEntries(given), CHECKS);
}

/** A warning for each option that does not exist, such as one that is misspelt. */
export function unknownOptionWarnings({ providerOptions }: CallOptions): CallWarning[] {
  const unknown = Object.keys(harmonyOptions(providerOptions)).filter((name) => !isKnown(name));
  const details = `it takes ${Object.keys(CHECKS).join(" and ")}`;
  return unknown.map((name) => ({ type: "unsupported", feature: `${NAME}.${name}`, details }));
}

const NAME = "providerOptions.harmony";

function isKnown(name: string): boolean {
  return Object.hasOwn(CHECKS, name);
}
