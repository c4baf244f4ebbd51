/** What `render` was asked for, checked: plain data, so that workers get it too. */

import type { ChatOptions } from "harmony-wasm/openai";
import type { AnalysisPolicy, LossMaskPreset, TruncationPolicy } from "harmony-wasm/train";
import type { ColumnName } from "../columns/names.ts";

/** The shapes in which conversations come. */
export const SHAPES = ["harmony", "chat"] as const;
/** One of {@link SHAPES}. */
export type Shape = (typeof SHAPES)[number];

/** What a rendering is for: upstream's three renders of a conversation. */
export const PURPOSES = ["conversation", "completion", "training"] as const;
/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** harmony-wasm/train's analysis policies. */
export const ANALYSIS_POLICIES = [
  "upstream",
  "keep",
  "drop-history",
  "per-turn",
] as const satisfies readonly AnalysisPolicy[];

/** harmony-wasm/train's presets of the loss mask. */
export const MASK_PRESETS = [
  "sampled",
  "body",
  "trl",
  "megatron",
] as const satisfies readonly LossMaskPreset[];

/** What becomes of a sample that is too long: harmony-wasm/train's, or the row is rejected. */
export const TRUNCATIONS = [
  "reject",
  "drop-sample",
  "drop-oldest-turns",
  "drop-last-messages",
  "cut",
] as const satisfies readonly ("reject" | TruncationPolicy)[];

/** The roles that a mask may select. */
export const ROLES = ["user", "assistant", "system", "developer", "tool"] as const;

/** Which ids have loss. */
export interface MaskOptions {
  preset: LossMaskPreset;
  roles?: (typeof ROLES)[number][];
  channels?: string[];
  lastTurnOnly: boolean;
  /** Whether the analysis has loss. */
  analysis: boolean;
}

/** How a conversation becomes samples. It stands in the file's metadata. */
export interface SampleOptions {
  shape: Shape;
  for: Purpose;
  analysis: AnalysisPolicy;
  mask: MaskOptions;
  maxLength?: number;
  truncation: (typeof TRUNCATIONS)[number];
  chat: ChatOptions;
}

/** How samples are packed. */
export interface PackOptions {
  length: number;
  paddingId?: number;
  shiftLossMask: boolean;
}

/** How a batch of rows becomes a batch of columns. */
export interface RenderOptions {
  samples: SampleOptions;
  pack?: PackOptions;
  columns: readonly ColumnName[];
}
