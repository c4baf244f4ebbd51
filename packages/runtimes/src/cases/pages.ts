/** Pages and workers without a bundler, and the cases that only a page shows. */

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { startServer } from "harmony-conformance/loading/server";
import { bundledPageCases } from "../bundled-suite.ts";
import type { RuntimeCase } from "../case.ts";
import { type CasesName, PAGE_CASES } from "../page/cases.ts";
import { reportOfPage, type Serving } from "../pages.ts";

const DIST = "node_modules/harmony-wasm/dist/";
const WASM = `${DIST}harmony.wasm`;
/** Allows only the given sources. */
const policy = (allowed: string): Serving => ({
  headers: { "content-security-policy": `default-src 'none'; ${allowed}` },
});
const FETCHING = "connect-src 'self'; worker-src 'self'";
const STRICT = policy(`${FETCHING}; script-src 'self' 'wasm-unsafe-eval'`);
const STRICT_INLINE = policy("script-src 'self' 'wasm-unsafe-eval'");
const FORBIDDING = policy(`${FETCHING}; script-src 'self'`);

/** The files that a page fetches with each entry. */
const DOWNLOADS: Record<string, string[]> = {
  "inline.js": ["inline.js", "shared.js", "harmony-wasm-base64.js"].map((file) => DIST + file),
  "slim.js": ["slim.js", "shared.js", "harmony.wasm"].map((file) => DIST + file),
};
const DOWNLOAD = ["browser.js", "shared.js", "harmony.wasm"].map((file) => DIST + file);

const PAGE = { project: "page", copy: "page" };

/** All vectors, in a page that runs a module of the project. */
function page(name: string, program: string, serving: Serving = {}): RuntimeCase {
  const path = `open.html?program=${program}`;
  return {
    ...PAGE,
    name,
    download: DOWNLOADS[program] ?? DOWNLOAD,
    run: (project) => reportOfPage(project, { path, ...serving }),
  };
}

/** Cases of loading, in a page. */
function cases(
  name: string,
  kind: CasesName,
  entry = "browser.js",
  serving: Serving = {},
): RuntimeCase {
  return {
    ...PAGE,
    name,
    tests: PAGE_CASES[kind].length,
    async run(project) {
      await writeFile(`${project.folder}cases.mjs`, await bundledPageCases());
      const { origin, close } = await startServer(readFileSync(project.folder + WASM));
      const query = new URLSearchParams({ program: "cases.js", cases: kind, entry, origin });
      try {
        return await reportOfPage(project, { path: `open.html?${query}`, ...serving });
      } finally {
        close();
      }
    },
  };
}

const OCTETS = { types: { ".wasm": "application/octet-stream" } };

export const pageCases: RuntimeCase[] = [
  {
    ...PAGE,
    name: "a page without a bundler",
    download: DOWNLOAD,
    run: (project) => reportOfPage(project),
  },
  page("a page with ./inline", "inline.js"),
  page("a page with ./slim", "slim.js"),
  page("a page whose server does not know wasm", "relative.js", OCTETS),
  page("a module worker", "module-worker.js"),
  page("a classic worker", "classic-worker.js"),
  page("a shared worker", "shared.js"),
  page("a service worker", "service.js"),
  page("a strict Content-Security-Policy", "relative.js", STRICT),
  page("a strict Content-Security-Policy, in a worker", "module-worker.js", STRICT),
  page("a strict Content-Security-Policy, with ./inline", "inline.js", STRICT_INLINE),
  cases("a Content-Security-Policy without wasm", "forbidden", "browser.js", FORBIDDING),
  cases("a Content-Security-Policy without wasm, ./inline", "forbidden", "inline.js", FORBIDDING),
  cases("an import in a page", "idle"),
  cases("loading in a page", "loading"),
  cases("loading in a page, ./inline", "loading", "inline.js"),
  cases("loading in a page without a promise, and offline", "browser"),
  cases("a page whose wasm is lost", "lost", "browser.js", { without: WASM }),
  cases("memory in a page", "memory"),
];
