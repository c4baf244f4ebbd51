/** The output of a plan: stdout, a file, or a folder of parts. */

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { CommandError, EXIT, UsageError } from "../exit.ts";
import { extensionOf, splitPath } from "../formats/choice.ts";
import type { EncodeInThread, Layout } from "../formats/format.ts";
import { layoutOf, splitLayoutOf } from "../formats/formats.ts";
import { isAddress } from "../remote/location.ts";
import { REST, type SplitOptions, splitNames } from "../selection/split.ts";
import { type Manifest, runOf } from "../shards/manifest.ts";
import { runName } from "../shards/names.ts";
import { clearFinishedShards, finishedManifest, openShardSink } from "../shards/open-shards.ts";
import type { ShardTarget } from "../shards/shard-sink.ts";
import type { RunIdentity } from "../sinks/journal.ts";
import { localFolder } from "../sinks/local-folder.ts";
import {
  clearFinished,
  isFinished,
  openPartialSink,
  refuseOther,
  rejectedPath,
} from "../sinks/partial-sink.ts";
import { RemoteFile, RemoteFileSink } from "../sinks/remote-file.ts";
import { remoteFolder } from "../sinks/remote-folder.ts";
import { finishedRun } from "../sinks/run-file.ts";
import {
  refuseInputsAsOutput,
  refuseInputsAtAddress,
  refuseInputsInFolder,
} from "../sinks/same-file.ts";
import type { Sink } from "../sinks/sink.ts";
import { StdoutSink } from "../sinks/stdout-sink.ts";
import type { InputFile } from "../storage/input-file.ts";
import type { Job } from "./job.ts";
import type { RenderPlan } from "./plan.ts";
import type { RunInputs } from "./run-inputs.ts";
import { manifestTextOf } from "./run-manifest.ts";

/** An output that has been chosen, but not opened. */
export interface Output {
  /** Where the rejected rows of a finished run are, in messages. */
  rejectedPlace: string;
  /** Where the rejected rows of a stopped run are. */
  stoppedPlace: string;
  /** Fails if the run would replace its own input. */
  refuseInputs: (files: readonly InputFile[]) => void;
  /**
   * Whether an earlier run has made all of it; fails if that run was a different
   * one, or had rejected rows, as it did the first time.
   */
  isFinished: (run: RunIdentity) => Promise<boolean>;
  open: (run: RunIdentity) => Promise<Sink>;
  /** A local folder for other files of the run, always the same; undefined for stdout. */
  scratch: string | undefined;
}

/** How the output is written, and by which threads. */
interface OutputJob extends Pick<Job, "format" | "files"> {
  encodeInThread: EncodeInThread;
}

/** The output of a plan. */
export function outputOf(plan: RenderPlan, job: OutputJob, inputs: RunInputs): Output {
  if (plan.output === "-") return stdoutOutput(job);
  if (plan.shards) return folderOutput(plan, job, inputs);
  return isAddress(plan.output) ? remoteFileOutput(plan, job) : fileOutput(plan, job);
}

function stdoutOutput({ format, encodeInThread }: OutputJob): Output {
  return {
    rejectedPlace: "above",
    stoppedPlace: "they are above",
    refuseInputs: () => {},
    isFinished: async () => false,
    open: async () => new StdoutSink(layoutOf("-", format, encodeInThread)),
    scratch: undefined,
  };
}

function fileOutput({ output, existing, split }: RenderPlan, job: OutputJob): Output {
  const layout = layoutWithSplits(job, split, (name) =>
    name === undefined || name === REST ? output : splitPath(output, job.format.format, name),
  );
  const rejected = rejectedPath(output);
  const scratch = `${output}.partial.shuffle`;
  return {
    rejectedPlace: `in ${rejected}`,
    stoppedPlace: kept(`${output}.partial/rejected`),
    refuseInputs: (files) => refuseInputsAsOutput(files, writtenPaths(output, layout)),
    isFinished: async (run) => {
      if (!existing.resume || !isFinished(output)) return false;
      await clearFinished(output);
      refuseOther(output, run, finishedRun(output));
      await removeScratch(scratch);
      reportFinished(output, run, existsSync(rejected));
      return true;
    },
    open: (run) => openPartialSink(output, layout, run, existing),
    scratch,
  };
}

function remoteFileOutput(plan: RenderPlan, job: OutputJob): Output {
  const { output, existing, staging } = plan;
  const file = new RemoteFile(output, staging);
  const local = fileOutput({ ...plan, output: file.local }, job);
  return {
    rejectedPlace: `in ${rejectedPath(output)}`,
    stoppedPlace: local.stoppedPlace,
    refuseInputs: (files) => refuseInputsAtAddress(files, output),
    isFinished: async (run) => {
      const isFinished = await isFinishedRemoteFile(file, plan, run);
      if (isFinished && local.scratch !== undefined) await removeScratch(local.scratch);
      return isFinished;
    },
    scratch: local.scratch,
    open: async (run) => {
      await file.refuseExisting(existing);
      return new RemoteFileSink(file, await local.open(run), existing.overwrite);
    },
  };
}

async function isFinishedRemoteFile(
  file: RemoteFile,
  { output, existing }: RenderPlan,
  run: RunIdentity,
): Promise<boolean> {
  if (!existing.resume || file.isStopped) return false;
  if (file.isWritten) {
    // A run that was killed while its files were stored.
    refuseOther(output, run, finishedRun(file.local));
    await clearFinished(file.local);
    await file.store(existing.overwrite);
  }
  const before = await file.finishedRun();
  if (!before) return false;
  refuseOther(output, run, before);
  reportFinished(output, run, await file.hasRejected());
  return true;
}

function folderOutput(plan: RenderPlan, job: OutputJob, inputs: RunInputs): Output {
  const { format, files } = job;
  const { output, existing, shards, staging, split } = plan;
  if (!shards) throw new Error("a folder has shards");
  const extension = extensionOf(format.format, format.compression);
  const target: ShardTarget = {
    destination: isAddress(output) ? remoteFolder(output, staging) : localFolder(output),
    share: shards.share,
    size: shards.size,
    splits: split ? splitNames(split) : [],
    layoutOf: (part) =>
      layoutWithSplits(job, split, (name) =>
        name === undefined ? `${part}${extension}` : `${name}/${part}${extension}`,
      ),
    manifestOf: (parts, run) => manifestTextOf({ parts, run, shards, files, inputs }),
  };
  const scratch = `${target.destination.workFolder(runName(shards.share))}.shuffle`;
  return {
    rejectedPlace: `in ${output.replace(/\/+$/, "")}/rejected`,
    stoppedPlace: kept(output),
    refuseInputs: (all) => refuseInputsInFolder(all, plan.inputs, output),
    isFinished: (run) => isFinishedFolder(target, scratch, run, existing.resume),
    open: (run) => openShardSink(target, run, existing),
    scratch,
  };
}

/** The layout of one output, or of several with the paths of their splits. */
function layoutWithSplits(
  { format, encodeInThread }: OutputJob,
  split: SplitOptions | undefined,
  pathOf: (split: string | undefined) => string,
): Layout {
  if (!split) return layoutOf(pathOf(undefined), format, encodeInThread);
  const paths = new Map(splitNames(split).map((name) => [name, pathOf(name)]));
  return splitLayoutOf(paths, format, encodeInThread);
}

async function isFinishedFolder(
  target: ShardTarget,
  scratch: string,
  run: RunIdentity,
  resume: boolean,
): Promise<boolean> {
  const text = resume ? await finishedManifest(target) : undefined;
  if (text === undefined) return false;
  const manifest: Manifest = JSON.parse(text);
  const { name } = target.destination;
  refuseOther(name, run, runOf(manifest));
  await clearFinishedShards(target);
  await removeScratch(scratch);
  reportFinished(name, run, manifest.totals.rejected > 0);
  return true;
}

/** A run that was killed at its very end may have left the rows that it shuffled. */
function removeScratch(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

function writtenPaths(output: string, { files }: Layout): string[] {
  const named = files.map(({ path }) => path).filter((path) => path !== "");
  return [...named, rejectedPath(output)];
}

function kept(place: string): string {
  return `they are in ${place}; finished batches are kept, and --resume continues`;
}

/** The identity of stdin, whose content cannot be compared. */
const STDIN_INPUT = JSON.stringify({ path: "-" });

/** A finished run ends as it did the first time. */
function reportFinished(output: string, { input }: RunIdentity, hasRejected: boolean): void {
  if (JSON.stringify(input) === STDIN_INPUT) {
    throw new UsageError(
      `--resume: ${output} is finished, and stdin cannot be compared with its input; --overwrite starts over`,
    );
  }
  const message = `${output} is finished; there is nothing to resume`;
  if (!hasRejected) process.stderr.write(`harmony render: ${message}\n`);
  else throw new CommandError(`${message}, and some rows were rejected`, EXIT.rowsRejected);
}
