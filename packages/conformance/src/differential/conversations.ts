/**
 * Random conversations, by fast-check: every field that upstream reads, with
 * values that matter to it and values that do not, tool schemas among them.
 */

import fc, { type Arbitrary } from "fast-check";
import type { HarmonyEncoding } from "harmony-wasm";
import { type Random, randomText } from "./texts.ts";

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null", "odd"];
const CHANNELS = ["analysis", "commentary", "final", "", "with space", "<|end|>"];
const RECIPIENTS = ["all", "assistant", "functions.f", "browser.search", "", "a b", "<|start|>"];
const CONTENT_TYPES = [
  "json",
  "code",
  "<|constrain|>json",
  "<|constrain|> json",
  "<|constrain|>",
  "",
];

const words = fc.oneof(
  fc.constantFrom(
    "",
    "x",
    "get weather",
    "two\nlines",
    "\n",
    'a "quote"',
    "naïve 東京",
    "null",
    "<|start|>",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
/** Keys that do not look like integers, which an object would reorder. */
const keys = words.filter((key) => !/^\d+$/.test(key) && key !== "__proto__");
const absentOr = <T>(value: Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Unbounded, the schemas would grow without end. */
const DEPTH = { maxDepth: 2, depthIdentifier: fc.createDepthIdentifier() };

/** JSON schemas of the forms that upstream renders, and of some that it does not. */
const { schema } = fc.letrec<{ schema: object; inner: object }>((tie) => ({
  inner: fc.oneof(DEPTH, fc.constantFrom({}, { type: "string" }), tie("schema")),
  schema: fc.record(
    {
      type: fc.oneof(
        fc.constantFrom(...TYPES),
        fc.array(fc.constantFrom(...TYPES), { maxLength: 3 }),
      ),
      title: words,
      description: words,
      default: fc.oneof(
        words,
        fc.integer(),
        fc.constantFrom<unknown>(true, false, null, 0.5, 1e21, [1, "a"], {}),
      ),
      enum: fc.array(fc.oneof(words, fc.integer()), { maxLength: 3 }),
      examples: fc.array(fc.oneof(words, fc.integer()), { maxLength: 3 }),
      nullable: fc.boolean(),
      required: fc.array(words, { maxLength: 2 }),
      properties: fc.dictionary(keys, tie("inner"), { maxKeys: 3 }),
      items: tie("inner"),
      oneOf: fc.oneof(fc.array(tie("inner"), { maxLength: 3 }), fc.constant("odd")),
      anyOf: fc.array(tie("inner"), { maxLength: 1 }),
    },
    { requiredKeys: [] },
  ),
}));

const tool = fc.record(
  { name: words, description: words, parameters: fc.oneof(schema, fc.constant(null)) },
  { requiredKeys: ["name", "description"] },
);
const namespace = fc.record({
  name: words,
  description: fc.option(words),
  tools: fc.array(tool, { maxLength: 2 }),
});
const tools = fc.dictionary(fc.oneof(fc.constant("functions"), keys), namespace, { maxKeys: 2 });

const systemContent = fc.record(
  {
    type: fc.constant("system_content"),
    model_identity: fc.option(words),
    reasoning_effort: fc.constantFrom("Low", "Medium", "High", null),
    tools: fc.option(tools),
    conversation_start_date: fc.option(words),
    knowledge_cutoff: fc.option(words),
    channel_config: fc.option(
      fc.record({
        valid_channels: fc.array(words, { maxLength: 3 }),
        channel_required: fc.boolean(),
      }),
    ),
  },
  { requiredKeys: ["type"] },
);
const developerContent = fc.record(
  {
    type: fc.constant("developer_content"),
    instructions: fc.option(words),
    tools: fc.option(tools),
  },
  { requiredKeys: ["type"] },
);

/** Conversations whose texts come from `texts`. */
export function conversations(encoding: HarmonyEncoding, random: Random): Arbitrary<object> {
  const text = fc.oneof(
    words,
    fc.integer({ min: 0, max: 200 }).map((length) => randomText(encoding, random, length)),
  );
  const part = (type: Arbitrary<object>) =>
    fc.oneof(
      { weight: 9, arbitrary: type },
      { weight: 1, arbitrary: fc.constant({ type: "text", text: "and" }) },
    );
  const contents = (type: Arbitrary<object>) => fc.array(part(type), { maxLength: 2 });
  const message = fc.record({
    role: fc.constantFrom("user", "assistant", "tool"),
    name: absentOr(words),
    recipient: absentOr(fc.constantFrom(...RECIPIENTS)),
    channel: absentOr(fc.constantFrom(...CHANNELS)),
    content_type: absentOr(fc.constantFrom(...CONTENT_TYPES)),
    content: fc.oneof(
      { weight: 9, arbitrary: text },
      { weight: 1, arbitrary: contents(text.map((t) => ({ type: "text", text: t }))) },
    ),
  });
  const system = fc.record({
    role: fc.constantFrom("system", "system", "system", "user"),
    content: contents(systemContent),
  });
  const developer = fc.record({
    role: fc.constantFrom("developer", "developer", "system"),
    content: contents(developerContent),
  });
  return fc
    .tuple(absentOr(system), absentOr(developer), fc.array(message, { maxLength: 6 }))
    .map(([first, second, rest]) => ({
      messages: [first, second, ...rest]
        .filter((given) => given !== undefined)
        .map(withoutUndefined),
    }));
}

function withoutUndefined(message: object): object {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}
