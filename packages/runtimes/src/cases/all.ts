/** Every case, in the order in which they run. */

import type { RuntimeCase } from "../case.ts";
import { browserBundleCases } from "./browser-bundles.ts";
import { bundleCases } from "./bundles.ts";
import { handlerCases } from "./handler.ts";
import { jestCases } from "./jest.ts";
import { nextCases } from "./next.ts";
import { nodeCases, otherServerCases, pnpmCases } from "./node.ts";
import { pageCases } from "./pages.ts";
import { viteCases } from "./vite.ts";
import { workerdCases } from "./workerd.ts";

export const CASES: readonly RuntimeCase[] = [
  ...nodeCases,
  ...pnpmCases,
  ...jestCases,
  ...otherServerCases,
  ...bundleCases,
  ...pageCases,
  ...viteCases,
  ...browserBundleCases,
  ...nextCases,
  ...workerdCases,
  ...handlerCases,
];
