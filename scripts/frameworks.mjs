// `npm run frameworks`: has the frameworks write test-vectors/training/frameworks.json
// anew, in a virtual environment that is made once for each list of packages.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./sources.mjs";
import { main, run, step } from "./step.mjs";

const PYTHON = `${ROOT}packages/conformance/python/`;
const REQUIREMENTS = `${PYTHON}requirements.txt`;
const CONVERSATIONS = `${ROOT}test-vectors/training/conversations.json`;
const ANSWERS = `${ROOT}test-vectors/training/frameworks.json`;
const VOCABULARY = `${ROOT}crates/harmony-core/generated/o200k_base.tiktoken`;

/** The Python of the environment; it is finished when it has the list of its packages. */
async function setUpPython() {
  const list = readFileSync(REQUIREMENTS, "utf8");
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const hash = createHash("sha256").update(list).digest("hex").slice(0, 16);
  const folder = join(cache, "harmony-wasm", `frameworks-${hash}`);
  const python = join(folder, "bin", "python");
  const finished = join(folder, "finished");
  if (existsSync(finished)) return python;
  await step("the frameworks, by pip (a minute)", async () => {
    const advice = "install Python 3.11 or later with venv (on Debian: python3-venv)";
    await run("python3", ["-m", "venv", "--clear", folder], { advice });
    const install = ["-m", "pip", "install", "--quiet", "--no-deps", "--requirement"];
    await run(python, [...install, REQUIREMENTS], { advice: "check that pip reaches PyPI" });
    writeFileSync(finished, list);
  });
  return python;
}

/** An answer a line, so that a difference can be read. */
function written({ inputs_sha256, frameworks }) {
  const answersOf = ({ answers }) =>
    Object.entries(answers).map(
      ([name, given]) => `${JSON.stringify(name)}: ${JSON.stringify(given)}`,
    );
  const texts = Object.entries(frameworks).map(([name, framework]) => {
    const head = `${JSON.stringify(name)}: {\n"package": ${JSON.stringify(framework.package)},`;
    return `${head}\n"answers": {\n${answersOf(framework).join(",\n")}\n}\n}`;
  });
  const head = `"written_by": "npm run frameworks",\n"inputs_sha256": "${inputs_sha256}",`;
  return `{\n${head}\n"frameworks": {\n${texts.join(",\n")}\n}\n}\n`;
}

await main(async () => {
  const python = await setUpPython();
  await step("what the frameworks answer", async () => {
    const program = `${PYTHON}frameworks.py`;
    const { output } = await run(python, ["-W", "ignore", program, CONVERSATIONS, VOCABULARY]);
    writeFileSync(ANSWERS, written(JSON.parse(output.slice(output.indexOf('{"inputs_sha256"')))));
  });
});
