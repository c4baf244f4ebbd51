// `npm start`: installs missing tools, builds, and runs the main job.

import { setUp } from "./setup/index.mjs";
import { ROOT } from "./sources.mjs";
import { main, run } from "./step.mjs";

await main(async () => {
  await setUp();
  const node = `${ROOT}node_modules/.bin/node`;
  await run(node, ["scripts/build.mjs"], { cwd: ROOT, show: true });
  await run(node, ["scripts/main-job.mjs"], { cwd: ROOT, show: true });
});
