/**
 * `npm run runtimes`: every case, or those with the given words in their name.
 * Prints a table, and last the counts. A failure leaves its folder, and says
 * where it is.
 */

import { checkedBundle } from "./bundle.ts";
import { VECTOR_COUNT } from "./bundled-suite.ts";
import { NotHere, type RuntimeCase } from "./case.ts";
import { bundleCases } from "./cases/bundles.ts";
import { nodeCases, otherServerCases, pnpmCases } from "./cases/node.ts";
import { pageCases } from "./cases/pages.ts";
import { closeBrowser } from "./pages.ts";
import { preparedProject } from "./project.ts";
import type { Report } from "./report.ts";
import { type Outcome, tableOf } from "./table.ts";

const CASES: RuntimeCase[] = [
  ...nodeCases,
  ...pnpmCases,
  ...otherServerCases,
  ...bundleCases,
  ...pageCases,
];

async function outcomeOf(runtimeCase: RuntimeCase): Promise<Outcome> {
  const { name, project: folder, run, tests = VECTOR_COUNT, bundle } = runtimeCase;
  const project = await preparedProject(folder, name);
  try {
    const report = await run(project);
    refuseFailures(report, tests);
    const sizes =
      bundle === undefined ? {} : { sizes: await checkedBundle(project.folder + bundle) };
    return { name, firstIdsMs: report.firstIdsMs, ...sizes };
  } catch (cause) {
    if (isMissing(cause)) throw cause;
    throw new Error(`${cause}\n  its folder: ${project.folder}`, { cause });
  }
}

function refuseFailures({ passed, failures }: Report, tests: number) {
  if (failures.length > 0) {
    throw new Error(failures.map(({ id, reasons }) => `${id}: ${reasons.join("; ")}`).join("\n"));
  }
  if (passed !== tests) throw new Error(`${passed} of ${tests} tests ran`);
}

/** Under CI nothing may be missing. */
function isMissing(error: unknown): error is NotHere {
  return error instanceof NotHere && process.env.CI === undefined;
}

const wanted = process.argv.slice(2);
const chosen = CASES.filter(({ name }) => wanted.every((part) => name.includes(part)));
const outcomes: Outcome[] = [];
let failed = 0;
for (const runtimeCase of chosen) {
  try {
    outcomes.push(await outcomeOf(runtimeCase));
    console.log(`✓ ${runtimeCase.name}`);
  } catch (error) {
    if (isMissing(error)) {
      console.log(`– ${runtimeCase.name}: not run: ${error.message}`);
    } else {
      failed += 1;
      console.log(`✗ ${runtimeCase.name}\n${error}`);
    }
  }
}
await closeBrowser();
console.log(tableOf(outcomes));
console.log(`${outcomes.length} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
