/** Every case, in the order in which they run. */

import type { RuntimeCase } from "../case.ts";
import { bundleCases } from "./bundles.ts";
import { nodeCases, otherServerCases, pnpmCases } from "./node.ts";
import { pageCases } from "./pages.ts";

export const CASES: readonly RuntimeCase[] = [
  ...nodeCases,
  ...pnpmCases,
  ...otherServerCases,
  ...bundleCases,
  ...pageCases,
];
