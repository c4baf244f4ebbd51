/** The options that a rendered file records, and what they say about the ends of its samples. */

import { readMetaFile } from "../formats/meta-file.ts";
import { metadataOf } from "../input/id-rows.ts";
import type { JobOptions } from "../render/job.ts";

/** The options; the shape is "auto" if files of different shapes were rendered together. */
export type RecordedOptions = Pick<JobOptions, "samples" | "pack" | "dedupe" | "split" | "shuffle">;

/** The options of a file; undefined if it records none. */
export async function recordedOptions(path: string): Promise<RecordedOptions | undefined> {
  const metadata = await metadataOf(path);
  const text = metadata.get("harmony.options") ?? readMetaFile(path).get("harmony.options");
  return text === undefined ? undefined : JSON.parse(text);
}

/** How samples may end, other than with a whole message. */
export interface Endings {
  /** Whether they are prompts, which end with the start of the message to be sampled. */
  arePrompts: boolean;
  /** The number of ids at which they were cut, even inside a message; absent if none was. */
  cutAt?: number;
  /** The id that fills up packed rows; absent if none does. */
  paddingId?: number;
}

/** How the samples of a file with these options may end. */
export function endingsOf(options: RecordedOptions | undefined): Endings {
  if (!options) return { arePrompts: false };
  const { for: purpose, truncation, maxLength } = options.samples;
  const isCut = truncation === "cut" && maxLength !== undefined;
  return {
    arePrompts: purpose === "completion",
    ...(isCut && { cutAt: maxLength }),
    ...(options.pack?.paddingId !== undefined && { paddingId: options.pack.paddingId }),
  };
}
