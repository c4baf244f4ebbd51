/** Runs one case and returns its outcome, or throws with the reason and the folder. */

import { checkedFiles } from "./bundle.ts";
import { VECTOR_COUNT } from "./bundled-suite.ts";
import { NotHere, type RuntimeCase } from "./case.ts";
import { preparedProject } from "./project.ts";
import type { Report } from "./report.ts";
import type { Outcome } from "./table.ts";

/** Runs a case in a fresh copy of its project. */
export async function outcomeOf(runtimeCase: RuntimeCase): Promise<Outcome> {
  const { name, copy = name, run, tests = VECTOR_COUNT, download = [] } = runtimeCase;
  const project = await preparedProject(runtimeCase.project, copy);
  try {
    const { passed, failures, firstIdsMs, notes = [] } = await run(project);
    refuseFailures({ passed, failures }, tests);
    const paths = download.map((path) => project.folder + path);
    const sizes = paths.length === 0 ? {} : { sizes: await checkedFiles(paths) };
    return { name, firstIdsMs, notes, ...sizes };
  } catch (cause) {
    if (isMissing(cause)) throw cause;
    throw new Error(`${cause}\n  its folder: ${project.folder}`, { cause });
  }
}

/** Whether a case could not run on this machine; under CI nothing may be missing. */
export function isMissing(error: unknown): error is NotHere {
  return error instanceof NotHere && !process.env.CI;
}

function refuseFailures({ passed, failures }: Omit<Report, "firstIdsMs">, tests: number) {
  if (failures.length > 0) {
    throw new Error(failures.map(({ id, reasons }) => `${id}: ${reasons.join("; ")}`).join("\n"));
  }
  if (passed !== tests) throw new Error(`${passed} of ${tests} tests ran`);
}
