/**
 * The plan of a rendering: what the flags asked for, checked, as plain data that
 * workers get too. options/ makes it once; everything else only reads it.
 */

import type { RenderWithSpansOptions, Role } from "harmony-wasm";
import type { ChatOptions } from "harmony-wasm/openai";
import type { AnalysisPolicy, LossMaskPreset, TruncationPolicy } from "harmony-wasm/train";
import type { ColumnName } from "../columns/columns.ts";
import type { FormatOptions } from "../formats/format.ts";
import type { Shape } from "../rows/shapes.ts";
import type { SplitOptions } from "../selection/split.ts";
import type { ShardSize } from "../shards/shard-size.ts";
import type { Existing } from "../sinks/partial-sink.ts";
import type { Share } from "../storage/share.ts";

/** The purposes of ids: upstream's three renders of a conversation. */
export const PURPOSES = [
  "conversation",
  "completion",
  "training",
] as const satisfies readonly RenderWithSpansOptions["for"][];
/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** The analysis policies of harmony-wasm/train. */
export const ANALYSIS_POLICIES = [
  "upstream",
  "keep",
  "drop-history",
  "per-turn",
] as const satisfies readonly AnalysisPolicy[];

/** The loss mask presets of harmony-wasm/train. */
export const MASK_PRESETS = [
  "sampled",
  "body",
  "trl",
  "megatron",
] as const satisfies readonly LossMaskPreset[];

/** The policies for samples that are too long: those of harmony-wasm/train, or rejection. */
export const TRUNCATIONS = [
  "reject",
  "drop-sample",
  "drop-oldest-turns",
  "drop-last-messages",
  "cut",
] as const satisfies readonly ("reject" | TruncationPolicy)[];

/** The roles that a mask can select. */
export const ROLES = [
  "user",
  "assistant",
  "system",
  "developer",
  "tool",
] as const satisfies readonly Role[];

/** Which ids are trained on. */
export interface MaskOptions {
  preset: LossMaskPreset;
  roles?: Role[];
  channels?: string[];
  lastTurnOnly: boolean;
  /** Whether analysis is trained on. */
  analysis: boolean;
}

/** How a conversation becomes samples; part of the file's metadata. */
export interface SampleOptions {
  shape: Shape;
  for: Purpose;
  analysis: AnalysisPolicy;
  mask: MaskOptions;
  maxLength?: number;
  truncation: (typeof TRUNCATIONS)[number];
  chat: ChatOptions;
}

/** {@link SampleOptions} whose shape may still have to be detected. */
export interface SamplePlan extends Omit<SampleOptions, "shape" | "analysis"> {
  shape: Shape | "auto";
  /** Absent: the default of the shape. */
  analysis?: AnalysisPolicy;
}

/**
 * The plan with the shape of the input, and its default analysis: a conversation in harmony's shape
 * is rendered as upstream does, but training on a chat row is to keep the thought before its answer.
 * The order of the keys is that of the options in files.
 */
export function withShape(plan: SamplePlan, shape: Shape): SampleOptions {
  const { shape: _given, for: purpose, analysis, ...rest } = plan;
  return { shape, for: purpose, analysis: analysis ?? defaultAnalysis(shape, purpose), ...rest };
}

/** The analysis policy where none is chosen. */
export function defaultAnalysis(shape: Shape, purpose: Purpose): AnalysisPolicy {
  return shape === "chat" && purpose === "training" ? "drop-history" : "upstream";
}

/** How samples are packed. */
export interface PackOptions {
  length: number;
  paddingId?: number;
  shiftLossMask: boolean;
}

/** How a batch of rows becomes a batch of columns; part of the file's metadata. */
export interface RenderOptions {
  samples: SampleOptions;
  pack?: PackOptions;
  columns: readonly ColumnName[];
  /** Fields of the input rows to carry along; absent if there are none. */
  carry?: readonly string[];
  /** Whether later samples with the ids of an earlier one are left out. */
  dedupe?: true;
  /** How rows are split; absent for one output. */
  split?: SplitOptions;
}

/** How the output is cut into parts, and which share of the input it has. */
export interface ShardOptions {
  size: ShardSize;
  share: Share | undefined;
}

/** How rows are shuffled: by a seed, some of them several times. */
export interface ShuffleOptions {
  seed: string;
  weights: readonly Weight[];
}

/** How often the rows of some inputs appear. */
export interface Weight {
  /** A name, glob or folder, as inputs are given. */
  inputs: string;
  weight: number;
}

/** A run from its inputs to one output. */
export interface RenderPlan {
  /** Names, globs and folders, or "-" for stdin. */
  inputs: readonly string[];
  /** A path, or "-" for stdout; a folder if there are {@link RenderPlan.shards}. */
  output: string;
  /** How the output is cut into parts; absent for one file. */
  shards?: ShardOptions;
  /** Absent: the order of the inputs. */
  shuffle?: ShuffleOptions;
  samples: SamplePlan;
  pack?: PackOptions;
  columns: readonly ColumnName[];
  carry: readonly string[];
  /** The most bytes for the digests of `--dedupe`; absent without it. */
  dedupeBytes?: number;
  split?: SplitOptions;
  /** The paths of the report. */
  reports: readonly string[];
  format: Pick<FormatOptions, "format" | "compression">;
  existing: Existing;
  /** The local folder for unfinished files of a remote output; absent for the usual one. */
  staging?: string;
  /** The run stops when it has rejected more rows than this. */
  maxRejected?: number;
  workers: number;
  isQuiet: boolean;
  /** Whether the user chose the analysis policy; what the default leaves out is always reported. */
  isAnalysisChosen: boolean;
}
