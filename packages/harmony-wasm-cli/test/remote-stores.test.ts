/** Every object store keeps the same contract, each by its own library and a server on this machine. */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { openGcs } from "../src/remote/gcs.ts";
import { openHub } from "../src/remote/hub.ts";
import { locationOf } from "../src/remote/location.ts";
import type { StoredObject, WritableStore } from "../src/remote/object-store.ts";
import { openS3 } from "../src/remote/s3.ts";
import { steadyRead } from "../src/remote/steady-read.ts";
import { writableStoreOf } from "../src/remote/stores.ts";
import { upload } from "../src/remote/upload.ts";
import { startHub } from "./object-stores/hub-server.ts";
import { MANY, startGcs, startS3 } from "./object-stores/servers.ts";
import { manyRows, run, scratchFolder } from "./support.ts";

const ODD_NAME = "räum 東京/a b+c#d?e%f&g=h'i.jsonl";
const LARGE = Buffer.alloc(40 * 1024 * 1024, "0123456789abcdef");
LARGE.writeUInt32BE(0x12345678, 33 * 1024 * 1024);

const STORES = [
  { base: "s3://rows/", start: startS3, open: openS3 },
  { base: "gs://rows/", start: startGcs, open: openGcs },
  { base: "hf://datasets/trainer/rows/", start: startHub, open: openHub },
] as const;

const scratch = scratchFolder();

function written(content: Uint8Array | string): string {
  const path = scratch(createHash("sha256").update(content).digest("hex"));
  writeFileSync(path, content);
  return path;
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each(STORES)("$base", ({ base, start, open }) => {
  let store: WritableStore;
  beforeAll(async () => {
    Object.assign(process.env, await start());
    store = await open();
  });

  const put = (name: string, content: Uint8Array | string, known?: string) =>
    upload(store, locationOf(`${base}${name}`), written(content), known);
  const find = (name: string) => store.find(locationOf(`${base}${name}`));
  const remove = (name: string) => store.remove(locationOf(`${base}${name}`));

  async function read(object: StoredObject, from?: number, to?: number): Promise<string> {
    const part = {
      ...(from !== undefined && { start: from }),
      ...(to !== undefined && { end: to }),
    };
    return Buffer.concat(await collected(steadyRead(store, object, part))).toString();
  }

  it("stores, finds, reads, lists and removes an object whose name needs every escape", async () => {
    expect(await find(ODD_NAME)).toBeUndefined();
    const object = await put(ODD_NAME, "one\ntwo\nthree\n");
    expect(object).toMatchObject({ bytes: 14, location: { key: ODD_NAME } });
    expect(await find(ODD_NAME)).toEqual(object);
    expect(await read(object)).toBe("one\ntwo\nthree\n");
    expect(await read(object, 4)).toBe("two\nthree\n");
    expect(await read(object, 4, 7)).toBe("two");
    const [listed, ...others] = await collected(store.list(locationOf(`${base}räum 東京/`)));
    expect(listed).toMatchObject({ location: object.location, version: object.version });
    expect(others).toEqual([]);
    await remove(ODD_NAME);
    expect(await find(ODD_NAME)).toBeUndefined();
    await remove(ODD_NAME);
  });

  it("stores an empty object", async () => {
    const object = await put("empty.jsonl", "");
    expect(object.bytes).toBe(0);
    expect(await read(object)).toBe("");
  });

  it("stores an object of several parts", async () => {
    const object = await put("large.bin", LARGE);
    expect(object.bytes).toBe(LARGE.length);
    const hash = createHash("sha256");
    for await (const chunk of steadyRead(store, object)) hash.update(chunk);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(LARGE).digest("hex"));
  });

  it("lists 1,200 objects, which are more than a page", async () => {
    const listed = await collected(store.list(locationOf(`${base}many/`)));
    expect(listed.map(({ location }) => location.key)).toEqual(MANY);
    expect(await collected(store.list(locationOf(`${base}none/`)))).toEqual([]);
  });

  it("stores a file once", async () => {
    const first = await put("once.jsonl", "once\n");
    expect(await put("once.jsonl", "once\n")).toEqual(first);
  });
});

it.each(STORES)("$base: renders into a folder the bytes that a disk gets", async ({ base }) => {
  const rows = manyRows(900);
  const store = await writableStoreOf(locationOf(base));
  await upload(store, locationOf(`${base}in/a.jsonl`), written(rows.join("\n")), undefined);
  const flags = [
    "--columns",
    "input_ids",
    "--quiet",
    "--shard-size",
    "400rows",
    "--analysis",
    "keep",
  ];
  const staging = ["--staging", scratch("staging")];
  const remote = ["render", `${base}in/*.jsonl`, "-o", `${base}out/`, ...flags, ...staging];
  const ended = await run(remote);
  expect([ended.stderr, ended.code]).toEqual(["", 0]);
  const local = scratch(`out-${store.constructor.name}`);
  await run(["render", written(rows.join("\n")), "-o", `${local}/`, ...flags]);
  const names = ["manifest.json", ...[0, 1, 2].map((part) => `part-0000${part}.parquet`)];
  const objects = await collected(store.list(locationOf(`${base}out/`)));
  expect(objects.map(({ location }) => location.key)).toEqual(names.map((name) => `out/${name}`));
  for (const [at, object] of objects.slice(1).entries()) {
    const chunks = await collected(steadyRead(store, object));
    expect(Buffer.concat(chunks)).toEqual(readFileSync(`${local}/${names[at + 1]}`));
  }
  const resumed = await run([...remote, "--resume"]);
  expect(resumed.stderr).toContain(`${base}out/ is finished; there is nothing to resume`);
});

it("s3 asks without a signature if there are no credentials", async () => {
  const signatures: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    signatures.push(headers.authorization);
    response.writeHead(200, { etag: '"public"', "content-length": "3" }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL } = process.env;
  delete process.env.AWS_ACCESS_KEY_ID;
  const none = { AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_CONFIG_FILE: "/dev/null" };
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, none, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
  const object = await (await openS3()).find(locationOf("s3://public/x.jsonl"));
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL });
  server.close();
  expect([object?.version, signatures]).toEqual(['"public"', [undefined]]);
});

it.each(STORES)("$base: names a container that does not exist", async ({ base, open }) => {
  const store = await open();
  const other = locationOf(base.replace("rows", "no-such-rows"));
  await expect(store.find({ ...other, key: "x" })).rejects.toThrow(/does not exist|not found/i);
  await expect(collected(store.list(other))).rejects.toThrow(/does not exist|not found/i);
});

it.each(STORES)("$base: neither reads nor replaces what another run has stored", async (each) => {
  const { base, open } = each;
  const store = await open();
  const location = locationOf(`${base}contended.jsonl`);
  const first = await upload(store, location, written("first\n"), undefined);
  const other = await upload(store, location, written("other\n"), first.version);
  const reading = collected(steadyRead(store, first));
  await expect(reading).rejects.toThrow(`${location.name} changed while it was read`);
  for (const version of [undefined, first.version]) {
    await expect(upload(store, location, written("third\n"), version)).rejects.toThrow(
      `${location.name} could not be written: another run has stored other content there`,
    );
  }
  expect(await store.find(location)).toEqual(other);
});

/** Before an upload there is a check; here the object appears after that check. */
it.each([
  { base: "s3://rows/", open: openS3, bytes: 1, versions: [undefined, '"0123"'] },
  // moto's server checks no If-Match of an upload in parts.
  { base: "s3://rows/", open: openS3, bytes: LARGE.length, versions: [undefined] },
  // fake-gcs-server checks no condition of a resumable upload.
  { base: "gs://rows/", open: openGcs, bytes: 1, versions: [undefined, "123"] },
])("$base refuses $bytes bytes over an object that has just appeared", async (each) => {
  const { base, open, bytes, versions } = each;
  const store = await open();
  const location = locationOf(`${base}raced-${bytes}.bin`);
  const theirs = await upload(store, location, written("theirs"), undefined);
  const file = { path: written(LARGE.subarray(0, bytes)), bytes, sha256: "00", gitHash: "00" };
  for (const version of versions) {
    const stored = store.put(location, file, { version });
    await expect(stored).rejects.toMatchObject({ kind: "changed" });
  }
  expect(await store.find(location)).toEqual(theirs);
});
