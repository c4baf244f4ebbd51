/**
 * A hub with one data set, `trainer/rows`, in memory: the endpoints that Hugging
 * Face documents and its library calls. Files of 64 bytes and more are stored
 * as LFS does. It proves nothing about the real hub.
 */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { afterAll } from "vitest";
import { type Environment, MANY } from "./servers.ts";

const TOKEN = "hf_trainer";
const LFS_FROM_BYTES = 64;
const PAGE_FILES = 500;

interface HubFile {
  content: Buffer;
  isLarge: boolean;
}

/** Starts the hub. */
export async function startHub(): Promise<Environment> {
  const rows: HubFile = { content: Buffer.from("{}\n"), isLarge: false };
  const files = new Map(MANY.map((name) => [name, rows]));
  const uploads = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? "/", `http://${request.headers.host}`);
    void answer({ files, uploads, request, response, at }).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { HF_ENDPOINT: `http://127.0.0.1:${port}`, HF_TOKEN: TOKEN };
}

interface Call {
  files: Map<string, HubFile>;
  uploads: Map<string, Buffer>;
  request: IncomingMessage;
  response: ServerResponse;
  at: URL;
}

const API = "/api/datasets/trainer/rows";
const ROUTES: readonly [method: string, path: RegExp, (call: Call, path: string) => unknown][] = [
  ["GET", new RegExp(`^${API}()$`), sendRepository],
  ["GET", new RegExp(`^${API}/tree/main/?(.*)$`), sendTree],
  ["POST", new RegExp(`^${API}/paths-info/main()$`), sendPaths],
  ["POST", new RegExp(`^${API}/preupload/main()$`), sendModes],
  ["POST", /^\/datasets\/trainer\/rows\.git\/info\/lfs\/objects\/batch()$/, sendUploads],
  ["PUT", /^\/upload\/(.*)$/, takeUpload],
  ["POST", new RegExp(`^${API}/commit/main()$`), commit],
  ["GET", /^\/datasets\/trainer\/rows\/resolve\/main\/(.*)$/, sendFile],
];

async function answer(call: Call): Promise<void> {
  const { request, response, at } = call;
  if (!at.pathname.startsWith("/upload/") && request.headers.authorization !== `Bearer ${TOKEN}`) {
    refuse(response, 401, "Unauthorized", "Invalid username or password.");
    return;
  }
  for (const [method, path, send] of ROUTES) {
    const match = request.method === method ? path.exec(at.pathname) : null;
    if (!match) continue;
    await send(call, decodeURIComponent(match[1] ?? ""));
    return;
  }
  refuse(response, 404, "RepoNotFound", "Repository not found");
}

function refuse(response: ServerResponse, status: number, code: string, error: string): void {
  const headers = { "content-type": "application/json", "x-error-code": code };
  response.writeHead(status, headers).end(JSON.stringify({ error }));
}

function sendJson(response: ServerResponse, value: unknown, headers = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

function entryOf(path: string, { content, isLarge }: HubFile) {
  const size = content.length;
  const lfs = isLarge && { lfs: { oid: sha256(content), size, pointerSize: 130 } };
  return { type: "file", path, size, oid: gitHash(content), ...lfs };
}

function sendRepository({ response }: Call): void {
  sendJson(response, { id: "trainer/rows" });
}

function sendTree({ files, response, at }: Call, folder: string): void {
  const inside = [...files].filter(([path]) => folder === "" || path.startsWith(`${folder}/`));
  if (folder !== "" && inside.length === 0) {
    refuse(response, 404, "EntryNotFound", `${folder} does not exist on "main"`);
    return;
  }
  const first = Number(at.searchParams.get("cursor") ?? 0);
  const page = inside.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const next = first + PAGE_FILES;
  at.searchParams.set("cursor", String(next));
  const link = next < page.length ? { link: `<${at.href}>; rel="next"` } : {};
  sendJson(
    response,
    page.slice(first, next).map(([path, file]) => entryOf(path, file)),
    link,
  );
}

async function sendPaths({ files, request, response }: Call): Promise<void> {
  const { paths }: { paths: string[] } = JSON.parse(await text(request));
  const found = paths.flatMap((path) => {
    const file = files.get(path);
    return file ? [entryOf(path, file)] : [];
  });
  sendJson(response, found);
}

async function sendModes({ request, response }: Call): Promise<void> {
  const body: { files: { path: string; size: number }[] } = JSON.parse(await text(request));
  const files = body.files.map(({ path, size }) => ({
    path,
    uploadMode: size >= LFS_FROM_BYTES ? "lfs" : "regular",
  }));
  sendJson(response, { files });
}

async function sendUploads({ request, response, at }: Call): Promise<void> {
  const { objects }: { objects: { oid: string; size: number }[] } = JSON.parse(await text(request));
  const uploads = objects.map(({ oid, size }) => {
    const upload = { href: `${at.origin}/upload/${oid}?X-Amz-Signature=secret` };
    return { oid, size, actions: { upload } };
  });
  sendJson(response, { transfer: "basic", objects: uploads });
}

async function takeUpload({ uploads, request, response }: Call, oid: string): Promise<void> {
  uploads.set(oid, await buffer(request));
  response.end();
}

type CommitLine = {
  key: string;
  value: { path: string; content: string; oid: string };
};

async function commit({ files, uploads, request, response, at }: Call): Promise<void> {
  const lines = (await text(request)).split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const { key, value }: CommitLine = JSON.parse(line);
    if (key === "file") {
      files.set(value.path, { content: Buffer.from(value.content, "base64"), isLarge: false });
    }
    if (key === "deletedFile") files.delete(value.path);
    const content = uploads.get(value.oid);
    if (key === "lfsFile" && content) files.set(value.path, { content, isLarge: true });
  }
  sendJson(response, { commitOid: "0".repeat(40), commitUrl: at.href, hookOutput: "" });
}

function sendFile({ files, request, response }: Call, path: string): void {
  const file = files.get(path);
  if (!file) {
    refuse(response, 404, "EntryNotFound", "Entry not found");
    return;
  }
  const { content, isLarge } = file;
  const [, first = "0", last = ""] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  const start = Number(first);
  const end = last === "" ? content.length : Math.min(Number(last) + 1, content.length);
  const headers = {
    etag: `"${isLarge ? sha256(content) : gitHash(content)}"`,
    "content-range": `bytes ${start}-${end - 1}/${content.length}`,
  };
  response.writeHead(request.headers.range ? 206 : 200, headers).end(content.subarray(start, end));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function gitHash(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}
