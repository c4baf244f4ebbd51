/** Next.js as Turbopack and as webpack build it, and `next start` serves it. */

import { cp, mkdir } from "node:fs/promises";
import { checkedFiles } from "../bundle.ts";
import type { RuntimeCase } from "../case.ts";
import { reportAt } from "../pages.ts";
import type { Project } from "../project.ts";
import { type Report, reportIn } from "../report.ts";

const QUIET = { NEXT_TELEMETRY_DISABLED: "1" };
const NODE_ENV = "production";
const ADDRESS = ["--hostname", "127.0.0.1", "--port", "0"];

/** Builds by folder; one build serves three cases. */
const builds = new Map<string, Promise<unknown>>();

async function build(project: Project, bundler: string): Promise<void> {
  await mkdir(`${project.folder}public`, { recursive: true });
  await cp(`${project.folder}suite.mjs`, `${project.folder}public/suite.mjs`);
  await project.run("next", ["build", `--${bundler}`], { ...QUIET, NODE_ENV });
}

async function built(project: Project, bundler: string) {
  const building = builds.get(project.folder) ?? build(project, bundler);
  builds.set(project.folder, building);
  await building;
}

/** Where a build puts its output for the edge and for pages. */
const FOLDERS = {
  turbopack: { edge: ".next/server/edge", page: ".next/static" },
  webpack: { edge: ".next/server/edge-chunks", page: ".next/static" },
};

interface Served {
  name: string;
  /** Must hold one copy of the wasm. */
  bundle?: string;
  report(origin: string): Promise<Report>;
}

/** Builds, serves and asks the server. No sizes: they would be mostly Next's own. */
function served(bundler: keyof typeof FOLDERS, { name, bundle, report }: Served): RuntimeCase {
  return {
    name,
    project: "next",
    copy: `next-${bundler}`,
    async run(project) {
      await built(project, bundler);
      if (bundle !== undefined) await checkedFiles([project.folder + bundle]);
      const env = { ...QUIET, NODE_ENV, SUITE: `${project.folder}suite.mjs` };
      const { origin, stop } = await project.start("next", ["start", ...ADDRESS], env);
      try {
        return await report(origin);
      } finally {
        await stop();
      }
    },
  };
}

async function reportOfRoute(url: string): Promise<Report> {
  return reportIn(await (await fetch(url)).text());
}

function casesOf(name: string, bundler: keyof typeof FOLDERS): RuntimeCase[] {
  const { edge, page } = FOLDERS[bundler];
  return [
    served(bundler, {
      name: `${name}, a Node route`,
      report: (origin) => reportOfRoute(`${origin}/node`),
    }),
    served(bundler, {
      name: `${name}, an edge route`,
      bundle: edge,
      report: (origin) => reportOfRoute(`${origin}/edge`),
    }),
    served(bundler, { name: `${name}, a client component`, bundle: page, report: reportAt }),
  ];
}

export const nextCases: RuntimeCase[] = [
  ...casesOf("Next.js with Turbopack", "turbopack"),
  ...casesOf("Next.js with webpack", "webpack"),
];
