// The pages of the packages. On the page of a registry a relative link leads
// nowhere, so links become addresses; the docs that they lead to are part of
// harmony-wasm, for the version that is installed.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ROOT } from "../sources.mjs";

const PACKAGE = `${ROOT}packages/harmony-wasm/`;
const UNCHANGED = ["LICENSE", "NOTICE"];
/** Pages of the repository that a package has as its page. */
const PACKAGES = {
  "packages/harmony-wasm-cli/README.md": "https://www.npmjs.com/package/harmony-wasm-cli",
  "packages/harmony-wasm-ray/README.md": "https://pypi.org/project/harmony-wasm-ray/",
};
/** For those who change the package; without an address, the link's text remains. */
const OF_THE_REPOSITORY = new Set(["CONTRIBUTING.md"]);

/** Writes the README, the docs, the license and the notice into the package. */
export function writePages() {
  writeFileSync(`${PACKAGE}README.md`, addressedPage("README.md"));
  rmSync(`${PACKAGE}docs`, { recursive: true, force: true });
  mkdirSync(`${PACKAGE}docs`);
  for (const page of readdirSync(`${ROOT}docs`)) {
    writeFileSync(`${PACKAGE}docs/${page}`, addressedPage(`docs/${page}`));
  }
  for (const page of UNCHANGED) copyFileSync(ROOT + page, PACKAGE + page);
}

/** The text of a page of the repository, with addresses in place of relative links. */
export function addressedPage(page) {
  const { version } = JSON.parse(readFileSync(`${PACKAGE}package.json`, "utf8"));
  const address = `https://unpkg.com/harmony-wasm@${version}/`;
  const text = readFileSync(ROOT + page, "utf8");
  return text.replaceAll(/\[([^\]]*)\](\([^)\s]+\))/g, (link, words, target) => {
    const path = /^\((?!https?:|#)([^)#]+)/.exec(target)?.[1];
    if (path === undefined) return link;
    const linked = new URL(path, `file:///${page}`).pathname.slice(1);
    if (OF_THE_REPOSITORY.has(linked)) return words;
    const rest = /#[^)]*/.exec(target)?.[0] ?? "";
    return `[${words}](${PACKAGES[linked] ?? address + linked}${rest})`;
  });
}
