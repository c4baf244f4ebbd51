/** The command line's tarball, in an empty folder beside that of harmony-wasm. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packed } from "harmony-scripts/tarball.mjs";
import { afterAll, expect, it } from "vitest";

const PROJECT = mkdtempSync(join(tmpdir(), "harmony-wasm-cli-"));
const INSTALLED = join(PROJECT, "node_modules/harmony-wasm-cli");
const SOURCE = new URL("..", import.meta.url).pathname;
afterAll(() => rmSync(PROJECT, { recursive: true }));

const tarballs = [await packed(), await packed("harmony-wasm-cli")];
const options = ["--prefer-offline", "--no-audit", "--no-fund", "--prefix", PROJECT];
const installed = spawnSync("npm", ["install", ...options, ...tarballs], { encoding: "utf8" });
const read = (file: string) => readFileSync(join(INSTALLED, file), "utf8");

it("installs and runs", () => {
  expect(installed.status, installed.stderr).toBe(0);
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(INSTALLED, "dist/harmony.js"), "--help"],
    {
      encoding: "utf8",
      cwd: PROJECT,
    },
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining("render")]);
});

it("holds its page, its license and its notice, and no name of the workspace", () => {
  const files = ["LICENSE", "NOTICE", "README.md", "dist", "package.json"];
  expect(
    readdirSync(INSTALLED)
      .filter((file) => file !== "node_modules")
      .toSorted(),
  ).toEqual(files);
  expect(read("package.json")).not.toContain("workspace:");
});

it("has a page whose links lead somewhere from npm's page", () => {
  const links = Array.from(read("README.md").matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !/^(?:https:|#)/.test(link))).toEqual([]);
});

it("leaves the repository's page as it was", () => {
  expect(readFileSync(join(SOURCE, "README.md"), "utf8")).toContain("](../../docs/");
  expect(existsSync(join(SOURCE, "LICENSE"))).toBe(false);
});
