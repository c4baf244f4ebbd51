// Rebuilds the published vocabulary file, o200k_base.tiktoken, from
// @dqbd/tiktoken's own encoding of it. harmony-core's build checks it against
// the hash that upstream publishes, so this file need not know that hash.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = createRequire(import.meta.url).resolve("@dqbd/tiktoken/encoders/o200k_base.json");
const folder = new URL("../crates/harmony-core/generated/", import.meta.url);

/** Each source line is `! <rank of the first token> <base64> <base64> …`. */
function published({ bpe_ranks }) {
  return bpe_ranks
    .split("\n")
    .flatMap((line) => {
      const [, first, ...tokens] = line.split(" ");
      return tokens.map((token, index) => `${token} ${Number(first) + index}\n`);
    })
    .join("");
}

mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("o200k_base.tiktoken", folder),
  published(JSON.parse(readFileSync(source, "utf8"))),
);
