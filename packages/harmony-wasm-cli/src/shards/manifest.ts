/**
 * The manifest of a run into a folder: its parts, its inputs, and how it was
 * made. docs/manifest.md describes the fields.
 */

import { addedCounts, type Counts, NO_COUNTS } from "../rows/counts.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import type { Share } from "../storage/share.ts";
import type { PartFile, PartRecord } from "./parts-log.ts";

/** The version of the format; it grows when a field changes its meaning. */
export const MANIFEST_VERSION = 1;

/** An input file in a manifest. */
export interface ManifestInput {
  path: string;
  bytes: number | null;
  sha256: string | null;
  shape: string;
  /** How often each of its conversations appears; 1 without `--weight`. */
  weight: number;
  conversations: number;
}

/** A file with its size and hash. */
export interface ManifestFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** The rows of one split in a manifest. */
export interface ManifestSplit {
  rows: number;
  ids: number;
  trained_ids: number;
}

/** A part in a manifest. The file that readers open is the part's own path. */
export interface ManifestPart extends ManifestFile {
  rows: number;
  ids: number;
  trained_ids: number;
  conversations: number;
  rejected: number;
  /** The other files of the part, such as the index of Megatron's data set. */
  files: ManifestFile[];
  rejected_file: ManifestFile | null;
  /** The rows of each split, which are in the files of its folder. */
  splits: Record<string, ManifestSplit>;
  /** The index of each input in {@link Manifest.inputs}, with the conversations it gave. */
  inputs: { input: number; conversations: number }[];
}

/** The counts of a whole run. */
export interface ManifestTotals {
  parts: number;
  rows: number;
  ids: number;
  trained_ids: number;
  conversations: number;
  rejected: number;
  rejected_by_reason: Record<string, number>;
  dropped_by_truncation: number;
  duplicates: number;
  /** The rows of each split; empty without `--split`. */
  splits: Record<string, ManifestSplit>;
  analysis_messages: number;
  analysis_left_out: number;
}

/** The share of a run, and whether it has whole files or batches of every file. */
export interface ManifestShard extends Share {
  by: "files" | "batches";
}

/** The content of `manifest.json`. */
export interface Manifest {
  manifest_version: number;
  /** The share of this run: null if it has all of the input. */
  shard: ManifestShard | null;
  totals: ManifestTotals;
  parts: ManifestPart[];
  inputs: ManifestInput[];
  /** The digest of the names and sizes of all inputs, those of the other shares too. */
  inputs_sha256: string;
  /** The options, as the parts record them, and the software. */
  options: unknown;
  software: unknown;
  shard_size: string;
  /** With the options and the software, the identity by which `--resume` recognises the run. */
  run: Pick<RunIdentity, "input">;
}

/** The identity of the run that a manifest describes. */
export function runOf({ run, options, software }: Manifest): RunIdentity {
  return { input: run.input, options, software };
}

/** Everything that only the caller knows. */
export interface ManifestContext {
  shard: ManifestShard | undefined;
  shardSize: string;
  inputsSha256: string;
  inputs: readonly ManifestInput[];
  run: RunIdentity;
}

/** The manifest of finished parts. */
export function manifestOf(parts: readonly PartRecord[], context: ManifestContext): Manifest {
  const { shard, shardSize, inputs, inputsSha256, run } = context;
  return {
    manifest_version: MANIFEST_VERSION,
    shard: shard ?? null,
    totals: totalsOf(parts),
    parts: parts.map(manifestPart),
    inputs: [...inputs],
    inputs_sha256: inputsSha256,
    options: run.options,
    software: run.software,
    shard_size: shardSize,
    run: { input: run.input },
  };
}

/** The conversations that each input gave to all parts. */
export function conversationsByInput(parts: readonly PartRecord[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { inputs } of parts) {
    for (const [input, conversations] of inputs) {
      sums.set(input, (sums.get(input) ?? 0) + conversations);
    }
  }
  return sums;
}

/** The text of a manifest. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function manifestPart({ files, rejected, counts, inputs }: PartRecord): ManifestPart {
  const [main, ...others] = files.map(manifestFile);
  if (!main) throw new Error("a part without a file");
  return {
    ...main,
    rows: counts.rows,
    ids: counts.tokens,
    trained_ids: counts.trained,
    conversations: counts.conversations,
    rejected: counts.rejected,
    files: others,
    rejected_file: rejected ? manifestFile(rejected) : null,
    splits: splitsOf(counts),
    inputs: inputs.map(([input, conversations]) => ({ input, conversations })),
  };
}

function splitsOf({ splits }: Counts): Record<string, ManifestSplit> {
  const entries = Object.entries(splits).map(
    ([name, { rows, tokens, trained }]) =>
      [name, { rows, ids: tokens, trained_ids: trained }] as const,
  );
  return Object.fromEntries(entries);
}

function manifestFile({ path, bytes, sha256 }: PartFile): ManifestFile {
  return { path, bytes, sha256 };
}

function totalsOf(parts: readonly PartRecord[]): ManifestTotals {
  const counts = parts.reduce<Counts>((sum, each) => addedCounts(sum, each.counts), NO_COUNTS);
  return {
    parts: parts.length,
    rows: counts.rows,
    ids: counts.tokens,
    trained_ids: counts.trained,
    conversations: counts.conversations,
    rejected: counts.rejected,
    rejected_by_reason: { ...counts.reasons },
    dropped_by_truncation: counts.dropped,
    duplicates: counts.duplicates,
    splits: splitsOf(counts),
    analysis_messages: counts.analysis,
    analysis_left_out: counts.analysisLeftOut,
  };
}
