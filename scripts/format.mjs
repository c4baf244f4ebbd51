// `npm run format`: applies the fixes of the formatters and linters.

import { cargoEnvironment } from "./setup/rust.mjs";
import { ROOT } from "./sources.mjs";
import { main, run } from "./step.mjs";

await main(async () => {
  await run(`${ROOT}node_modules/.bin/biome`, ["check", "--write"], { cwd: ROOT, show: true });
  await run("cargo", ["fmt", "--all"], { cwd: ROOT, env: cargoEnvironment(), show: true });
});
