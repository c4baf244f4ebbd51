import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Miniflare } from "miniflare";

const wasm = readdirSync("out").filter((file) => file.endsWith(".wasm"));
const esm = (path) => ({ type: "esm", contents: readFileSync(path, "utf8") });
const modules = {
  "bundled.js": esm("out/bundled.js"),
  "suite.mjs": esm("suite.mjs"),
  ...Object.fromEntries(
    wasm.map((file) => [file, { type: "wasm", contents: readFileSync(`out/${file}`) }]),
  ),
};
const manifest = { mainModule: "bundled.js", modulesRoot: resolve("out"), modules };
const config = { name: "toy", compatibilityDate: "2026-11-01", manifest };
const miniflare = new Miniflare({
  workers: [{ config }],
  cf: false,
  telemetry: { enabled: false },
});
const response = await miniflare.dispatchFetch("http://localhost/");
console.log(await response.text());
await miniflare.dispose();
