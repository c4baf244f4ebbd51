/** Object stores on this machine, each until the end of the test file. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonWith } from "harmony-scripts/setup/python-environment.mjs";
import { afterAll } from "vitest";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** The variables with which a program reaches a store. */
export type Environment = Record<string, string>;

/** The names of the objects that every store has from the start. */
export const MANY = Array.from(
  { length: 1200 },
  (_, number) => `many/${String(number).padStart(4, "0")}.jsonl`,
);

/** Starts S3 with the bucket `rows`; its user may do everything there. */
export async function startS3(): Promise<Environment> {
  const line = await startPython("s3_server.py");
  const { endpoint, id, secret }: Record<string, string> = JSON.parse(line);
  return {
    AWS_ENDPOINT_URL: endpoint ?? "",
    AWS_ACCESS_KEY_ID: id ?? "",
    AWS_SECRET_ACCESS_KEY: secret ?? "",
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Starts Google Cloud Storage with the bucket `rows`. */
export async function startGcs(): Promise<Environment> {
  const address = await startPython("gcs_server.py");
  await post(`${address}/storage/v1/b?project=test`, JSON.stringify({ name: "rows" }));
  for (let at = 0; at < MANY.length; at += 100) {
    await Promise.all(
      MANY.slice(at, at + 100).map((name) => {
        const query = `uploadType=media&name=${encodeURIComponent(name)}`;
        return post(`${address}/upload/storage/v1/b/rows/o?${query}`, "{}\n");
      }),
    );
  }
  return { STORAGE_EMULATOR_HOST: address };
}

async function post(address: string, body: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  await answer.arrayBuffer();
}

/** Starts a program, which ends when its stdin does; returns its first line. */
async function startPython(program: string): Promise<string> {
  const python = await pythonWith("object-stores", `${FOLDER}requirements.txt`, "half a minute");
  const child = spawn(python, [`${FOLDER}${program}`], { stdio: ["pipe", "pipe", "inherit"] });
  afterAll(() => stop(child));
  const [line]: string[] = await once(createInterface(child.stdout), "line");
  return line ?? "";
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.stdin?.end();
  await closed;
}
