/**
 * `harmony serve` beside a proxy that forwards bytes and beside the least that a
 * Python front end does, on the same stream of ids:
 *
 *     npm run bench:serve -- 200000
 *
 * Tokens per second of processor time, so that the client and the engine on the
 * same machine do not count; the first event; memory over a million events.
 */

import { join } from "node:path";
import { pythonWith } from "harmony-scripts/setup/python-environment.mjs";
import { ROOT, VOCABULARY_FOLDER } from "../paths.ts";
import { table } from "../report/table.ts";
import { type Asked, streamed } from "./client.ts";
import { leavingMs } from "./leaving.ts";
import { Server } from "./server.ts";

const TOKENS = Number(process.argv[2] ?? 200_000);
const STREAMS = [1, 16, 256];
const FIRSTS = 200;
const MILLION = 1_000_000;
const HERE = import.meta.dirname;
const PROGRAM = join(ROOT, "packages", "harmony-wasm-cli", "dist", "harmony.js");

const chat = (tokens: number) =>
  JSON.stringify({
    model: "gpt-oss",
    messages: [{ role: "user", content: "Hi" }],
    stream: true,
    max_tokens: tokens,
  });
const completion = (tokens: number) =>
  JSON.stringify({ prompt: [1], stream: true, max_tokens: tokens });

/** A server that is measured, and how it is asked for so many tokens. */
interface Subject {
  name: string;
  isOurs: boolean;
  server: Server;
  asked(tokens: number): Asked;
}

async function subjects(engine: Server): Promise<Subject[]> {
  const node = process.execPath;
  const serve = ["serve", "--backend", `${engine.url}/v1`, "--port", "0", "--log-level", "info"];
  const requirements = join(HERE, "requirements.txt");
  const python = await pythonWith("bench-serve", requirements, "a few seconds");
  const bytes = (server: Server) => (tokens: number) => ({
    url: `${server.url}/v1/completions`,
    body: completion(tokens),
    sign: '"token_ids":[',
  });
  const text = (path: string, server: Server) => (tokens: number) => ({
    url: `${server.url}${path}`,
    body: path.includes("chat") ? chat(tokens) : responses(tokens),
    sign: path.includes("chat") ? '"delta":{"content":"' : "output_text.delta",
  });
  const ours = await Server.start(node, [PROGRAM, ...serve]);
  const proxy = await Server.start(node, [join(HERE, "proxy.ts"), engine.url]);
  const readme = join(ROOT, "README.md");
  const least = await Server.start(python, [join(HERE, "front_end.py"), readme], {
    TIKTOKEN_ENCODINGS_BASE: VOCABULARY_FOLDER,
  });
  const leastAsked = text("/v1/chat/completions", least);
  return [
    { name: "a proxy that forwards bytes", isOurs: false, server: proxy, asked: bytes(proxy) },
    {
      name: "harmony serve, Chat Completions",
      isOurs: true,
      server: ours,
      asked: text("/v1/chat/completions", ours),
    },
    {
      name: "harmony serve, Responses",
      isOurs: true,
      server: ours,
      asked: text("/v1/responses", ours),
    },
    {
      name: "the least in Python, Chat Completions",
      isOurs: false,
      server: least,
      asked: (tokens) => ({ ...leastAsked(tokens), sign: '"delta": {"content": "' }),
    },
  ];
}

function responses(tokens: number): string {
  return JSON.stringify({
    model: "gpt-oss",
    input: "Hi",
    stream: true,
    max_output_tokens: tokens,
    store: false,
  });
}

/** Tokens per second of the server's processor time. */
async function rate({ server, asked }: Subject, streams: number): Promise<number> {
  const each = Math.ceil(TOKENS / streams);
  const before = server.cpuSeconds;
  const all = await Promise.all(Array.from({ length: streams }, () => streamed(asked(each))));
  const events = all.reduce((sum, { events: count }) => sum + count, 0);
  if (events < 0.97 * each * streams) throw new Error(`${events} events of ${each * streams}`);
  return (each * streams) / (server.cpuSeconds - before);
}

type Ask = (tokens: number) => Asked;

/** Median milliseconds to the first event beyond the engine's own, the two asked in turn. */
async function firstMs(asked: Ask, engineAsked: Ask): Promise<number> {
  const differences: number[] = [];
  for (let count = 0; count < 2 * FIRSTS; count += 1) {
    const own = (await streamed(engineAsked(8))).firstMs;
    const beyond = (await streamed(asked(8))).firstMs - own;
    // The first half warms both up.
    if (count >= FIRSTS) differences.push(beyond);
  }
  return differences.toSorted((a, b) => a - b)[FIRSTS / 2] ?? Number.NaN;
}

/** Megabytes after a tenth of a million events and after all of them. */
async function memory({ server, asked }: Subject): Promise<[number, number]> {
  const streams = 100;
  let early = 0;
  for (let count = 0; count < streams; count += 1) {
    await streamed(asked(MILLION / streams));
    if (count === streams / 10) early = server.megabytes;
  }
  return [early, server.megabytes];
}

/** The figures of a subject. */
async function measured(subject: Subject, engineAsked: Ask): Promise<string[]> {
  await rate(subject, 16);
  const rates: number[] = [];
  for (const streams of STREAMS) rates.push(await rate(subject, streams));
  const first = await firstMs(subject.asked, engineAsked);
  const held = subject.isOurs ? await memory(subject) : [];
  const thousands = rates.map((each) => (each / 1000).toFixed(1));
  return [subject.name, ...thousands, first.toFixed(2), ...held.map((each) => each.toFixed(0))];
}

const engine = await Server.start(process.execPath, [join(HERE, "engine.ts")]);
const engineAsked: Ask = (tokens) => ({
  url: `${engine.url}/v1/completions`,
  body: completion(tokens),
  sign: '"token_ids":[',
});
const all = await subjects(engine);
const rows: string[][] = [];
for (const subject of all) {
  const row = await measured(subject, engineAsked);
  console.log(row.join("  "));
  rows.push(row);
}
for (const { server } of all) await server.stop();
await engine.stop();
const heads = STREAMS.map((streams) => `${streams} stream${streams === 1 ? "" : "s"}`);
console.log("\nThousands of tokens per second of the server's processor time, one token an event;");
console.log("milliseconds to the first event beyond the engine's own; megabytes after 100,000 and");
console.log(`1,000,000 events.\n`);
console.log(table(["server", ...heads, "first event", "memory", "after"], rows));

const event = {
  choices: [{ token_ids: [200005, 17196, 200008, 35604], text: "", finish_reason: null }],
};
const left = await leavingMs(`data: ${JSON.stringify(event)}\n\n`, chat(100), (url) =>
  Server.start(process.execPath, [PROGRAM, "serve", "--backend", `${url}/v1`, "--port", "0"]),
);
console.log(`\nA client that leaves closes the engine's connection after ${left.toFixed(2)} ms.`);
