/** Checks an output folder against its manifests: every share is there, and every file has its hash. */

import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CommandError } from "../exit.ts";
import { isFolder } from "../files/is-folder.ts";
import { defaultAnalysis } from "../render/plan.ts";
import type { Manifest, ManifestFile } from "../shards/manifest.ts";
import { manifestName, shareOfManifest } from "../shards/names.ts";
import { sha256Of } from "../shards/part-record.ts";

/** A fault of a folder, or of one of its files. */
export interface FolderFinding {
  /** The file at fault. */
  file: string;
  check: "manifest" | "columns";
  message: string;
}

/** The manifests of a folder. */
export function manifestsIn(folder: string): Manifest[] {
  const names = readdirSync(folder).filter((name) => shareOfManifest(name) !== false);
  if (names.length > 0) {
    return names.sort().map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  }
  throw new CommandError(
    `${folder} has no manifest.json and no manifest of a share, such as manifest-1of2.json: its run is not finished, or another program wrote it`,
  );
}

/** The faults of a folder; rows are checked elsewhere, part by part. */
export async function* folderFindings(
  folder: string,
  manifests: readonly Manifest[],
): AsyncGenerator<FolderFinding> {
  yield* shareFindings(manifests);
  const known = new Set<string>();
  for (const { parts } of manifests) {
    for (const { rejected_file: rejected, files, ...part } of parts) {
      for (const file of [part, ...files, ...(rejected ? [rejected] : [])]) {
        known.add(file.path);
        yield* fileFindings(folder, file);
      }
    }
  }
  yield* strangerFindings(folder, known);
}

/** The files of every part that have rows: one, or one of each split. */
export function* rowFiles(manifests: readonly Manifest[]): Generator<string> {
  for (const { path, files } of manifests.flatMap(({ parts }) => parts)) {
    yield path;
    for (const other of files) if (basename(other.path) === basename(path)) yield other.path;
  }
}

/** Whether a part has rows to read, and not only numbers end to end. */
export function hasRows(path: string): boolean {
  return !/\.(?:npy|bin)$/.test(path);
}

/** The files of an output folder in the order of their rows, split by split; a file is itself. */
export function filesWithRows(path: string): string[] {
  if (!isFolder(path)) return [path];
  const bySplit = Map.groupBy(rowFiles(manifestsIn(path)), (file) => dirname(file));
  const files = [...bySplit.values()].flat();
  const numbers = files.find((file) => !hasRows(file));
  if (numbers === undefined) return files.map((file) => join(path, file));
  throw new CommandError(`${join(path, numbers)} has numbers end to end: expected files with rows`);
}

/** Parts that no manifest has: of an earlier run, or of another program. */
function* strangerFindings(folder: string, known: ReadonlySet<string>): Generator<FolderFinding> {
  const folders = new Set([".", ...[...known].map((path) => dirname(path))]);
  for (const path of [...folders].filter((each) => existsSync(join(folder, each)))) {
    for (const name of readdirSync(join(folder, path))) {
      const file = join(path, name);
      if (!name.startsWith("part-") || known.has(file)) continue;
      yield { file, check: "manifest", message: "no manifest has this file" };
    }
  }
}

/** The shares that are missing, and those of other inputs or options. */
function* shareFindings(manifests: readonly Manifest[]): Generator<FolderFinding> {
  const [first] = manifests;
  if (!first) return;
  const { shard, inputs_sha256 } = first;
  const identities = identitiesOf(manifests);
  for (let index = 1; index <= (shard?.of ?? 0); index += 1) {
    if (manifests.some((each) => each.shard?.index === index)) continue;
    const name = manifestName({ index, of: shard?.of ?? 0 });
    yield { file: name, check: "manifest", message: "the manifest of this share is missing" };
  }
  for (const other of manifests) {
    const name = manifestName(other.shard ?? undefined);
    if (other.shard?.of !== shard?.of) {
      yield { file: name, check: "manifest", message: "the input was divided differently" };
    } else if (other.inputs_sha256 !== inputs_sha256) {
      yield { file: name, check: "manifest", message: "this share is of other inputs" };
    } else if (identities.get(other) !== identities.get(first)) {
      const message = "this share has other options, or another version made it";
      yield { file: name, check: "manifest", message };
    }
  }
}

/**
 * What all shares must have in common. Shares of whole files have the shapes of their own files,
 * and with a shape comes the default of its analysis.
 */
function identitiesOf(manifests: readonly Manifest[]): Map<Manifest, string> {
  const haveDefaults = manifests.every(({ options }) => hasDefaultAnalysis(options));
  return new Map(
    manifests.map((manifest) => {
      const { samples, shard: _share, ...options } = Object(manifest.options);
      const { shape: _shape, analysis, ...common } = Object(samples);
      const chosen = haveDefaults ? null : analysis;
      return [manifest, JSON.stringify([common, chosen, options, manifest.software])];
    }),
  );
}

/** Whether the analysis is that of a run which chooses none. */
function hasDefaultAnalysis(options: unknown): boolean {
  const { shape, for: purpose, analysis } = Object(Object(options).samples);
  return analysis === undefined || analysis === defaultAnalysis(shape, purpose);
}

async function* fileFindings(
  folder: string,
  { path, sha256 }: ManifestFile,
): AsyncGenerator<FolderFinding> {
  const local = join(folder, path);
  if (!existsSync(local)) yield { file: path, check: "manifest", message: "the file is missing" };
  else if ((await sha256Of(createReadStream(local))) !== sha256) {
    yield { file: path, check: "manifest", message: "the file is not the one of the manifest" };
  }
}
