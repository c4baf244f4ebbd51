import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    // Ends what hangs; no test should fail because the machine is busy.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    globalSetup: ["scripts/refuse-stale.mjs"],
  },
});
