// Debian's Chromium, for the tests that open pages. Where it cannot be
// installed they say that they were not run; under CI they fail.

import { existsSync } from "node:fs";
import { StepError, step } from "../step.mjs";
import { aptInstall } from "./apt.mjs";

/** Where Chromium is, or would be. */
export const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Installs Chromium where it is missing and we may. */
export async function setUpChromium() {
  if (existsSync(CHROMIUM)) return;
  try {
    await step("Chromium", () => aptInstall(["chromium"], "Chromium"));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.log(`  ${error.message}: ${error.advice}`);
  }
}
