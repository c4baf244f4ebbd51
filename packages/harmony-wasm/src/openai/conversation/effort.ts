/** Reasoning efforts: the three that the models know, and the names that mean one of them. */

import type { ReasoningEffort } from "../../index.js";
import { RequestError } from "../errors.js";
import { entryOf } from "../json/fields.js";

const EFFORTS: Readonly<Record<string, ReasoningEffort>> = {
  low: "Low",
  medium: "Medium",
  high: "High",
};
/** Efforts of other models, and the nearest that these models have. */
const NEAREST: Readonly<Record<string, ReasoningEffort>> = {
  minimal: "Low",
  xhigh: "High",
  max: "High",
};

/** The effort of that name. If only a similar one exists, `clamped` is called; without `clamped` it is refused. */
export function effortAt(
  value: unknown,
  path: string,
  clamped?: (message: string) => void,
): ReasoningEffort | undefined {
  if (value === undefined || value === null) return undefined;
  const effort = entryOf(EFFORTS, value);
  if (effort !== undefined) return effort;
  const nearest = entryOf(NEAREST, value);
  if (nearest !== undefined && clamped) {
    clamped(`the effort ${String(value)} is rendered as ${nearest.toLowerCase()}`);
    return nearest;
  }
  const message = `expected low, medium or high, got ${JSON.stringify(value)}`;
  throw new RequestError("invalid_conversation", message, path);
}
