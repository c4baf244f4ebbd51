/** The names of a caller's tools decide what a malformed header leaves open. */

import {
  loadHarmonyEncodingSync,
  parseHarmonyText,
  parseStream,
  RecoveringParser,
} from "harmony-wasm";
import { describe, expect, it } from "vitest";

const encoding = loadHarmonyEncodingSync();
const encoded = (text: string) => encoding.encode(text, { allowedSpecial: "all" });
const GLUED = encoded("<|channel|>commentary to=functions.geocode<|message|>{}<|call|>");

describe("the option tools", () => {
  it("decides where a recipient's name ends", () => {
    const recipients = (tools?: string[]) =>
      encoding
        .recoverMessagesFromCompletionTokens(GLUED, "assistant", { ...(tools && { tools }) })
        .messages.map(({ message }) => [message.recipient, message.content_type]);
    expect(recipients()).toEqual([["functions.geocode", undefined]]);
    expect(recipients(["geocode"])).toEqual([["functions.geocode", undefined]]);
    expect(recipients(["functions.geo"])).toEqual([["functions.geo", "code"]]);
  });

  it("makes a bare word a certain recipient", () => {
    const tokens = encoded("<|channel|>commentary search<|message|>{}<|call|>");
    const repairs = (tools: string[]) => {
      const parser = new RecoveringParser(encoding, "assistant", { tools });
      parser.push(tokens);
      parser.end();
      return parser.messages.flatMap(({ repairs }) => repairs.map(({ code }) => code));
    };
    expect(repairs([])).toEqual(["guessed_recipient"]);
    expect(repairs(["search"])).toEqual([]);
  });

  it("works for text and streams", async () => {
    const text = "assistantcommentary to=functions.geocode {}";
    const { messages } = parseHarmonyText(encoding, text, "assistant", { tools: ["geo"] });
    expect(messages.map(({ message }) => message.recipient)).toEqual(["functions.geo"]);
    const starts = [];
    const chunks = (async function* () {
      yield GLUED;
    })();
    const options = { role: "assistant", tools: ["geo"] } as const;
    for await (const event of parseStream(encoding, chunks, options)) {
      if (event.type === "message-start") starts.push(event.recipient);
    }
    expect(starts).toEqual(["functions.geo"]);
  });
});
