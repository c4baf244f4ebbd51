// `npm run vectors`: has the oracle rewrite test-vectors/expected.

import { cargoEnvironment } from "./setup/rust.mjs";
import { ROOT } from "./sources.mjs";
import { main, run } from "./step.mjs";

const ORACLE = ["run", "--locked", "--profile", "native", "-p", "harmony-oracle", "--"];

await main(() =>
  run("cargo", [...ORACLE, "vectors", "test-vectors"], {
    cwd: ROOT,
    env: cargoEnvironment(),
    show: true,
  }),
);
