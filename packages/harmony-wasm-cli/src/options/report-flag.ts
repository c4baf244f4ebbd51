/** The flag `--report`. */

import { resolve } from "node:path";
import { Option } from "commander";
import { UsageError } from "../exit.ts";
import { isAddress, locationOf } from "../remote/location.ts";
import { requireWritable } from "../remote/stores.ts";
import { isReportPath } from "../report/paths.ts";

/** The flag as commander reads it. */
export interface ReportFlag {
  report?: string[];
}

/** The flag. */
export function reportOption(): Option {
  return new Option(
    "--report <path>",
    "write a report of the run, also to s3://, gs://, hf://: .html is a page, .json is data; may be repeated",
  ).argParser((text: string, before: string[] = []) => [...before, text]);
}

/** The paths of the reports, each once. */
export function reportPaths({ report = [] }: ReportFlag, output: string): string[] {
  for (const address of report.filter(isAddress)) requireWritable(locationOf(address), "--report");
  const wrong = report.find((path) => !isReportPath(path));
  if (wrong !== undefined) {
    throw new UsageError(`--report ${wrong}: expected a path that ends with .html or .json`);
  }
  const paths = [...new Set(report)];
  if (output !== "-" && paths.some((path) => isSame(path, output))) {
    throw new UsageError(`--report ${output} is the output; choose another path`);
  }
  return paths;
}

function isSame(path: string, output: string): boolean {
  return isAddress(path) ? path === output : resolve(path) === resolve(output);
}
