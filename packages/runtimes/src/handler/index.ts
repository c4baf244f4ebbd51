/** Bundled with `openai` into each project as `handler.mjs`. */

import type { Report } from "../report.ts";
import { HANDLER_CASES, type Subpaths } from "./cases.ts";

type Package = Pick<typeof import("harmony-wasm"), "loadHarmonyEncoding">;

/** Runs the cases on the subpaths that the project imported. */
export async function report(
  { loadHarmonyEncoding }: Package,
  subpaths: Subpaths,
): Promise<Report> {
  const encoding = await loadHarmonyEncoding();
  const failures: Report["failures"] = [];
  for (const { name, run } of HANDLER_CASES) {
    try {
      await run(subpaths, encoding);
    } catch (error) {
      failures.push({ id: name, reasons: [String(error)] });
    }
  }
  return { passed: HANDLER_CASES.length - failures.length, failures, firstIdsMs: 0 };
}
