/** `harmony serve` as people run it: a process, real clients, and an engine behind it. */

import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import OpenAI from "openai";
import { expect, onTestFinished, test, vi } from "vitest";
import { engine, ids, type Sampling, serving } from "./serve-support.ts";
import { run, scratchFolder } from "./support.ts";

const file = scratchFolder();
const ANSWER =
  "<|channel|>analysis<|message|>Secret thought.<|end|><|start|>assistant<|channel|>final<|message|>Cold.<|return|>";
const answering = (sampling: Sampling) => sampling.send(ids(ANSWER), "stop");
const model = "gpt-oss";
const chat = { model, messages: [{ role: "user" as const, content: "Secret question?" }] };

test("answers both APIs, and logs and counts them without their contents", async () => {
  const server = await serving(["--backend", await engine(answering)]);
  const { choices } = await server.client().chat.completions.create(chat);
  expect(choices[0]?.message.content).toBe("Cold.");
  const stream = server.client().responses.stream({ model, input: "Secret question?" });
  expect((await stream.finalResponse()).output_text).toBe("Cold.");
  expect(await (await server.get("/health")).json()).toMatchObject({ status: "ok" });
  const metrics = await (await server.get("/metrics")).text();
  expect(metrics).toContain('harmony_completions_total{path="/v1/responses",end="completed"} 1');
  expect(metrics).toContain(`harmony_tokens_total{of="completion"} ${2 * ids(ANSWER).length}`);
  expect(await server.stopped()).toBe(0);
  expect(server.lines.map(({ msg }) => msg)).toEqual([
    "listening",
    "completed",
    "completed",
    "stopping",
    "stopped",
  ]);
  expect(server.lines[1]).toMatchObject({ completionTokens: ids(ANSWER).length });
  expect(JSON.stringify(server.lines)).not.toMatch(/Secret|Cold/);
});

test("stored responses and encrypted_content outlive the process, in a private file", async () => {
  const prompts: number[][] = [];
  const backend = await engine((sampling) => {
    prompts.push(sampling.prompt);
    answering(sampling);
  });
  const args = ["--backend", backend, "--store", file("turns.db")];
  const include = ["reasoning.encrypted_content" as const];
  const first = await serving(args);
  const kept = await first.client().responses.create({ model, input: "One?", include });
  expect(await first.stopped()).toBe(0);
  expect(statSync(file("turns.db")).mode & 0o077).toBe(0);

  const second = await serving(args);
  const { responses } = second.client();
  expect(await responses.retrieve(kept.id)).toMatchObject({ output_text: "Cold." });
  await responses.create({ model, input: "Two?", previous_response_id: kept.id });
  const thought = kept.output[0];
  if (thought?.type !== "reasoning") throw new Error("no thought");
  const sent = { ...thought, id: "", content: [] };
  await responses.create({ model, input: [sent, { role: "user", content: "Three?" }], include });
  const before = [...(prompts[0] ?? []), ...ids("<|channel|>final<|message|>Cold.<|end|>")];
  expect(prompts[1]?.slice(0, before.length)).toEqual(before);
  await responses.delete(kept.id);
  expect(await second.stopped()).toBe(0);

  const third = await serving(args);
  await expect(third.client().responses.retrieve(kept.id)).rejects.toMatchObject({ status: 404 });
});

test("with keys, everything but /health needs one, and no key is logged", async () => {
  const args = ["--backend", await engine(answering)];
  const server = await serving(args, { HARMONY_API_KEYS: "first-key,second-key" });
  await expect(server.client("wrong").models.list()).rejects.toMatchObject({ status: 401 });
  expect((await server.client("second-key").models.list()).data).toHaveLength(1);
  expect((await server.get("/health")).status).toBe(200);
  expect((await server.get("/metrics")).status).toBe(401);
  const authorized = await server.get("/metrics", { authorization: "Bearer first-key" });
  expect(authorized.status).toBe(200);
  await server.stopped();
  expect(JSON.stringify(server.lines)).not.toMatch(/(first|second)-key/);
});

test("a body, the completions at the same time and their time are limited", async () => {
  const asked = Promise.withResolvers<Sampling>();
  const limits = ["--max-body", "1", "--max-concurrency", "1", "--timeout", "2"];
  const server = await serving(["--backend", await engine(asked.resolve), ...limits]);
  const { completions } = server.client().chat;
  const large = { model, messages: [{ role: "user" as const, content: "x".repeat(2 ** 20) }] };
  await expect(completions.create(large)).rejects.toMatchObject({ status: 413 });
  const hanging = completions.create(chat);
  hanging.catch(() => {});
  const { closed } = await asked.promise;
  await expect(completions.create(chat)).rejects.toMatchObject({ status: 429 });
  await expect(hanging).rejects.toMatchObject({ status: 504 });
  await closed;
});

test("no page of another origin may send requests, unless it is allowed", async () => {
  const backend = await engine(answering);
  const headers = { origin: "https://app.example" };
  const allowed = async (...args: string[]) => {
    const server = await serving(["--backend", backend, ...args]);
    const { headers: answered } = await server.get("/v1/models", headers);
    return answered.get("access-control-allow-origin");
  };
  expect(await allowed()).toBe(null);
  expect(await allowed("--cors", "https://app.example")).toBe("https://app.example");
});

test("SIGTERM lets a stream end, and nothing new begins", async () => {
  const asked = Promise.withResolvers<Sampling>();
  const server = await serving(["--backend", await engine(asked.resolve)]);
  const stream = server.client().chat.completions.stream(chat);
  const sampling = await asked.promise;
  sampling.send(ids("<|channel|>final<|message|>It is"));
  await new Promise<void>((resolve) => stream.once("content", () => resolve()));
  const stopped = server.stopped();
  const { port, hostname } = new URL(server.url);
  // The listening socket is closed while the stream is open; a connection is then refused.
  for (let isOpen = true; isOpen; ) {
    const socket = connect(Number(port), hostname);
    isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
  }
  sampling.send(ids(" cold.<|return|>"), "stop");
  expect(await stream.finalContent()).toBe("It is cold.");
  expect(await stopped).toBe(0);
});

test("a stream that does not end is cut when its time to stop is over", async () => {
  const asked = Promise.withResolvers<Sampling>();
  const backend = await engine(asked.resolve);
  const server = await serving(["--backend", backend, "--stop-timeout", "0"]);
  const stream = server.client().chat.completions.stream(chat);
  const ended = stream.done().catch((error) => error);
  const sampling = await asked.promise;
  sampling.send(ids("<|channel|>final<|message|>It"));
  await new Promise<void>((resolve) => stream.once("content", () => resolve()));
  expect(await server.stopped()).toBe(0);
  expect(await ended).toBeInstanceOf(OpenAI.OpenAIError);
  await sampling.closed;
});

test("a client that leaves closes the connection to the engine", async () => {
  const asked = Promise.withResolvers<Sampling>();
  const server = await serving(["--backend", await engine(asked.resolve)]);
  const stream = server.client().chat.completions.stream(chat);
  stream.done().catch(() => {});
  const sampling = await asked.promise;
  sampling.send(ids("<|channel|>final<|message|>It"));
  await new Promise<void>((resolve) => stream.once("content", () => resolve()));
  stream.abort();
  await sampling.closed;
  await server.stopped();
  expect(server.lines.map(({ msg }) => msg)).toContain("cancelled");
});

test("an engine that breaks in mid-stream is the protocol's error, and its text is not logged", async () => {
  const asked = Promise.withResolvers<Sampling>();
  const server = await serving(["--backend", await engine(asked.resolve)]);
  const stream = server.client().chat.completions.stream(chat);
  const failure = stream.done().catch((error) => error);
  const sampling = await asked.promise;
  sampling.send(ids("<|channel|>final<|message|>It"));
  await new Promise<void>((resolve) => stream.once("content", () => resolve()));
  sampling.break();
  expect(String(await failure)).toContain("backend");
  expect((await server.get("/health")).status).toBe(200);
  await server.stopped();
  expect(server.lines).toContainEqual(
    expect.objectContaining({
      level: "warn",
      msg: "failed",
      completionTokens: ids("<|channel|>final<|message|>It").length,
    }),
  );
});

const PORT = "Expected a port from 0 to 65535.";

test.each([
  ["no engine", [], "required option '--backend <url>'"],
  ["an invalid address", ["--backend", "localhost:8000"], "Expected an address such as"],
  ["an invalid port", ["--backend", "http://h/v1", "--port", "x"], PORT],
  ["a port that is too high", ["--backend", "http://h/v1", "--port", "99999"], PORT],
  [
    "a time that no timer counts",
    ["--backend", "http://h/v1", "--timeout", "2147484"],
    "Expected whole seconds from 1 to 2147483.",
  ],
  [
    "a time to stop that no timer counts",
    ["--backend", "http://h/v1", "--stop-timeout", "2147484"],
    "Expected whole seconds from 0 to 2147483.",
  ],
  [
    "an invalid size",
    ["--backend", "http://h/v1", "--max-body", "0"],
    "Expected a whole number from 1 to 4294967295.",
  ],
  [
    "a key that is too short",
    ["--backend", "http://h/v1", "--encryption-key-file", file("short")],
    "expects 32 bytes or more, got 5",
  ],
  [
    "a key that is not there",
    ["--backend", "http://h/v1", "--encryption-key-file", file("none")],
    "could not be read: ENOENT",
  ],
  [
    "an origin that no browser sends",
    ["--backend", "http://h/v1", "--cors", "https://app.example/"],
    '--cors expected an origin such as "https://app.example.com", got "https://app.example/": write "https://app.example"',
  ],
  [
    "a time for a store that is not there",
    ["--backend", "http://h/v1", "--store-days", "5"],
    "--store-days has no effect without --store",
  ],
  ["a key that is empty", ["--backend", "http://h/v1", "--api-key", ""], "got an empty one"],
])("%s is a usage error", async (_, args, message) => {
  writeFileSync(file("short"), "12345");
  // A server that starts all the same ends here: this machine has no such address.
  const { code, stderr } = await run(["serve", "--host", "192.0.2.1", ...args]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each(["", "first,,second", " "])(
  "keys of the environment, %j, are named as such",
  async (keys) => {
    const args = ["serve", "--backend", "http://h/v1", "--host", "192.0.2.1"];
    vi.stubEnv("HARMONY_API_KEYS", keys);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining("HARMONY_API_KEYS expects keys")]);
  },
);

test("a key of the command line is one key, with its commas", async () => {
  const server = await serving(["--backend", "http://h/v1", "--api-key", "first,second"]);
  const asked = async (key: string) =>
    (await server.get("/v1/models", { authorization: `Bearer ${key}` })).status;
  expect(await asked("first,second")).toBe(200);
  expect(await asked("first")).toBe(401);
});

test.each([
  ["a store that is another file", ["--store", file("text.db")], "cannot be opened"],
  ["a store in a folder that is not there", ["--store", file("no/x.db")], "cannot be opened"],
  ["an address that is not this machine's", ["--host", "192.0.2.1"], "--host 192.0.2.1"],
])("%s is one line on stderr", async (_, args, message) => {
  writeFileSync(
    file("text.db"),
    "no database, but a text that is long enough to be one".repeat(40),
  );
  const { code, stderr } = await run(["serve", "--backend", "http://h/v1", ...args]);
  expect(code).toBe(1);
  expect(stderr.split("\n").filter((line) => line.startsWith("harmony serve: "))).toEqual([
    expect.stringContaining(message),
  ]);
});
