/** `harmony render` from and to S3: the same bytes as on a disk, after a kill at any moment too. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm/node";
import { beforeAll, describe, expect, it } from "vitest";
import { inputFiles } from "../src/input/inputs.ts";
import { locationOf } from "../src/remote/location.ts";
import type { WritableStore } from "../src/remote/object-store.ts";
import { openS3 } from "../src/remote/s3.ts";
import { steadyRead } from "../src/remote/steady-read.ts";
import { upload } from "../src/remote/upload.ts";
import type { Manifest } from "../src/shards/manifest.ts";
import { type StoreProxy, startProxy } from "./object-stores/proxy.ts";
import { type Environment, MANY, startS3 } from "./object-stores/servers.ts";
import { type Ended, endOf, manyRows, run, scratchFolder, start } from "./support.ts";

const file = scratchFolder();
const rows = manyRows(800);
const COLUMNS = ["--columns", "input_ids,loss_mask,source_row", "--analysis", "keep", "--quiet"];
const SIZE = ["--shard-size", "120rows", "--workers", "2"];
const NAMES = ["a b#c?d%e.jsonl", "deep/rows.parquet", "deep/東京.jsonl.gz", "z.jsonl.zst"];
let environment: Environment;
let store: WritableStore;
let proxy: StoreProxy;

beforeAll(async () => {
  environment = await startS3();
  Object.assign(process.env, environment);
  store = await openS3();
  proxy = await startProxy(environment.AWS_ENDPOINT_URL ?? "");
  mkdirSync(file("data/deep"), { recursive: true });
  const text = (from: number) => rows.slice(from, from + 200).join("\n");
  const table = tableFromArrays({ conversation: rows.slice(400, 600) });
  const parquet = writeParquet(Table.fromIPCStream(tableToIPC(table, "stream")));
  const contents = [text(0), parquet, gzipSync(text(200)), zstdCompressSync(text(600))];
  for (const [at, name] of NAMES.entries()) {
    writeFileSync(file(`data/${name}`), contents[at] ?? "");
    await stored(`data/${name}`, file(`data/${name}`));
  }
  const local = await harmony("data/", "whole/", ...SIZE);
  expect([local.stderr, local.code]).toEqual(["", 0]);
});

const stored = (key: string, path: string, known?: string) =>
  upload(store, locationOf(`s3://rows/${key}`), path, known);

const path = (name: string) => (name === "-" || name.includes("://") ? name : file(name));

const argumentsOf = (input: string, output: string, more: readonly string[]) => [
  ...["render", path(input), "-o", path(output), ...COLUMNS, ...more],
];

/** Renders; a name with a scheme is an address, any other is in the scratch folder. */
function harmony(input: string, output: string, ...more: string[]) {
  const staging = output.includes("://") ? ["--staging", file("staging")] : [];
  return run(argumentsOf(input, output, [...more, ...staging]));
}

async function contentOf(address: string): Promise<Buffer> {
  const object = await store.find(locationOf(address));
  if (!object) throw new Error(`${address} does not exist`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of steadyRead(store, object)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { location } of store.list(locationOf(folder))) {
    names.push(location.name.slice(folder.length));
  }
  return names;
}

/** The parts are those of the local run, byte by byte, and so are their records in the manifest. */
async function expectWhole(folder: string): Promise<void> {
  const names = readdirSync(file("whole")).filter((name) => !name.startsWith("."));
  expect(await namesIn(folder)).toEqual(names.toSorted());
  for (const name of names.filter((each) => each !== "manifest.json")) {
    expect(await contentOf(`${folder}${name}`)).toEqual(readFileSync(file(`whole/${name}`)));
  }
  const local: Manifest = JSON.parse(readFileSync(file("whole/manifest.json"), "utf8"));
  const remote: Manifest = JSON.parse((await contentOf(`${folder}manifest.json`)).toString());
  expect(remote.parts).toEqual(local.parts);
  expect(remote.totals).toEqual(local.totals);
}

const filesAt = async (input: string) => (await inputFiles([input])).map(({ name }) => name);

describe("inputs", () => {
  it.each(["s3://rows/data/", "s3://rows/data", "s3://rows/data/**/*.{jsonl,gz,parquet,zst}"])(
    "are found by %s",
    async (input) => {
      expect(await filesAt(input)).toEqual(NAMES.map((name) => `s3://rows/data/${name}`));
    },
  );

  it("are found by a name that needs every escape, and by a folder of 1,200", async () => {
    const name = `s3://rows/data/${NAMES[0]}`;
    expect(await filesAt(name)).toEqual([name]);
    expect(await filesAt("s3://rows/many/")).toEqual(MANY.map((each) => `s3://rows/${each}`));
  });

  it.each([
    ["s3://rows/none/", "s3://rows/none/: no file matches"],
    ["s3://rows/data/*.csv", "s3://rows/data/*.csv: no file matches"],
    ["s3://rows/none.jsonl", "s3://rows/none.jsonl does not exist"],
    [
      "s3://nobody/x.jsonl",
      "s3://nobody/x.jsonl could not be read: the bucket nobody does not exist",
    ],
    ["s3://nobody/", "s3://nobody/ could not be read: NoSuchBucket (HTTP 404)"],
    ["az://rows/x.jsonl", "az://rows/x.jsonl: unknown scheme az://"],
  ])("that are missing have a message: %s", async (input, message) => {
    await expect(inputFiles([input])).rejects.toThrow(message);
  });

  it.each([
    ["AWS_SECRET_ACCESS_KEY", "wrong-secret-key", "SignatureDoesNotMatch (HTTP 403)"],
    ["AWS_ACCESS_KEY_ID", "WRONGKEYID", "InvalidAccessKeyId (HTTP 403)"],
  ])("are not read if %s is wrong, which no message shows", async (name, value, message) => {
    process.env[name] = value;
    const { stderr, code } = await harmony("s3://rows/data/", "-");
    process.env[name] = environment[name];
    expect(stderr).toContain(`harmony render: s3://rows/data/ could not be read: ${message}`);
    expect(stderr).toContain("check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
    expect(stderr).not.toContain(value);
    expect(code).toBe(1);
  });
});

describe("a folder of parts", () => {
  it("has the bytes of the same folder on a disk", async () => {
    const ended = await harmony("s3://rows/data/", "s3://rows/out/", ...SIZE);
    expect([ended.stderr, ended.code]).toEqual(["", 0]);
    await expectWhole("s3://rows/out/");
    const again = await harmony("s3://rows/data/", "s3://rows/out/", ...SIZE);
    expect(again.stderr).toContain("s3://rows/out/ has manifest.json already; --overwrite");
    const resumed = await harmony("s3://rows/data/", "s3://rows/out/", ...SIZE, "--resume");
    expect(resumed.stderr).toContain("s3://rows/out/ is finished; there is nothing to resume");
    const more = [...SIZE, "--overwrite"];
    expect((await harmony("s3://rows/data/", "s3://rows/out/", ...more)).code).toBe(0);
    await expectWhole("s3://rows/out/");
    expect(
      readdirSync(file("staging"), { recursive: true }).filter((n) => /part/.test(`${n}`)),
    ).toEqual([]);
  });

  /** The requests before which the process is killed, each the n-th of its kind. */
  it.each([
    ["an input's GET", /^GET \/rows\/data\/z/, 2],
    ["the first part's PUT", /^PUT .*part-00000/, 1],
    ["the check after a PUT", /^HEAD .*part-00002/, 2],
    ["the manifest's PUT", /^PUT .*manifest/, 1],
  ])("continues after a kill at %s", async (_, pattern, count) => {
    const output = `s3://rows/killed-${pattern.source.replace(/\W/g, "")}/`;
    process.env.AWS_ENDPOINT_URL = proxy.address;
    proxy.requests.length = 0;
    const staging = ["--staging", file("staging")];
    const child = start(argumentsOf("s3://rows/data/", output, [...SIZE, ...staging]));
    let left = count;
    proxy.stopAt = (request) => {
      if (pattern.test(request)) left -= 1;
      if (left === 0) child.kill("SIGKILL");
      return left <= 0;
    };
    const ended = await endOf(child);
    expect([ended.signal, left]).toEqual(["SIGKILL", 0]);
    const before = new Set(await namesIn(output));
    proxy.stopAt = () => false;
    proxy.requests.length = 0;
    const resumed = await harmony("s3://rows/data/", output, ...SIZE, "--resume");
    process.env.AWS_ENDPOINT_URL = environment.AWS_ENDPOINT_URL;
    expect([resumed.code, resumed.stderr.replace(/.* is finished.*\n/, "")]).toEqual([0, ""]);
    await expectWhole(output);
    const putAgain = proxy.requests
      .filter((request) => request.startsWith("PUT "))
      .map((request) => request.split("/").at(-1) ?? "");
    expect(putAgain.filter((name) => before.has(name))).toEqual([]);
  });
});

describe("a single file", () => {
  const output = "s3://rows/single/all.parquet";
  const beside = [".all.parquet.run.json", "all.parquet", "all.parquet.rejected.jsonl"];
  const input = "s3://rows/with-rejected.jsonl";

  it("has the bytes of the same file on a disk, and its rejected rows beside it", async () => {
    writeFileSync(file("with-rejected.jsonl"), `${rows.slice(0, 400).join("\n")}\n{\n`);
    await stored("with-rejected.jsonl", file("with-rejected.jsonl"));
    const local = await harmony("with-rejected.jsonl", "all.parquet");
    expect(local.code).toBe(3);
    const ended = await harmony(input, output);
    expect(ended.stderr).toContain(`1 row was rejected; it is in ${output}.rejected.jsonl`);
    expect(ended.code).toBe(3);
    expect(await namesIn("s3://rows/single/")).toEqual(beside);
    expect(await contentOf(output)).toEqual(readFileSync(file("all.parquet")));
    const rejected = JSON.parse((await contentOf(`${output}.rejected.jsonl`)).toString());
    expect(rejected).toMatchObject({ row: 400, code: "invalid_json", file: input });
    expect((await harmony(input, output)).stderr).toContain(`${output} exists; --overwrite`);
    const resumed = await harmony(input, output, "--resume");
    expect(resumed.stderr).toContain(`${output} is finished; there is nothing to resume`);
    expect(resumed.code).toBe(3);
    const whole = await harmony(`s3://rows/data/${NAMES[0]}`, output, "--overwrite");
    expect([whole.stderr, whole.code]).toEqual(["", 0]);
    expect(await namesIn("s3://rows/single/")).toEqual(beside.slice(0, 2));
    expect((await harmony(output, output, "--overwrite", "--shape", "harmony")).stderr).toContain(
      "would replace the input",
    );
  });

  it("may be shuffled, for which the run keeps folders beside its files", async () => {
    const shuffled = "s3://rows/shuffled.parquet";
    const ended = await harmony("s3://rows/data/z.jsonl.zst", shuffled, "--shuffle", "7");
    expect([ended.stderr, ended.code]).toEqual(["", 0]);
    expect(await namesIn("s3://rows/shuffled.")).toEqual(["parquet"]);
  });

  it.each([/^PUT .*run\.json/, /^PUT .*parquet$/])(
    "continues after a kill at %s",
    async (pattern) => {
      const name = `s3://rows/kill-${pattern.source.length}/all.parquet`;
      process.env.AWS_ENDPOINT_URL = proxy.address;
      const child = start(argumentsOf(input, name, ["--staging", file("staging")]));
      proxy.stopAt = (request) => pattern.test(request) && child.kill("SIGKILL");
      expect((await endOf(child)).signal).toBe("SIGKILL");
      proxy.stopAt = () => false;
      process.env.AWS_ENDPOINT_URL = environment.AWS_ENDPOINT_URL;
      expect(await namesIn("s3://rows/kill-")).not.toContain(name.slice("s3://rows/kill-".length));
      const resumed = await harmony(input, name, "--resume");
      expect(resumed.code).toBe(3);
      expect(await contentOf(name)).toEqual(readFileSync(file("all.parquet")));
    },
  );
});

it("is checked, counted and compared where it is", async () => {
  const source = `s3://rows/data/${NAMES[0]}`;
  const output = "s3://rows/checked.parquet";
  expect((await run(["render", source, "-o", output, "--quiet", "--analysis", "keep"])).code).toBe(
    0,
  );
  const local = ["render", path(`data/${NAMES[0]}`), "-o", path("checked.parquet")];
  await run([...local, "--quiet", "--analysis", "keep"]);
  for (const [command, ...more] of [
    ["stats"],
    ["verify", "--source", source],
    ["diff", path("checked.parquet")],
  ] as const) {
    const remote = await run([command, output, ...more]);
    expect([command, remote.stderr, remote.code]).toEqual([command, "", 0]);
  }
  const folder = await run(["count", "s3://rows/out/"]);
  expect(folder.stdout).toEqual((await run(["count", path("whole")])).stdout);
  const counted = await run(["count", source]);
  expect(counted.stdout).toEqual((await run(["count", path(`data/${NAMES[0]}`)])).stdout);
});

it("reports to a store, and replaces a report only with --overwrite", async () => {
  const report = "s3://rows/reports/run.json";
  const render = (output: string, ...more: string[]) =>
    harmony(`s3://rows/data/${NAMES[0]}`, output, "--report", report, ...more);
  const first = await render("s3://rows/reported.parquet", "--report", file("run.html"));
  expect([first.stderr, first.code]).toEqual(["", 0]);
  const before = (await contentOf(report)).toString();
  expect(JSON.parse(before).counts).toMatchObject({ conversations: 200, rows: 200 });
  expect(readFileSync(file("run.html"), "utf8")).toContain("<h1");
  expect(readdirSync(file("staging")).filter((name) => name.startsWith("run.json"))).toEqual([]);
  const refused = await render("reported.parquet");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`--report: ${report} exists; --overwrite replaces it`),
  ]);
  const replaced = await render("reported.parquet", "--overwrite");
  expect([replaced.stderr, replaced.code]).toEqual(["", 0]);
  expect((await contentOf(report)).toString()).not.toBe(before);
  const itself = await harmony("s3://rows/x.json", "x.parquet", "--report", "https://x.org/a.json");
  expect([itself.code, itself.stderr]).toEqual([
    2,
    expect.stringContaining("--report https://x.org/a.json: web servers are read only"),
  ]);
});

describe("a folder of parts that another run has", () => {
  it("is not resumed with an object that has changed", async () => {
    const first = await stored("changing/a.jsonl", file(`data/${NAMES[0]}`));
    // A run that stops because of a rejected row leaves a journal that can be resumed.
    writeFileSync(file("rejected.jsonl"), `${rows.slice(0, 400).join("\n")}\n{\n`);
    const second = await stored("changing/a.jsonl", file("rejected.jsonl"), first.version);
    const more = [...SIZE, "--max-rejected", "0"];
    expect((await harmony("s3://rows/changing/", "s3://rows/changed/", ...more)).code).toBe(1);
    await stored("changing/a.jsonl", file(`data/${NAMES[0]}`), second.version);
    const resumed = await harmony("s3://rows/changing/", "s3://rows/changed/", ...SIZE, "--resume");
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain(
      "--resume: s3://rows/changed/ was started with different input",
    );
  });

  it("is refused to the second of two runs on two machines", async () => {
    const output = "s3://rows/two/";
    const other = ["--staging", file("other-machine")];
    process.env.AWS_ENDPOINT_URL = proxy.address;
    // The second run begins and ends while the first one is about to store its first part.
    let second: Ended | undefined;
    proxy.stopAt = async (request) => {
      if (!/^HEAD .*part-00000/.test(request)) return false;
      proxy.stopAt = () => false;
      second = await run(
        argumentsOf("s3://rows/data/", output, [...SIZE, ...other, "--mask", "body"]),
      );
      return false;
    };
    const first = await harmony("s3://rows/data/", output, ...SIZE);
    process.env.AWS_ENDPOINT_URL = environment.AWS_ENDPOINT_URL;
    expect([second?.stderr, second?.code]).toEqual(["", 0]);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(
      "s3://rows/two/part-00000.parquet could not be written: another run has stored other content there",
    );
  });

  it("is refused on a web server, in a missing bucket, and around its inputs", async () => {
    for (const [output, code, message] of [
      [
        "https://example.com/out/",
        2,
        "--output https://example.com/out/: web servers are read only",
      ],
      ["s3://nobody/out/", 1, "s3://nobody/out/ could not be listed: NoSuchBucket (HTTP 404)"],
      [
        "s3://rows/data/",
        2,
        "--output: the input s3://rows/data/a b#c?d%e.jsonl is in the output folder",
      ],
    ] as const) {
      const ended = await harmony("s3://rows/data/", output, ...SIZE);
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
    }
  });
});
