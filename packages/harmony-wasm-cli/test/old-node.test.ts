/** An older Node prints one line with the version that is needed. */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { endOf, PROGRAM, scratchFolder } from "./support.ts";

const file = scratchFolder();

it.each(["18.20.8", "22.14.0"])("names the Node that it needs, on Node %s", async (version) => {
  const changed = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  writeFileSync(file("version.cjs"), changed);
  const args = ["--require", file("version.cjs"), PROGRAM, "--version"];
  const { code, stderr } = await endOf(spawn(process.execPath, args));
  const message = `harmony: needs Node 22.15 or later; this is Node ${version}\n`;
  expect([code, stderr]).toEqual([1, message]);
});
