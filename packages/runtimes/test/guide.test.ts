/**
 * The table of docs/runtimes.md is true: cases that run prove each of its lines,
 * run, and what it says to write is what they wrote. `npm run runtimes` runs them.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CASES } from "../src/cases/all.ts";
import { LINES } from "../src/guide.ts";
import { guideSection } from "../src/guide-page.ts";

const SOURCES = fileURLToPath(new URL("../src/cases/", import.meta.url));
const PROJECTS = fileURLToPath(new URL("../projects/", import.meta.url));

function textsOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join();
}

const commands = textsOf(SOURCES);

describe("the cases", () => {
  it("have names of their own", () => {
    const names = CASES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("prove a line each, but for those with tests of their own", () => {
    const proving = LINES.flatMap(({ cases }) => cases);
    const running = CASES.filter(({ tests }) => tests === undefined).map(({ name }) => name);
    expect(proving.toSorted()).toEqual(running.toSorted());
  });
});

describe.each(LINES)("the line $where", ({ where, write, cases }) => {
  it("says what its cases wrote", () => {
    const projects = CASES.filter(({ name }) => cases.includes(name)).map(({ project }) => project);
    const said = Array.from(write.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
    expect(said.length).toBeGreaterThan(0);
    for (const project of new Set(projects)) {
      const texts = textsOf(PROJECTS + project) + commands;
      for (const code of said) expect(texts.includes(code), code).toBe(true);
    }
  });

  it("is in docs/runtimes.md", () => {
    const rows = guideSection().split("\n");
    const cells = rows.map((row) => row.split(" | ").map((cell) => cell.replace("| ", "").trim()));
    expect(cells).toContainEqual(expect.arrayContaining([where, write]));
  });
});

it("the table of docs/runtimes.md has no other lines", () => {
  const rows = guideSection().match(/^\| /gm) ?? [];
  expect(rows).toHaveLength(LINES.length + 2);
});
