// `npm run frameworks`: has the frameworks rewrite test-vectors/training/frameworks.json
// in a virtual environment, created once for each list of packages.

import { writeFileSync } from "node:fs";
import { pythonWith } from "./setup/python-environment.mjs";
import { ROOT } from "./sources.mjs";
import { main, run, step } from "./step.mjs";

const PYTHON = `${ROOT}packages/conformance/python/`;
const REQUIREMENTS = `${PYTHON}requirements.txt`;
const CONVERSATIONS = `${ROOT}test-vectors/training/conversations.json`;
const ANSWERS = `${ROOT}test-vectors/training/frameworks.json`;
const VOCABULARY = `${ROOT}crates/harmony-core/generated/o200k_base.tiktoken`;

/** One answer per line, so that a diff is readable. */
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
  const python = await pythonWith("frameworks", REQUIREMENTS, "a minute");
  await step("what the frameworks answer", async () => {
    const program = `${PYTHON}frameworks.py`;
    const { stdout } = await run(python, ["-W", "ignore", program, CONVERSATIONS, VOCABULARY]);
    writeFileSync(ANSWERS, written(JSON.parse(stdout)));
  });
});
