/**
 * `npm run runtimes`: every case, or those with the given words in their name.
 * Prints a table, and last the counts. A failure leaves its folder, and says
 * where it is. `--write` runs every case three times, and writes the least of
 * each time into docs/runtimes.md.
 */

import { parseArgs } from "node:util";
import type { RuntimeCase } from "./case.ts";
import { CASES } from "./cases/all.ts";
import { writeGuide } from "./guide-page.ts";
import { closeBrowser } from "./pages.ts";
import { isMissing, outcomeOf } from "./run.ts";
import { type Outcome, tableOf } from "./table.ts";

const ROUNDS = 3;

const { values, positionals: words } = parseArgs({
  options: { write: { type: "boolean", default: false } },
  allowPositionals: true,
});
const chosen = CASES.filter(({ name }) => words.every((word) => name.includes(word)));
const outcomes: Outcome[] = [];
let failed = 0;
for (const runtimeCase of chosen) {
  try {
    const outcome = await bestOutcome(runtimeCase);
    outcomes.push(outcome);
    console.log([`✓ ${outcome.name}`, ...outcome.notes].join("\n  "));
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
if (values.write) writeGuide(outcomes);
console.log(`${outcomes.length} passed, ${failed} failed`);
if (failed > 0 || outcomes.length === 0) process.exitCode = 1;

/** Once is enough to see whether it works, and too few for a figure, where there is one. */
async function bestOutcome(runtimeCase: RuntimeCase): Promise<Outcome> {
  let best = await outcomeOf(runtimeCase);
  const rounds = values.write && best.firstIdsMs > 0 ? ROUNDS : 1;
  for (let round = 1; round < rounds; round += 1) {
    const next = await outcomeOf(runtimeCase);
    if (next.firstIdsMs < best.firstIdsMs) best = next;
  }
  return best;
}
