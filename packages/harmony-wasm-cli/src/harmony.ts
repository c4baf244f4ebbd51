#!/usr/bin/env node
/**
 * Starts the program, or reports which Node it needs: an older version fails with
 * a SyntaxError when it links the imports, so this file has no static import.
 */

const OLDEST = [22, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  const { runProgram } = await import("./program.ts");
  await runProgram();
} else {
  const needed = `harmony: needs Node ${OLDEST.join(".")} or later`;
  process.stderr.write(`${needed}; this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
}
