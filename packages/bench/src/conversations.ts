/**
 * Prints conversations as JSON lines, made of the corpora of documentation and
 * code, on which docs/scale.md is measured: in the Chat Completions shape, or
 * with `harmony` in harmony's.
 *
 *     node packages/bench/src/conversations.ts > conversations.jsonl
 *     node packages/bench/src/conversations.ts harmony > harmony.jsonl
 */

import { makeCorpora } from "./corpora/corpora.ts";

const TURN_CHARACTERS = 1200;
const TURNS = 3;

const { documentation, code } = makeCorpora().texts;
const documents = [documentation, code].flatMap(({ measured }) => measured);
const texts = documents.flatMap(
  (document) => document.match(new RegExp(`[^]{1,${TURN_CHARACTERS}}`, "gu")) ?? [],
);
const isHarmony = process.argv[2] === "harmony";
for (let at = 0; at + 3 * TURNS <= texts.length; at += 3 * TURNS) {
  const turns = Array.from({ length: TURNS }, (_, turn) => texts.slice(at + 3 * turn));
  const messages = turns.flatMap(([question, thinking, content]) =>
    isHarmony
      ? [
          { role: "user", content: question },
          { role: "assistant", channel: "analysis", content: thinking },
          { role: "assistant", channel: "final", content },
        ]
      : [
          { role: "user", content: question },
          { role: "assistant", thinking, content },
        ],
  );
  console.log(JSON.stringify({ messages }));
}
