/** The handler as a client's `fetch`, in every runtime. */

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundledHandlerCases } from "../bundled-suite.ts";
import type { RuntimeCase } from "../case.ts";
import { HANDLER_CASES } from "../handler/cases.ts";
import { reportOfPage } from "../pages.ts";
import type { Project } from "../project.ts";
import { type Report, reportIn } from "../report.ts";
import { QUIET_WRANGLER, WRANGLER_ADDRESS } from "./workerd.ts";

const BIN = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const DENO = ["run", "--no-prompt", "--cached-only"];

function handled(
  name: string,
  project: string,
  run: (project: Project) => Promise<Report>,
): RuntimeCase {
  return {
    name: `the handler in ${name}`,
    project,
    copy: `handler-${project}`,
    tests: HANDLER_CASES.length,
    async run(copy) {
      await writeFile(`${copy.folder}handler.mjs`, await bundledHandlerCases());
      return run(copy);
    },
  };
}

const program =
  (command: string, ...args: string[]) =>
  async (project: Project) =>
    reportIn(await project.run(command, [...args, "handle.mjs"]));

export const handlerCases: RuntimeCase[] = [
  handled("Node 24", "handler", program("node")),
  handled("Deno", "handler", program(`${BIN}deno`, ...DENO)),
  handled("Bun", "handler", program(`${BIN}bun`)),
  handled("a page", "handler", (project) => reportOfPage(project)),
  handled("workerd", "workerd", async (project) => {
    const dev = ["dev", "handle.js", ...WRANGLER_ADDRESS];
    const { origin, stop } = await project.start("wrangler", dev, QUIET_WRANGLER);
    try {
      return reportIn(await (await fetch(origin)).text());
    } finally {
      await stop();
    }
  }),
];
