/**
 * Hostile values by type of parameter, each with the expected error. A row has a
 * name, the value, the error's class or code, a part of its message, and its
 * `path` (a string) or `index` (a number). `$` in a message is the parameter.
 */

import { HarmonyEncoding, type HarmonyErrorCode } from "harmony-wasm";

export type Kind = "TypeError" | "RangeError" | HarmonyErrorCode;
export type Row = readonly [
  what: string,
  value: unknown,
  error: Kind,
  says: string,
  where?: string | number,
];

/** Values of every type, as messages describe them. */
const VALUES: readonly (readonly [shown: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["7", 7],
  ["NaN", Number.NaN],
  ["7n", 7n],
  ["true", true],
  ['"7"', "7"],
  ["Symbol(s)", Symbol("s")],
  ["a function", () => 7],
  ["an array", []],
  ["an object (Object)", {}],
  ["an object (Map)", new Map()],
  ["an object (Date)", new Date(0)],
  ["an object (String)", Object("x")],
];
const OBJECTS = VALUES.map(([shown]) => shown).filter((shown) => shown.startsWith("an object"));

/** A row of wrong type for each value that is not accepted. */
export function wrong(wanted: string, ...accepted: string[]): Row[] {
  const rejected = VALUES.filter(([shown]) => !accepted.includes(shown));
  return rejected.map(([shown, value]) => {
    return [shown, value, "TypeError", `"$" expected ${wanted}, got ${shown}`];
  });
}

/** The rows of a parameter that may be absent. */
export function optional(rows: readonly Row[]): Row[] {
  return rows.filter(([, value]) => value !== undefined && value !== null);
}

const LONE: readonly (readonly [what: string, text: string, at: number])[] = [
  ["a high surrogate at the start", "\ud83dab", 0],
  ["a high surrogate in the middle", "a\ud83db", 1],
  ["a high surrogate at the end", "ab\ud83d", 2],
  ["a low surrogate at the start", "\ude00ab", 0],
  ["a low surrogate in the middle", "a\ude00b", 1],
  ["a low surrogate at the end", "ab\ude00", 2],
  ["a surrogate pair the wrong way round", "\ude00\ud83d", 0],
  ["a high surrogate after a whole pair", "\ud83d\ude00\ud83d", 2],
];

/** Lone surrogates, held by `holding` at `place`, which may depend on the text. */
export function lone(
  place: string | ((text: string) => string),
  holding: (text: string) => unknown = (text) => text,
): Row[] {
  return LONE.map(([what, text, at]) => {
    const path = typeof place === "string" ? place : place(text);
    const says = `"$${path}" has a lone surrogate at position ${at}; toWellFormed() replaces it`;
    return [
      `${what} in "${typeof place === "string" ? place : "a key"}"`,
      holding(text),
      "TypeError",
      says,
    ];
  });
}

/** An iterable that is not an array and can be iterated again. */
function generated(...items: unknown[]): Iterable<unknown> {
  return {
    *[Symbol.iterator]() {
      yield* items;
    },
  };
}

const NO_ITERATOR = { [Symbol.iterator]: undefined };
const BROKEN_ITERATOR = { [Symbol.iterator]: 7 };

export const TEXT: readonly Row[] = [...wrong("a string", '"7"'), ...lone("")];
export const NAME: readonly Row[] = [
  ...TEXT.filter(([, value]) => value !== undefined),
  ["another encoding", "gpt2", "unknown_encoding", "Invalid HarmonyEncodingName: gpt2"],
  ["no name", "", "unknown_encoding", "Invalid HarmonyEncodingName: "],
  ["the constant's key", "HARMONY_GPT_OSS", "unknown_encoding", "Name: HARMONY_GPT_OSS"],
  ["a name of Object's", "toString", "unknown_encoding", "Invalid HarmonyEncodingName: toString"],
];
const ROLES = "one of user, assistant, system, developer, tool";
export const ROLE: readonly Row[] = [
  ...wrong(ROLES, '"7"'),
  ...lone(""),
  ["an unknown role", "bot", "unknown_role", "unknown role: bot"],
  ["a role in capitals", "User", "unknown_role", "unknown role: User"],
  ["an empty role", "", "unknown_role", "unknown role: "],
];
export const FLAG: readonly Row[] = optional(wrong("a boolean", "true"));
export const OPTIONS: readonly Row[] = optional(wrong("an object", ...OBJECTS));
export const ENCODING: readonly Row[] = [
  ...wrong("a HarmonyEncoding"),
  [
    "an encoding by prototype only",
    Object.create(HarmonyEncoding.prototype),
    "TypeError",
    '"$" expected a HarmonyEncoding, got an object (HarmonyEncoding) of another copy of harmony-wasm, or a wrapped one: load it with this copy',
  ],
];
export const SYSTEM: readonly Row[] = wrong("an object", "undefined", "an object (Object)");
export const DEVELOPER: readonly Row[] = wrong("an object", '"7"', "an object (Object)");
export const TOOLS: readonly Row[] = [
  ...wrong("an array", "an array"),
  ["a name", ["f"], "TypeError", '"$[0]" expected an object, got "f"'],
  ["null in an array", [{ name: "f" }, null], "TypeError", '"$[1]" expected an object, got null'],
];
export const TOOL_NAMES: readonly Row[] = [
  ...optional(wrong("an array of tool names", "an array")),
  ["a number in an array", ["f", 7], "TypeError", '"$[1]" expected a string, got 7'],
  ["a tool in an array", [{ name: "f" }], "TypeError", '"$[0]" expected a string, got an object'],
  ["a hole in an array", new Array(2), "TypeError", '"$[0]" expected a string, got undefined'],
  ...lone("[0]", (text) => [text]),
];
export const HEADER: readonly Row[] = [
  ...wrong("an object", "undefined", "an object (Object)"),
  ["a misspelt field", { chanel: "final" }, "TypeError", '"$" has no field "chanel"'],
  ["a field in camelCase", { contentType: "json" }, "TypeError", '"$" has no field "contentType"'],
];
export const CALL: readonly Row[] = [
  ...wrong("an object", "an object (Object)"),
  ["what recovery returns", { message: { recipient: "f" } }, "TypeError", "pass the message of"],
];
/** Values that are neither a text nor a conversation. */
export const COUNTED: readonly Row[] = TEXT.filter(
  ([what]) => !/^an (?:object|array)/.test(what) || what.includes("surrogate"),
);

const SPECIALS_WANTED = '"all" or an iterable of strings';
const ITERABLES = ["an array", "an object (Map)", "an object (String)"];
export const SPECIALS: readonly Row[] = [
  ...wrong(SPECIALS_WANTED, "undefined", ...ITERABLES),
  ["a number in an array", ["a", 7], "TypeError", '"$[1]" expected a string, got 7'],
  ["null in a Set", new Set([null]), "TypeError", '"$[0]" expected a string, got null'],
  ["a symbol, generated", generated(Symbol("s")), "TypeError", '"$[0]" expected a string, got Sym'],
  ["a Map's entries", new Map([["a", 1]]), "TypeError", '"$[0]" expected a string, got an arr'],
  ["no iterator", NO_ITERATOR, "TypeError", `"$" expected ${SPECIALS_WANTED}, got an object (Obj`],
  ["a broken iterator", BROKEN_ITERATOR, "TypeError", `"$" expected ${SPECIALS_WANTED}, got an o`],
  ...lone("[1]", (text) => ["a", text]),
  ...lone("[0]", (text) => new Set([text])),
];

const PURPOSES = '"conversation", "completion" or "training"';
export const PURPOSE: readonly Row[] = [
  ...optional(wrong(PURPOSES)),
  ["another render", "inference", "TypeError", `"$" expected ${PURPOSES}, got "inference"`],
];

const INTEGER = "an integer from 0 to 2^32 - 1";
const OUT_OF_RANGE: readonly Row[] = [
  ["a negative id", -1, "RangeError", `"$" expected ${INTEGER}, got -1`],
  ["a fractional id", 1.5, "RangeError", `"$" expected ${INTEGER}, got 1.5`],
  ["a NaN", Number.NaN, "RangeError", `"$" expected ${INTEGER}, got NaN`],
  ["an infinite id", Infinity, "RangeError", `"$" expected ${INTEGER}, got Infinity`],
  ["a negative infinity", -Infinity, "RangeError", `"$" expected ${INTEGER}, got -Infinity`],
  ["an id too large", 2 ** 32, "RangeError", `"$" expected ${INTEGER}, got 4294967296`],
];
export const TOKEN: readonly Row[] = [...OUT_OF_RANGE, ...wrong("a number", "7", "NaN")];

const POLICIES = "one of upstream, keep, drop-history";
export const POLICY: readonly Row[] = [
  ...optional(wrong(POLICIES)),
  ["a policy of several samples", "per-turn", "TypeError", `"$" expected ${POLICIES}, got "per-`],
];
const ROW_SHAPES = "one of harmony, chat";
export const SHAPE: readonly Row[] = [
  ...optional(wrong(ROW_SHAPES)),
  ["another shape", "alpaca", "TypeError", `"$" expected ${ROW_SHAPES}, got "alpaca"`],
];
export const PREFACE: readonly Row[] = [
  ...optional(wrong("messages", "an array")),
  [
    "a message of no role",
    [{ content: "" }],
    "invalid_conversation",
    "missing field `role`",
    "messages[0].role",
  ],
];
export const MOST: readonly Row[] = optional(TOKEN);
export const FIELDS: readonly Row[] = [
  ...optional(wrong("an array of names", "an array")),
  ["a number in an array", ["f", 7], "TypeError", '"$[1]" expected a string, got 7'],
  ["a hole in an array", new Array(2), "TypeError", '"$[0]" expected a string, got undefined'],
  ...lone("[0]", (text) => [text]),
];
export const BYTES: readonly Row[] = [
  ...wrong("a Uint8Array"),
  ["other numbers", Uint16Array.of(1), "TypeError", '"$" expected a Uint8Array, got an object'],
  [
    "a disguise",
    Object.setPrototypeOf([1], Uint8Array.prototype),
    "TypeError",
    "a Uint8Array, got",
  ],
];
const PLACES = "ascending positions up to 2";
export const ENDS: readonly Row[] = [
  ...wrong("a Uint32Array"),
  ["other numbers", Int32Array.of(1), "TypeError", '"$" expected a Uint32Array, got an object'],
  [
    "a disguise",
    Object.setPrototypeOf([1], Uint32Array.prototype),
    "TypeError",
    "Uint32Array, got",
  ],
  ["an end past the rows", Uint32Array.of(1, 3), "RangeError", `"$[1]" expected ${PLACES}, got 3`],
  ["an end before another", Uint32Array.of(2, 1), "RangeError", `"$[1]" expected ${PLACES}, got 1`],
];

export const INDICES: readonly Row[] = [
  ...optional(wrong("indices of messages", ...ITERABLES)),
  ...OUT_OF_RANGE.map(([what, index, error, says]): Row => {
    return [`${what} in an array`, [0, index], error, says.replace('"$', () => '"$[1]')];
  }),
  ["text in an array", ["0"], "TypeError", '"$[0]" expected a number, got "0"'],
  ["no iterator", NO_ITERATOR, "TypeError", '"$" expected indices of messages, got an object (Obj'],
  ["one too many", [0, 1], "invalid_conversation", "has no message 1", "messages[1]"],
];

const HOLDERS: readonly (readonly [string, number, (id: unknown) => unknown])[] = [
  ["at the start of an array", 0, (id) => [id, 1, 2]],
  ["in the middle of an array", 1, (id) => [1, id, 2]],
  ["at the end of an array", 2, (id) => [1, 2, id]],
  ["in a Set", 1, (id) => new Set([1, id])],
  ["from a generator", 1, (id) => generated(1, id)],
];
const HELD: readonly Row[] = HOLDERS.flatMap(([place, index, holding]) =>
  TOKEN.map(([what, id, error, says]): Row => {
    return [`${what} ${place}`, holding(id), error, says.replace('"$', () => `"$[${index}]`)];
  }),
);
const disguised = Object.setPrototypeOf(Float64Array.of(1.5), Uint32Array.prototype);
const detached = Uint32Array.of(1);
structuredClone(detached, { transfer: [detached.buffer] });
const detachedShorts = Uint16Array.of(1);
structuredClone(detachedShorts, { transfer: [detachedShorts.buffer] });
/** Wrong ids, except a single number, which `process` accepts. */
const NO_TOKENS: readonly Row[] = [
  ...wrong("token ids", "7", "NaN", ...ITERABLES),
  [
    "a long text",
    "x".repeat(1000),
    "TypeError",
    `"$" expected token ids, got "${"x".repeat(40)}…"`,
  ],
  ["text in an object", Object("x"), "TypeError", '"$[0]" expected a number, got "x"'],
  ["an array-like object", { length: 1, 0: 1 }, "TypeError", '"$" expected token ids, got an obj'],
  [
    "a Uint8Array",
    Uint8Array.of(1),
    "TypeError",
    '"$" expected token ids, got bytes (a Uint8Array); decode the response first',
  ],
  ["a Buffer", Buffer.from("hello"), "TypeError", '"$" expected token ids, got bytes (a Uint8'],
  ["an ArrayBuffer", new ArrayBuffer(4), "TypeError", '"$" expected token ids, got an object (Arr'],
  ...HELD,
  ["an Int32Array", Int32Array.of(1, -1), "RangeError", `"$[1]" expected ${INTEGER}, got -1`],
  ["a Float64Array", Float64Array.of(1, 1.5), "RangeError", `"$[1]" expected ${INTEGER}, got 1.5`],
  ["a Float32Array", Float32Array.of(NaN), "RangeError", `"$[0]" expected ${INTEGER}, got NaN`],
  ["a BigInt64Array", BigInt64Array.of(7n), "TypeError", '"$[0]" expected a number, got 7n'],
  ["a sparse array", Object.assign([1], { 2: 1 }), "TypeError", '"$[1]" expected a number, got un'],
  ["a Map's entries", new Map([[1, 2]]), "TypeError", '"$[0]" expected a number, got an array'],
  ["no iterator", NO_ITERATOR, "TypeError", '"$" expected token ids, got an object (Object)'],
  ["a broken iterator", BROKEN_ITERATOR, "TypeError", '"$" expected token ids, got an object (Obj'],
  [
    "a Uint32Array by prototype only",
    Object.create(Uint32Array.prototype),
    "TypeError",
    "typed array",
  ],
  ["a Float64Array in disguise", disguised, "RangeError", `"$[0]" expected ${INTEGER}, got 1.5`],
  ["a Proxy of a Uint32Array", new Proxy(Uint32Array.of(1), {}), "TypeError", "typed array"],
  ["a detached Uint32Array", detached, "TypeError", '"$" expected token ids, got a detached array'],
  ["a detached Uint16Array", detachedShorts, "TypeError", '"$" expected token ids, got a detached'],
];
export const TOKENS: readonly Row[] = [
  ...NO_TOKENS,
  ["7", 7, "TypeError", '"$" expected token ids, got 7'],
  ["NaN", Number.NaN, "TypeError", '"$" expected token ids, got NaN'],
];
export const UNKNOWN_IDS: readonly Row[] = [
  ["an unknown id", [24912, 99999999], "invalid_token", "Invalid token for decoding: 99999999", 1],
  ["the largest id", Uint32Array.of(2 ** 32 - 1), "invalid_token", "decoding: 4294967295", 0],
  ["two unknown ids", [1, 99999998, 99999999], "invalid_token", "decoding: 99999998", 1],
];
export const BROKEN_UTF8: readonly Row[] = [
  ["half a character", [24912, 9552], "invalid_utf8", "Invalid utf-8 sequence: incomplete"],
];
const BROKEN_COMPLETIONS: readonly Row[] = [
  ["no <|start|>", [24912], "parse_failed", "token 24912 while expecting start token 200006", 0],
  ["no role", [200006, 200008], "parse_failed", "message header did not contain a role", 1],
  ["a role unknown", [200006, 13669, 200008], "parse_failed", "Unknown role: bot", 2],
  [
    "no channel's name",
    [200006, 1428, 200005, 200008],
    "parse_failed",
    "channel marker present",
    3,
  ],
  ["an id of no token", [200006, 99999999, 200008], "parse_failed", "could not decode header", 2],
];
export const PROCESS: readonly Row[] = [...NO_TOKENS, ...OUT_OF_RANGE, ...BROKEN_COMPLETIONS];
export const PUSHED: readonly Row[] = [...NO_TOKENS, ...OUT_OF_RANGE];
export const COMPLETION: readonly Row[] = [
  ...TOKENS,
  ...BROKEN_COMPLETIONS,
  ["no <|message|>", [200006, 1428], "parse_failed", "Unexpected EOS while waiting for message", 2],
];
export const SPECIAL_TEXT: readonly Row[] = [
  ...TEXT,
  ["a special token's text", "a <|end|>", "disallowed_special", "special token '<|end|>'"],
];
export const DISALLOWED: readonly Row[] = [
  ...SPECIALS,
  ["a text of the caller's", ["no", "lo w"], "disallowed_special", "special token 'lo w'"],
  ["the empty text", [""], "disallowed_special", "special token ''"],
];
