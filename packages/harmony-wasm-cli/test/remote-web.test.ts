/** Files of web servers: cut connections, changed files, and addresses with secrets. */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { beforeAll, describe, expect, it } from "vitest";
import { locationOf } from "../src/remote/location.ts";
import { connectionFailure, type StoredObject, streamed } from "../src/remote/object-store.ts";
import { steadyRead } from "../src/remote/steady-read.ts";
import { WEB } from "../src/remote/web.ts";
import { startWeb, type WebFile } from "./object-stores/web-server.ts";
import { endOf, manyRows, PROGRAM, run, scratchFolder } from "./support.ts";

const CONTENT = Buffer.from(Array.from({ length: 9999 }, (_, row) => `{"row":${row}}\n`).join(""));
const files = new Map<string, WebFile>();
let address: string;
let requests: string[];

beforeAll(async () => {
  ({ address, requests } = await startWeb(files));
});

async function found(path: string, file: WebFile): Promise<StoredObject> {
  files.set(path, file);
  const location = locationOf(`${address}${encodeURI(path)}`);
  const object = await WEB.find(location);
  if (!object) throw new Error(`${path} does not exist`);
  return object;
}

async function read(object: StoredObject, start = 0, end?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const part = { start, pauses: [1, 1], ...(end !== undefined && { end }) };
  for await (const chunk of steadyRead(WEB, object, part)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a server with ranges", () => {
  it("is read from any byte, with its size and its tag", async () => {
    const object = await found("/ü b.jsonl", { content: CONTENT, etag: '"one"' });
    expect(object).toMatchObject({ bytes: CONTENT.length, version: '"one"' });
    expect(await read(object)).toEqual(CONTENT);
    expect(await read(object, 1000)).toEqual(CONTENT.subarray(1000));
    expect(await read(object, 1000, 1003)).toEqual(CONTENT.subarray(1000, 1003));
  });

  it("is read to the end although it cuts every answer", async () => {
    const object = await found("/cut.jsonl", { content: CONTENT, etag: '"one"', cutAfter: 50_000 });
    requests.length = 0;
    expect(await read(object)).toEqual(CONTENT);
    expect(requests.length).toBeGreaterThan(2);
  });

  it("is named with the byte if nothing more arrives", async () => {
    const object = await found("/stuck.jsonl", { content: CONTENT, etag: '"one"' });
    files.set("/stuck.jsonl", {
      content: CONTENT,
      etag: '"one"',
      answer: (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
        const length = CONTENT.length - start;
        const range = `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}`;
        const headers = { etag: '"one"', "content-length": length, "content-range": range };
        response.writeHead(start > 0 ? 206 : 200, headers);
        const some = CONTENT.subarray(start, Math.max(start, 777));
        response.write(some, () => response.destroy());
        if (some.length === 0) response.destroy();
      },
    });
    await expect(read(object)).rejects.toThrow(
      `${address}/stuck.jsonl broke off at byte 777 of ${CONTENT.length}, 3 times in a row`,
    );
  });

  it("is refused if the file changes", async () => {
    const object = await found("/new.jsonl", { content: CONTENT, etag: '"one"' });
    files.set("/new.jsonl", { content: CONTENT, etag: '"two"' });
    await expect(read(object)).rejects.toThrow("/new.jsonl changed while it was read");
  });

  it("is asked again after it has been silent", async () => {
    const body = new PassThrough();
    body.write("some");
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of streamed(body, connectionFailure, 50)) chunks.push(String(chunk));
    })();
    await expect(reading).rejects.toMatchObject({ kind: "temporary" });
    expect(chunks).toEqual(["some"]);
  });

  it("may have an empty file", async () => {
    const object = await found("/empty.jsonl", { content: Buffer.alloc(0), etag: '"one"' });
    expect(object.bytes).toBe(0);
    expect(await read(object)).toEqual(Buffer.alloc(0));
  });
});

describe("a server without ranges", () => {
  it("is read from any byte", async () => {
    const object = await found("/plain.jsonl", { content: CONTENT, hasRanges: false });
    expect(object.bytes).toBe(CONTENT.length);
    expect(await read(object, 1000)).toEqual(CONTENT.subarray(1000));
    expect(await read(object, 1000, 1003)).toEqual(CONTENT.subarray(1000, 1003));
  });

  it("may send chunks without a size, and a cut is noticed", async () => {
    let cuts = 1;
    const object = await found("/chunked.jsonl", {
      content: CONTENT,
      answer: (_, response) => {
        response.writeHead(200);
        if (cuts-- > 0) response.write(CONTENT.subarray(0, 5000), () => response.destroy());
        else response.end(CONTENT);
      },
    });
    expect(object.bytes).toBeUndefined();
    cuts = 1;
    expect(await read(object)).toEqual(CONTENT);
  });

  it("is refused if its answers end where the connection does", async () => {
    const object = await found("/open-ended.jsonl", {
      content: CONTENT,
      answer: ({ socket }) => {
        socket.end(Buffer.concat([Buffer.from("HTTP/1.0 200 OK\r\n\r\n"), CONTENT]));
      },
    });
    await expect(read(object)).rejects.toThrow("does not send the length of the file");
  });
});

it("reads a .gz file that the server calls Content-Encoding: gzip", async () => {
  const content = gzipSync(CONTENT);
  const headers = { "content-encoding": "gzip" };
  const object = await found("/rows.jsonl.gz", { content, etag: '"one"', headers });
  expect(await read(object)).toEqual(content);
  expect(await read(object, 100)).toEqual(content.subarray(100));
});

it("follows redirects, and says what an error is", async () => {
  files.set("/moved.jsonl", { content: CONTENT, etag: '"one"' });
  const object = await found("/old.jsonl", {
    content: CONTENT,
    answer: (_, response) =>
      response.writeHead(302, { location: "/moved.jsonl?X-Amz-Signature=secret" }).end(),
  });
  expect(await read(object, 5)).toEqual(CONTENT.subarray(5));
  const forbidden = found("/forbidden.jsonl", {
    content: CONTENT,
    answer: (_, response) => response.writeHead(403).end(),
  });
  await expect(forbidden).rejects.toMatchObject({ kind: "denied", message: "HTTP 403 Forbidden" });
  const endless = found("/loop.jsonl", {
    content: CONTENT,
    answer: (_, response) => response.writeHead(302, { location: "/loop.jsonl" }).end(),
  });
  await expect(endless).rejects.toThrow("more than 10 redirects");
});

it("asks with the query of an address, and names it without", async () => {
  files.set("/signed.jsonl", { content: CONTENT, etag: '"one"' });
  const location = locationOf(`${address}/signed.jsonl?X-Amz-Signature=secret#part`);
  expect(location.name).toBe(`${address}/signed.jsonl`);
  requests.length = 0;
  await WEB.find(location);
  expect(requests).toEqual(["GET /signed.jsonl?X-Amz-Signature=secret bytes=0-0"]);
});

describe("harmony render", () => {
  const local = scratchFolder();
  const rows = manyRows(3000);
  const text = rows.join("\n");
  const flags = ["--columns", "input_ids,source_row", "--analysis", "keep", "--quiet"];

  async function renderedLocally(): Promise<Buffer> {
    writeFileSync(local("rows.jsonl"), text);
    const { stdout } = await run(["render", local("rows.jsonl"), "-o", "-", ...flags]);
    return stdout;
  }

  it("reads JSON lines, gzip and Parquet from a server that cuts every answer", async () => {
    const expected = await renderedLocally();
    const table = tableFromArrays({ conversation: rows });
    const parquet = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));
    const contents = { "rows.jsonl": text, "rows.gz": gzipSync(text), "rows.parquet": parquet };
    for (const [name, content] of Object.entries(contents)) {
      files.set(`/${name}`, { content: Buffer.from(content), etag: '"one"', cutAfter: 400_000 });
      const ended = await run(["render", `${address}/${name}`, "-o", "-", ...flags]);
      expect([ended.stderr, ended.code]).toEqual(["", 0]);
      expect(ended.stdout).toEqual(expected);
    }
  });

  it("keeps the signature of an address out of everything it writes", async () => {
    files.set("/signed.jsonl", { content: Buffer.from(`${text}\n{`), etag: '"one"' });
    const signed = `${address.replace("//", "//user:word@")}/signed.jsonl?X-Amz-Signature=secret`;
    const ended = await run(["render", signed, "-o", `${local("signed")}/`, ...flags]);
    expect(ended.code).toBe(3);
    const outputs = readdirSync(local("signed"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, "latin1"));
    const single = await run(["render", signed, "-o", local("signed.jsonl"), ...flags]);
    outputs.push(readFileSync(local(".signed.jsonl.run.json"), "utf8"));
    const missing = await run(["render", signed.replace("signed.", "none."), "-o", "-", ...flags]);
    expect(missing.stderr).toContain(`${address}/none.jsonl does not exist`);
    files.set("/refused.jsonl", {
      content: CONTENT,
      answer: (_, response) => response.writeHead(403).end(),
    });
    const refused = await run(["render", signed.replace("signed.", "refused."), "-o", "-"]);
    expect(refused.stderr).toContain("could not be read: HTTP 403 Forbidden; check the address");
    outputs.push(ended.stderr, single.stderr, missing.stderr, refused.stderr);
    expect(outputs.join("")).toContain(`${address}/signed.jsonl`);
    expect(outputs.join("")).not.toMatch(/secret|Amz|word@/);
  });

  it("resumes with a new signature, and not with a changed file", async () => {
    const content = Buffer.from(`${text}\n{`);
    files.set("/again.jsonl", { content, etag: '"one"' });
    const render = (query: string, ...more: string[]) => {
      const output = local("again.parquet");
      return run(["render", `${address}/again.jsonl?${query}`, "-o", output, ...flags, ...more]);
    };
    expect((await render("signature=1", "--max-rejected", "0")).code).toBe(1);
    files.set("/again.jsonl", { content, etag: '"two"' });
    const changed = await render("signature=2", "--resume");
    expect(changed.stderr).toContain("was started with different input");
    files.set("/again.jsonl", { content, etag: '"one"' });
    expect((await render("signature=2", "--resume")).code).toBe(3);
  });
});

it.each([
  [
    "s3://rows/x.jsonl",
    "s3:// needs the library of its service: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage",
  ],
  [
    "gs://rows/x.jsonl",
    "gs:// needs the library of its service: npm install @google-cloud/storage",
  ],
  [
    "hf://datasets/u/n/x.jsonl",
    "hf:// needs the library of its service: npm install @huggingface/hub",
  ],
])("names the package that %s needs", async (input, message) => {
  const hook = new URL("object-stores/without-packages.ts", import.meta.url).href;
  const args = ["--import", hook, PROGRAM, "render", input, "-o", "-"];
  const ended = await endOf(spawn(process.execPath, args));
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)]);
});
