/** Vite: what it builds, and its development server, which bundles packages in its own way. */

import { cp, mkdir } from "node:fs/promises";
import type { RuntimeCase } from "../case.ts";
import { reportAt } from "../pages.ts";
import type { Project } from "../project.ts";
import type { Report } from "../report.ts";

const PROJECT = { project: "browser-bundles", copy: "browser-bundles" };

/** Files in public/ are copied unchanged and served at the root. */
async function addSuite({ folder }: Project, root: string): Promise<void> {
  await mkdir(`${folder}${root}/public`, { recursive: true });
  await cp(`${folder}suite.mjs`, `${folder}${root}/public/suite.mjs`);
}

/** Starts a Vite server and returns the report of its page. */
async function reportOfVite(project: Project, vite: string, args: string[]): Promise<Report> {
  const address = ["--host", "127.0.0.1"];
  const file = `node_modules/${vite}/bin/vite.js`;
  const { origin, stop } = await project.start("node", [file, ...args, ...address]);
  try {
    return await reportAt(origin);
  } finally {
    await stop();
  }
}

function built(name: string, root: string): RuntimeCase {
  return {
    ...PROJECT,
    name,
    download: [`${root}/dist/assets`],
    async run(project) {
      await addSuite(project, root);
      await project.run("vite", ["build", root]);
      return reportOfVite(project, "vite", ["preview", root]);
    },
  };
}

function developed(name: string, root: string, vite = "vite"): RuntimeCase {
  return {
    ...PROJECT,
    name,
    async run(project) {
      await addSuite(project, root);
      // Its cache outlives an install of the tarball.
      return reportOfVite(project, vite, [root, "--force"]);
    },
  };
}

export const viteCases: RuntimeCase[] = [
  built("Vite, a page", "page"),
  built("Vite, a page and its worker", "worker"),
  developed("Vite's development server", "page"),
  developed("Vite's development server, a worker", "worker"),
  developed("Vite 7's development server", "page", "vite7"),
  developed("Vite 7's development server, a worker", "worker", "vite7"),
  developed("Vite 5's development server", "page", "vite5"),
];
