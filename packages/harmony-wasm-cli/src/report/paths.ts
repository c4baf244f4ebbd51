/** The paths of reports, and which kind each is. */

import { existsSync } from "node:fs";
import { UsageError } from "../exit.ts";

const KIND = /\.(html|json)$/i;

/** Whether the extension of a path is that of a report. */
export function isReportPath(path: string): boolean {
  return KIND.test(path);
}

/** Whether the report at a path is data, rather than a page. */
export function isJson(path: string): boolean {
  return path.toLowerCase().endsWith(".json");
}

/** Refuses a report that exists, unless the run replaces or continues its files. */
export function refuseExistingFiles(
  paths: readonly string[],
  { resume, overwrite }: { resume: boolean; overwrite: boolean },
): void {
  const there = paths.find((path) => existsSync(path));
  if (there === undefined || resume || overwrite) return;
  throw new UsageError(`--report: ${there} exists; --overwrite replaces it`);
}
