/** Writes a report; each file appears whole. */

import { rename, writeFile } from "node:fs/promises";
import { CommandError } from "../exit.ts";
import { isJson } from "./paths.ts";
import type { RunReport } from "./report.ts";

/** Writes the report to each path, as its extension says. */
export async function writeReports(paths: readonly string[], report: RunReport): Promise<void> {
  for (const path of paths) {
    const text = isJson(path) ? `${JSON.stringify(report, null, 2)}\n` : await pageText(report);
    try {
      await writeFile(`${path}.partial`, text);
      await rename(`${path}.partial`, path);
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
