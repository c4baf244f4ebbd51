/** Writes a report beside the output; each file appears whole. */

import { rename, writeFile } from "node:fs/promises";
import { CommandError, UsageError } from "../exit.ts";
import type { RunReport } from "./report.ts";

const KIND = /\.(html|json)$/i;

/** Refuses a path whose extension is not that of a report. */
export function checkReportPath(path: string): string {
  if (KIND.test(path)) return path;
  throw new UsageError(`--report ${path}: expected a path that ends with .html or .json`);
}

/** Writes the report to each path, as its extension says. */
export async function writeReports(paths: readonly string[], report: RunReport): Promise<void> {
  for (const path of paths) {
    const text = path.toLowerCase().endsWith(".json")
      ? `${JSON.stringify(report, null, 2)}\n`
      : await pageText(report);
    const unfinished = `${path}.partial`;
    try {
      await writeFile(unfinished, text);
      await rename(unfinished, path);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new CommandError(`--report: ${path} could not be written: ${detail}`);
    }
  }
}

/** The libraries of the page are loaded only for a page. */
async function pageText(report: RunReport): Promise<string> {
  const { pageOf } = await import("./page.ts");
  return pageOf(report);
}
