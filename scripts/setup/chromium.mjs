// Debian's Chromium, for the tests that open pages. If it cannot be installed,
// they report that they did not run; under CI they fail.

import { existsSync } from "node:fs";
import { StepError, step } from "../step.mjs";
import { aptInstall } from "./apt.mjs";

/** Where Chromium is, or would be. */
export const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Installs Chromium if it is missing and can be installed. */
export async function setUpChromium() {
  if (existsSync(CHROMIUM)) return;
  try {
    await step("Chromium", () => aptInstall(["chromium"], "Chromium"));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.log(`  ${error.message}: ${error.advice}`);
  }
}
