/**
 * Pages in Debian's Chromium: serves a folder, or uses a running server, and opens
 * the page. Like every program here, a page or its worker prints its report to
 * the console.
 */

import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { CHROMIUM } from "harmony-scripts/setup/chromium.mjs";
import { type Browser, type BrowserContext, type ConsoleMessage, chromium } from "playwright-core";
import sirv from "sirv";
import { NotHere } from "./case.ts";
import type { Project } from "./project.ts";
import { type Report, reportIn } from "./report.ts";

const TIMEOUT = 600_000;
/** No connections of its own; `gc` is for the page that measures memory. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--js-flags=--expose-gc",
];

/** How a project's files are served. */
export interface Serving {
  /** The folder in the project; all of it by default. */
  root?: string;
  /** The page. */
  path?: string;
  /** Headers of every response. */
  headers?: Record<string, string>;
  /** Wrong MIME types, by the end of a file's name. */
  types?: Record<string, string>;
  /** A file that the server answers with 404. */
  without?: string;
}

/** One browser serves all pages, each in a context of its own. */
let browser: Promise<Browser> | undefined;

/** Opens a page of the project and returns its report. */
export async function reportOfPage({ folder }: Project, serving: Serving = {}): Promise<Report> {
  const server = await served(`${folder}${serving.root ?? ""}`, serving);
  try {
    return await reportAt(`${server.origin}/${serving.path ?? ""}`);
  } finally {
    server.close();
  }
}

/** Opens a URL and returns the page's report. A failure contains everything that the page printed and threw. */
export async function reportAt(url: string): Promise<Report> {
  const context = await (await opened()).newContext();
  try {
    return reportIn(await outputOf(context, url));
  } finally {
    await context.close();
  }
}

/** Call it at the end: an open browser keeps the process alive. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

function opened(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new NotHere(`${CHROMIUM} does not exist; install Chromium or set CHROMIUM_PATH`);
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: TIMEOUT });
  return browser;
}

/** Everything that was printed, up to the first line of JSON or the first exception. */
async function outputOf(context: BrowserContext, url: string): Promise<string> {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TIMEOUT);
  context.on("console", (message: ConsoleMessage) => {
    lines.push(message.text());
    if (message.type() === "log" && message.text().startsWith("{")) resolve();
  });
  context.on("weberror", (thrown) => {
    lines.push(`thrown: ${thrown.error().stack}`);
    resolve();
  });
  context.setDefaultTimeout(TIMEOUT); // Its own, 30 seconds, is too short on a busy machine.
  const page = await context.newPage();
  await page.exposeFunction("setOffline", (offline: boolean) => context.setOffline(offline));
  page.on("requestfailed", (request) => {
    lines.push(`${request.url()} failed: ${request.failure()?.errorText}`);
  });
  try {
    await page.goto(url);
    await promise;
  } finally {
    clearTimeout(timer);
  }
  return lines.join("\n");
}

/** A static server for a folder, on a port of the system's choice. */
async function served(folder: string, { headers = {}, types = {}, without }: Serving) {
  const answer = sirv(folder, {
    dev: true,
    setHeaders(response, path) {
      const type = Object.entries(types).find(([end]) => path.endsWith(end))?.[1];
      if (type !== undefined) response.setHeader("content-type", type);
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    if (request.url === `/${without}`) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (!address || typeof address !== "object") throw new Error("the server has no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}
