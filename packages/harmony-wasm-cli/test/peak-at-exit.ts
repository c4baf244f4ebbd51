/** Loaded into the program with `--import`: writes its peak memory, in KB, to `PEAK_FILE` when it exits. */

import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("exit", () => {
    writeFileSync(process.env.PEAK_FILE ?? "", String(process.resourceUsage().maxRSS));
  });
}
