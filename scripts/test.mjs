// `npm test`: installs missing tools, builds, and runs every suite. The last
// line counts. `npm test -- vitest` runs only the suites with that in their
// name.

import { setUpChromium } from "./setup/chromium.mjs";
import { setUp } from "./setup/index.mjs";
import { ROOT } from "./sources.mjs";
import { main, run } from "./step.mjs";

await main(async () => {
  await setUp();
  await setUpChromium();
  const node = `${ROOT}node_modules/.bin/node`;
  await run(node, ["scripts/build.mjs"], { cwd: ROOT, show: true });
  await run(node, ["scripts/suites.mjs", ...process.argv.slice(2)], { cwd: ROOT, show: true });
});
