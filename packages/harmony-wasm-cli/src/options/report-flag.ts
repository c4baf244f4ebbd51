/** The flag `--report`. */

import { resolve } from "node:path";
import { Option } from "commander";
import { UsageError } from "../exit.ts";
import { isAddress } from "../remote/location.ts";
import { isReportPath } from "../report/paths.ts";

/** The flag as commander reads it. */
export interface ReportFlag {
  report?: string[];
}

/** The flag. */
export function reportOption(): Option {
  return new Option(
    "--report <path>",
    "write a report of the run: .html is a page, .json is data; may be repeated",
  ).argParser((text: string, before: string[] = []) => [...before, text]);
}

/** The paths of the reports, each once. */
export function reportPaths({ report = [] }: ReportFlag, output: string): string[] {
  const remote = report.find(isAddress);
  if (remote !== undefined) throw new UsageError(`--report ${remote}: expected a local path`);
  const wrong = report.find((path) => !isReportPath(path));
  if (wrong !== undefined) {
    throw new UsageError(`--report ${wrong}: expected a path that ends with .html or .json`);
  }
  const paths = [...new Set(report)];
  if (output !== "-" && paths.some((path) => resolve(path) === resolve(output))) {
    throw new UsageError(`--report ${output} is the output; choose another path`);
  }
  return paths;
}
