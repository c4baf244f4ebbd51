/**
 * Prints conversations in the Chat Completions shape as JSON lines, made of the
 * corpora of documentation and code, on which docs/scale.md is measured.
 *
 *     node packages/bench/src/conversations.ts > conversations.jsonl
 */

import { makeCorpora } from "./corpora/corpora.ts";

const TURN_CHARACTERS = 1200;
const TURNS = 3;

const { documentation, code } = makeCorpora().texts;
const documents = [documentation, code].flatMap(({ measured }) => measured);
const texts = documents.flatMap(
  (document) => document.match(new RegExp(`[^]{1,${TURN_CHARACTERS}}`, "gu")) ?? [],
);
for (let at = 0; at + 3 * TURNS <= texts.length; at += 3 * TURNS) {
  const turns = Array.from({ length: TURNS }, (_, turn) => texts.slice(at + 3 * turn));
  const messages = turns.flatMap(([question, thinking, content]) => [
    { role: "user", content: question },
    { role: "assistant", thinking, content },
  ]);
  console.log(JSON.stringify({ messages }));
}
