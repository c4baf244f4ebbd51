import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The build that needs no engine: only its streamers are tested. */
const TRANSFORMERS = "node_modules/@huggingface/transformers/dist/transformers.js";

export default defineConfig({
  resolve: {
    alias: { "@huggingface/transformers": fileURLToPath(new URL(TRANSFORMERS, import.meta.url)) },
  },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    // Ends what hangs; no test should fail because the machine is busy.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    globalSetup: ["scripts/refuse-stale.mjs"],
    // Vitest would leave a core to itself, and many tests wait for a process.
    maxWorkers: availableParallelism(),
  },
});
