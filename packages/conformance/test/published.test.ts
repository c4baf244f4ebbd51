/** Published packages install from their tarballs: npm knows no `workspace:` ranges and no folders of ours. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const PACKAGES = fileURLToPath(new URL("../../", import.meta.url));

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  dependencies?: Record<string, string>;
}

const manifests: Manifest[] = readdirSync(PACKAGES, { recursive: false, encoding: "utf8" })
  .filter((name) => existsSync(`${PACKAGES}${name}/package.json`))
  .map((folder) => JSON.parse(readFileSync(`${PACKAGES}${folder}/package.json`, "utf8")));
const versions = new Map(manifests.map(({ name, version }) => [name, version]));
const published = manifests.filter((manifest) => manifest.private !== true);

it("there are two published packages", () => {
  expect(published.map(({ name }) => name)).toEqual(["harmony-wasm", "harmony-wasm-cli"]);
});

it.each(published)("$name depends on exact versions, its neighbours' included", (manifest) => {
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    expect(range, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(versions.get(name) ?? range, name).toBe(range);
  }
});
