/**
 * Runs the programs of examples/ unchanged against a completions server: real HTTP,
 * real streams of ids, and scripted completions.
 */

import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const EXAMPLES = new URL("../../../examples/", import.meta.url);

/** The next completions, and the received prompts. */
let script: string[] = [];
const prompts: number[][] = [];

const server = createServer(async (request, response) => {
  const { prompt, stream, return_token_ids } = JSON.parse(await text(request));
  if (!stream || !return_token_ids) return response.writeHead(400).end();
  prompts.push(prompt);
  response.writeHead(200, { "content-type": "text/event-stream" });
  say([...encoding.encode(script.shift() ?? "", { allowedSpecial: "all" })], response);
});

/** Streams ids in growing chunks, and cuts lines at arbitrary places. */
function say(tokens: number[], response: ServerResponse): void {
  let lines = "";
  for (let at = 0, size = 1; at < tokens.length; at += size, size += 1) {
    const token_ids = tokens.slice(at, at + size);
    lines += `data: ${JSON.stringify({ choices: [{ index: 0, text: "", token_ids }] })}\n\n`;
  }
  lines += "data: [DONE]\n\n";
  for (let at = 0; at < lines.length; at += 37) response.write(lines.slice(at, at + 37));
  response.end();
}

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Runs an example to its end. */
async function run(program: string, ...args: string[]) {
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, EXAMPLES)), ...args], {
    env: {
      ...process.env,
      COMPLETIONS_URL: `http://127.0.0.1:${port}/v1/completions`,
      NOW: "2026-01-02T18:30:00Z",
    },
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { out, errors, code };
}

describe("terminal.ts", () => {
  it("shows analysis dim and the answer bright", async () => {
    script = [
      "<|channel|>analysis<|message|>Leicht: 2 + 2 🧮.<|end|>" +
        "<|start|>assistant<|channel|>final<|message|>Vier – 四.<|return|>",
    ];
    const { out, errors, code } = await run("terminal.ts", "Was ist 2 + 2?");
    expect({ out, errors, code }).toEqual({
      out: "\x1b[2mLeicht: 2 + 2 🧮.\x1b[0m\n\x1b[1mVier – 四.\x1b[0m\n",
      errors: "",
      code: 0,
    });
    expect(encoding.decode(prompts.at(-1) ?? [])).toMatch(
      /<\|start\|>user<\|message\|>Was ist 2 \+ 2\?<\|end\|><\|start\|>assistant$/,
    );
  });

  it("shows a malformed answer too, and lists its repairs", async () => {
    script = ["<|channel|>analysis<|message|>Hm.<|channel|>final Four.<|return|>"];
    const { out, errors } = await run("terminal.ts");
    expect(out).toBe("\x1b[2mHm.\x1b[0m\n\x1b[1mFour.\x1b[0m\n");
    expect(errors.match(/^repaired: /gm)).toHaveLength(2);
  });
});

describe("agent.ts", () => {
  it("calls two tools, keeps every id, and answers", async () => {
    const call = "<|channel|>commentary to=functions";
    script = [
      `<|channel|>analysis<|message|>Time first.<|end|><|start|>assistant${call}.hour <|constrain|>json<|message|>{}<|call|>`,
      // As gpt-oss writes it, not as the renderer would, and without its stop token.
      `${call}.subtract json<|message|>{"minuend": 24, "subtrahend": 18}`,
      "<|channel|>final<|message|>Six.<|return|>",
    ];
    const said = script.map((completion) => [
      ...encoding.encode(completion, { allowedSpecial: "all" }),
    ]);
    prompts.length = 0;
    const { out, errors, code } = await run("agent.ts");
    expect({ out, code }).toEqual({ out: "Six.\n", code: 0 });
    expect(errors).toBe(
      'functions.hour {}\nfunctions.subtract {"minuend": 24, "subtrahend": 18}\n',
    );
    expect(prompts).toHaveLength(3);
    for (const turn of [1, 2]) {
      const kept = [...(prompts[turn - 1] ?? []), ...(said[turn - 1] ?? [])];
      expect(prompts[turn]?.slice(0, kept.length)).toEqual(kept);
    }
    expect(encoding.decode(prompts[2] ?? [])).toContain(
      "<|call|><|start|>functions.subtract to=assistant<|channel|>commentary<|message|>6<|end|>",
    );
  });
});
