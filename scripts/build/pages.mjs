// The pages of the npm package. On npm's page a relative link leads nowhere, so
// the README's links become addresses; the docs that they lead to are part of the
// package, for the version that is installed.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ROOT } from "../sources.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm/`;
const UNCHANGED = ["LICENSE", "NOTICE"];
/** Pages of the repository that other packages have as their page. */
const OTHER_PACKAGES = {
  "packages/harmony-wasm-cli/README.md": "https://www.npmjs.com/package/harmony-wasm-cli",
  "packages/harmony-wasm-ray/README.md": "https://pypi.org/project/harmony-wasm-ray/",
};
/** For those who change the package; without an address, the link's text remains. */
const OF_THE_REPOSITORY = new Set(["CONTRIBUTING.md"]);

/** Writes the README, the docs, the license and the notice into the package. */
export function writePages() {
  const { version } = JSON.parse(readFileSync(`${PACKAGE}package.json`, "utf8"));
  const address = `https://unpkg.com/harmony-wasm@${version}/`;
  writeFileSync(`${PACKAGE}README.md`, addressed(read("README.md"), "", address));
  rmSync(`${PACKAGE}docs`, { recursive: true, force: true });
  mkdirSync(`${PACKAGE}docs`);
  for (const page of readdirSync(`${ROOT}docs`)) {
    const text = addressed(read(`docs/${page}`), "docs/", address);
    writeFileSync(`${PACKAGE}docs/${page}`, text);
  }
  for (const page of UNCHANGED) copyFileSync(ROOT + page, PACKAGE + page);
}

const read = (page) => readFileSync(ROOT + page, "utf8");

/** `text`, a page in `folder`, with addresses in place of relative links. */
function addressed(text, folder, address) {
  return text.replaceAll(/\[([^\]]*)\](\([^)\s]+\))/g, (link, words, target) => {
    const path = /^\((?!https?:|#)([^)#]+)/.exec(target)?.[1];
    if (path === undefined) return link;
    const page = new URL(path, `file:///${folder}`).pathname.slice(1);
    if (OF_THE_REPOSITORY.has(page)) return words;
    const rest = /#[^)]*/.exec(target)?.[0] ?? "";
    return `[${words}](${OTHER_PACKAGES[page] ?? address + page}${rest})`;
  });
}
