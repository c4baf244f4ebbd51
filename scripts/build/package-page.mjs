// The page of the command line's tarball. npm takes README.md, whose links are
// relative in the repository: `prepack` replaces it, and `postpack` restores it.

import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { ROOT } from "../sources.mjs";
import { addressedPage } from "./pages.mjs";

const PAGE = "packages/harmony-wasm-cli/README.md";
const FOLDER = `${ROOT}packages/harmony-wasm-cli/`;
const KEPT = `${FOLDER}.page-of-the-repository.md`;
const COPIED = ["LICENSE", "NOTICE"];

if (process.argv[2] === "prepack") {
  // A pack that was killed has left the page of the repository here.
  if (existsSync(KEPT)) renameSync(KEPT, ROOT + PAGE);
  const page = addressedPage(PAGE);
  renameSync(ROOT + PAGE, KEPT);
  writeFileSync(ROOT + PAGE, page);
  for (const file of COPIED) copyFileSync(ROOT + file, FOLDER + file);
} else {
  renameSync(KEPT, ROOT + PAGE);
  for (const file of COPIED) rmSync(FOLDER + file);
}
