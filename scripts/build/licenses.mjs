// Copies the licenses of the libraries that a bundle contains: a bundle is a copy.

import { cpSync, existsSync } from "node:fs";
import { ROOT } from "../sources.mjs";

const LICENSES = ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt"];

/** `metafile` is what esbuild says about the bundle; each library gets a folder in `folder`. */
export function copyLicenses(metafile, folder) {
  const inPackage = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;
  const inputs = Object.keys(metafile.inputs);
  const found = inputs.map((input) => inPackage.exec(input)).filter((match) => match !== null);
  for (const [from, name] of new Map(found.map((match) => [match[1], match[2]]))) {
    for (const file of LICENSES.filter((each) => existsSync(`${ROOT}${from}/${each}`))) {
      cpSync(`${ROOT}${from}/${file}`, `${folder}${name}/${file}`);
    }
  }
}
