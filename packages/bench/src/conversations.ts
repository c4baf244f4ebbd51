/**
 * Prints conversations in the Chat Completions shape as JSON lines, made of the
 * corpora of English and code: what docs/scale.md is measured on.
 *
 *     node packages/bench/src/conversations.ts > conversations.jsonl
 */

import { makeCorpora } from "./corpora.ts";

const TURN_CHARACTERS = 1200;
const TURNS = 3;

const { english, code } = makeCorpora().texts;
const documents = [english, code].flatMap(({ warmUp, measured }) => [...warmUp, ...measured]);
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
