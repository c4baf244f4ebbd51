/**
 * What bounds the speed of encoding, natively: its steps alone, for a piece of each corpus.
 *
 *     node packages/bench/src/limits.ts
 *
 * The steps are in `crates/harmony-core/src/tokenizer/limits.rs`.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CORPUS_NAMES, makeCorpora } from "./corpora/corpora.ts";

const EXAMPLE = ["-q", "--release", "-p", "harmony-core", "--features", "limits"];

const folder = mkdtempSync(join(tmpdir(), "harmony-limits-"));
try {
  const { texts } = makeCorpora();
  const paths = CORPUS_NAMES.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, texts[name].measured.join(""));
    return path;
  });
  execFileSync("cargo", ["run", ...EXAMPLE, "--example", "limits", "--", ...paths], {
    stdio: "inherit",
  });
} finally {
  rmSync(folder, { recursive: true });
}
