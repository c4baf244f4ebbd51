/** The output of Node's `console.log` for an encoding, a parser and an error. */

import { inspect } from "node:util";
import { loadHarmonyEncodingSync, RecoveringParser, StreamableParser } from "harmony-wasm";
import { describe, expect, it } from "vitest";
import { failureOf } from "./support.js";

const encoding = loadHarmonyEncodingSync();
const completion = encoding.encode("<|channel|>final<|message|>hi<|return|>", {
  allowedSpecial: "all",
});

describe("console.log", () => {
  it("names an encoding", () => {
    const shown = 'HarmonyEncoding { name: "HarmonyGptOss", tokenizerName: "o200k_harmony" }';
    expect(inspect(encoding)).toBe(shown);
    expect(String(encoding)).toBe("[object HarmonyEncoding]");
  });

  it("shows the progress of a streaming parser, also after dispose", () => {
    const parser = new StreamableParser(encoding, "assistant").process(completion);
    const shown = 'StreamableParser { state: "ExpectStart", messages: 1, tokens: 5 }';
    expect(inspect(parser)).toBe(shown);
    expect(inspect({ parser })).toContain(shown);
    parser.dispose();
    expect(inspect(parser)).toBe("StreamableParser { disposed }");
  });

  it("shows the counts of a recovering parser, also after dispose", () => {
    const parser = new RecoveringParser(encoding, "assistant");
    parser.push(completion);
    parser.push(completion.subarray(-1));
    parser.end();
    expect(inspect(parser)).toBe("RecoveringParser { messages: 1, strays: 1 }");
    parser.dispose();
    expect(inspect(parser)).toBe("RecoveringParser { disposed }");
  });

  it("shows an error's name, code and place", async () => {
    const shown = inspect(await failureOf(() => encoding.render('{"role":"user"}')));
    expect(shown).toMatch(/^HarmonyError: invalid message JSON: missing field `content`/);
    expect(shown).toContain("code: 'invalid_conversation'");
    expect(shown).toContain("path: 'content'");
  });
});
