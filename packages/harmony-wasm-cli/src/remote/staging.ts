/**
 * The local folder in which a run writes the files of a remote output before they
 * are stored. It depends on the address alone, so that a run that was killed
 * finds its files on the same machine.
 */

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CommandError } from "../exit.ts";
import type { Location } from "./location.ts";

/** The folder for the files of one output, in `parent` or in the system's folder for temporary files. */
export function stagingFolder({ name }: Location, parent?: string): string {
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return join(parent ?? temporaryFolder(), `${basename(name)}-${hash}`);
}

/** Others may write to /tmp, so the folder in it must be the user's own. */
function temporaryFolder(): string {
  const user = process.getuid?.() ?? "";
  const folder = join(tmpdir(), `harmony-staging-${user}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  if (stats.isDirectory() && (user === "" || stats.uid === user)) return folder;
  throw new CommandError(`${folder} belongs to another user; choose a folder with --staging`);
}
