/**
 * A toy project as a user would have it: a copy of a folder of `projects/`,
 * with its own dependencies and the packed tarball installed by npm. Copies
 * lie in target/runtimes/; the next run uses what npm installed there.
 */

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { packed } from "harmony-scripts/tarball.mjs";
import { bundledSuite } from "./bundled-suite.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROJECTS = fileURLToPath(new URL("../projects/", import.meta.url));
const COPIES = `${ROOT}target/runtimes/`;
const NODE = `${ROOT}node_modules/node/bin/node`;
const TIMEOUT = 900_000;

/** A project that can be run. */
export interface Project {
  folder: string;
  /** The path of the packed tarball, which is installed in it. */
  tarball: string;
  /** Runs a command in it, with the project's own tools and Node 24 on the path; what it printed. */
  run(command: string, args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** Runs a command that serves, once it has printed where. */
  start(command: string, args: readonly string[], env?: Record<string, string>): Promise<Served>;
}

/** A server that runs. */
export interface Served {
  origin: string;
  stop(): Promise<unknown>;
}

/** The tarball, packed once. */
let tarball: Promise<string> | undefined;

/** By their folders: several cases may share a copy. */
const projects = new Map<string, Promise<Project>>();

/** The copy of `projects/<name>` that is called `copy`. */
export function preparedProject(name: string, copy: string): Promise<Project> {
  const folder = `${COPIES}${copy.replaceAll(/[^\w.-]+/g, "-")}/`;
  const project = projects.get(folder) ?? prepared(name, folder);
  projects.set(folder, project);
  return project;
}

async function prepared(name: string, folder: string): Promise<Project> {
  await mkdir(folder, { recursive: true });
  await removeAllBut(folder, "node_modules");
  await cp(`${PROJECTS}${name}`, folder, { recursive: true });
  await writeFile(`${folder}suite.mjs`, await bundledSuite());
  tarball ??= packed();
  const commands = { run: runIn(folder), start: startIn(folder) };
  const project = { folder, tarball: await tarball, ...commands };
  await install(project);
  return project;
}

async function removeAllBut(folder: string, kept: string) {
  const names = (await readdir(folder)).filter((name) => name !== kept);
  await Promise.all(names.map((name) => rm(`${folder}${name}`, { recursive: true })));
}

/** Installs the tarball every time, and other packages only when they change. */
async function install(project: Project) {
  const stamp = `${project.folder}node_modules/.installed`;
  const wanted = createHash("sha256")
    .update(await readFile(`${project.folder}package.json`))
    .digest("hex");
  const npm = (...args: string[]) =>
    project.run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", ...args]);
  if ((await readFile(stamp, "utf8").catch(() => "")) !== wanted) await npm();
  await rm(`${project.folder}node_modules/harmony-wasm`, { recursive: true, force: true });
  await npm("--prefer-offline", "--no-save", project.tarball);
  await writeFile(stamp, wanted);
}

function runIn(folder: string): Project["run"] {
  return async (command, args, env) => {
    const { all } = await execa(command, args, optionsIn(folder, env));
    return all;
  };
}

function startIn(folder: string): Project["start"] {
  return async (command, args, env) => {
    const server = execa(command, args, { ...optionsIn(folder, env), reject: false });
    const stop = () => {
      server.kill();
      return server;
    };
    const ended = server.then(({ all }) => Promise.reject(new Error(`no server, but:\n${all}`)));
    return { origin: await Promise.race([originIn(server.all), ended]), stop };
  };
}

/** The first URL of this machine that a server prints. */
function originIn(output: AsyncIterable<unknown> & NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let printed = "";
  output.on("data", (chunk) => {
    printed += chunk;
    const origin = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(printed)?.[0];
    if (origin) resolve(origin);
  });
  return promise;
}

function optionsIn(folder: string, env: Record<string, string> = {}) {
  const path = [`${folder}node_modules/.bin`, dirname(NODE), process.env.PATH].join(":");
  return {
    cwd: folder,
    timeout: TIMEOUT,
    env: { PATH: path, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
    all: true,
  } as const;
}
