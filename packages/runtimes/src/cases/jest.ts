/** Jest, whose tests run in contexts of their own, and its imitation of a page. */

import type { RuntimeCase } from "../case.ts";
import { reportIn } from "../report.ts";

const FILES = {
  "Jest, import": "import.test.mjs",
  "Jest, require": "require.test.cjs",
  "Jest with jsdom": "jsdom.test.mjs",
};

export const jestCases: RuntimeCase[] = Object.entries(FILES).map(([name, file]) => ({
  name,
  project: "node-jest",
  copy: "node-jest",
  run: async (project) => {
    const output = await project.run("npm", ["test", "--silent", "--", file]);
    return reportIn(withoutResults(output));
  },
}));

/** Jest's own results come after the report. */
function withoutResults(output: string): string {
  const lines = output.split("\n");
  return lines.filter((line) => line.startsWith("{")).join("\n");
}
