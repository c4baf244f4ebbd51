/** Cloudflare's workerd, as wrangler serves and as it bundles for it. */

import type { RuntimeCase } from "../case.ts";
import { reportIn } from "../report.ts";

const PROJECT = { project: "workerd", copy: "workerd" };
/** No metrics, no logs outside the project, no request for the machine's location. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_LOG_PATH: "logs",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
export const WRANGLER_ADDRESS = ["--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];

export const workerdCases: RuntimeCase[] = [
  {
    ...PROJECT,
    name: "workerd, by wrangler dev",
    async run(project) {
      const { origin, stop } = await project.start(
        "wrangler",
        ["dev", ...WRANGLER_ADDRESS],
        QUIET_WRANGLER,
      );
      try {
        return reportIn(await (await fetch(origin)).text());
      } finally {
        await stop();
      }
    },
  },
  {
    ...PROJECT,
    name: "workerd, bundled by wrangler, in miniflare",
    download: ["out"],
    async run(project) {
      const build = ["deploy", "bundled.js", "--dry-run", "--outdir", "out"];
      await project.run("wrangler", build, QUIET_WRANGLER);
      return reportIn(await project.run("node", ["miniflare.mjs"]));
    },
  },
];
