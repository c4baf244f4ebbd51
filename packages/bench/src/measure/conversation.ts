/**
 * Rendering a conversation and parsing completions with this package.
 * `python/peers.py` does the same with upstream's.
 */

import { readFileSync } from "node:fs";
import { loadHarmonyEncoding, Role, StreamableParser } from "harmony-wasm";
import { STREAMS } from "../paths.ts";
import type { Figures } from "./measure.ts";
import type { Streams } from "./streams.ts";
import { medianSeconds } from "./timing.ts";

export async function conversation(): Promise<Figures> {
  const encoding = await loadHarmonyEncoding();
  const { conversation, ...streams }: Streams = JSON.parse(readFileSync(STREAMS, "utf8"));
  const render = () => encoding.renderConversationForCompletion(conversation, Role.ASSISTANT);
  const figures: Figures = { tokens: render().length, render: medianSeconds(render) * 1e6 };

  for (const [name, ids] of Object.entries(streams)) {
    const tokens = Uint32Array.from(ids);
    const perSecond = (run: () => void) => tokens.length / medianSeconds(run);
    const parsed = (feed: (parser: StreamableParser) => void) => {
      using parser = new StreamableParser(encoding, Role.ASSISTANT);
      feed(parser);
    };
    figures[`${name} array`] = perSecond(() => parsed((parser) => parser.process(tokens)));
    figures[`${name} one by one`] = perSecond(() =>
      parsed((parser) => {
        for (const token of tokens) parser.process(token);
      }),
    );
    if (name === "header") continue; // a header alone does not make a completion
    const parse = () => encoding.parseMessagesFromCompletionTokens(tokens, Role.ASSISTANT);
    figures[`${name} parse`] = perSecond(parse);
  }
  return figures;
}
