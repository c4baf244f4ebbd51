/**
 * Bundled into a page as `cases.mjs`: the cases of loading that Node runs too,
 * those that only a page has, and the measurement of memory. The page's URL
 * says which, on which entry, and where the cases' server is.
 */

import { type Case, type Environment, runCases } from "harmony-conformance/loading/environment";
import type { Report } from "../report.ts";
import { type CasesName, PAGE_CASES } from "./cases.ts";
import { memoryNotes } from "./memory.ts";

const DIST = new URL("node_modules/harmony-wasm/dist/", location.href);

/** Runs what the page's URL names. */
export async function reportOfCases(query: URLSearchParams): Promise<Report> {
  const cases = namedCases(query.get("cases") ?? "");
  const failures = await runCases(cases, await environmentOf(query));
  return {
    passed: cases.length - failures.length,
    failures: failures.map(({ name: id, reason }) => ({ id, reasons: [reason] })),
    firstIdsMs: 0,
    notes: memoryNotes,
  };
}

function namedCases(name: string): readonly Case[] {
  if (name in PAGE_CASES) return PAGE_CASES[name as CasesName];
  throw new Error(`no cases are called ${name}`);
}

async function environmentOf(query: URLSearchParams): Promise<Environment> {
  const entry = query.get("entry") ?? "browser.js";
  const origin = query.get("origin") ?? "";
  let copies = 0;
  return {
    freshCopy() {
      copies += 1;
      return import(`${DIST}${entry}?fresh=${copies}`);
    },
    slim: () => import(`${DIST}slim.js`),
    loadsNow: entry === "inline.js",
    origin,
    wasm: new Uint8Array(await (await fetch(`${DIST}harmony.wasm`)).arrayBuffer()),
  };
}
