import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    // Measured tests repeat themselves while the machine is busy.
    testTimeout: 120_000,
    globalSetup: ["scripts/refuse-stale.mjs"],
  },
});
