/** `harmony serve` in front of llama.cpp's own server, with a gpt-oss of random weights. */

import { readFileSync } from "node:fs";
import { type LlamaServer, llamaServer } from "harmony-conformance/engine/llama-server";
import { tinyModel } from "harmony-conformance/engine/tiny-model";
import type OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serving } from "./serve-support.ts";
import { run } from "./support.ts";

let llama: LlamaServer;
beforeAll(async () => {
  llama = await llamaServer(tinyModel());
});
afterAll(() => llama.close());

const model = "gpt-oss";

test("the streamed answer equals the stored one, through eight turns", async () => {
  const args = ["--backend", llama.url, "--kind", "llamacpp", "--max-tokens", "40"];
  const server = await serving(args);
  const { responses } = server.client();
  let previous: string | null = null;
  for (let turn = 0; turn < 8; turn += 1) {
    // The likeliest ids: the same answers in every run.
    const request = {
      model,
      input: `Turn ${turn}`,
      temperature: 0,
      previous_response_id: previous,
    };
    const answer: OpenAI.Responses.Response = await responses.stream(request).finalResponse();
    const { id, output, usage, status } = answer;
    const stored = await responses.retrieve(id);
    expect(stored).toMatchObject({ status, usage });
    expect(stored.output.map((item) => item.id)).toEqual(output.map((item) => item.id));
    expect(usage?.output_tokens).toBeLessThanOrEqual(40);
    previous = id;
  }
  expect(await server.stopped()).toBe(0);
  expect(server.lines.filter(({ msg }) => msg === "completed")).toHaveLength(8);
});

test("the page has every option", async () => {
  const page = readFileSync(new URL("../../../docs/serve.md", import.meta.url), "utf8");
  const { stdout } = await run(["serve", "--help"]);
  const options = Array.from(String(stdout).matchAll(/^ {2}(--[\w-]+)/gm), ([, name]) => name);
  expect(options.length).toBeGreaterThan(15);
  for (const option of options) expect(page).toContain(`\`${option}`);
});
