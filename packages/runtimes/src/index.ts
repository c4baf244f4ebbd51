/**
 * `npm run runtimes`: every case, or those with the given words in their name.
 * Prints a table, and last the counts. A failure leaves its folder, and says
 * where it is.
 */

import { checkedBundle } from "./bundle.ts";
import { VECTOR_COUNT } from "./bundled-suite.ts";
import type { RuntimeCase } from "./case.ts";
import { bundleCases } from "./cases/bundles.ts";
import { nodeCases, otherServerCases } from "./cases/node.ts";
import { preparedProject } from "./project.ts";
import type { Report } from "./report.ts";
import { type Outcome, tableOf } from "./table.ts";

const CASES: RuntimeCase[] = [...nodeCases, ...otherServerCases, ...bundleCases];

async function outcomeOf({ name, project: folder, run, bundle }: RuntimeCase): Promise<Outcome> {
  const project = await preparedProject(folder, name);
  try {
    const report = await run(project);
    refuseFailures(report);
    const sizes =
      bundle === undefined ? {} : { sizes: await checkedBundle(project.folder + bundle) };
    return { name, firstIdsMs: report.firstIdsMs, ...sizes };
  } catch (cause) {
    throw new Error(`${cause}\n  its folder: ${project.folder}`, { cause });
  }
}

function refuseFailures({ passed, failures }: Report) {
  if (failures.length > 0) {
    throw new Error(failures.map(({ id, reasons }) => `${id}: ${reasons.join("; ")}`).join("\n"));
  }
  if (passed !== VECTOR_COUNT) throw new Error(`${passed} of ${VECTOR_COUNT} vectors ran`);
}

const wanted = process.argv.slice(2);
const chosen = CASES.filter(({ name }) => wanted.every((part) => name.includes(part)));
const outcomes: Outcome[] = [];
for (const runtimeCase of chosen) {
  try {
    outcomes.push(await outcomeOf(runtimeCase));
    console.log(`✓ ${runtimeCase.name}`);
  } catch (error) {
    console.log(`✗ ${runtimeCase.name}\n${error}`);
  }
}
console.log(tableOf(outcomes));
console.log(`${outcomes.length} passed, ${chosen.length - outcomes.length} failed`);
if (outcomes.length < chosen.length) process.exitCode = 1;
