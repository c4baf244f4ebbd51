/**
 * Rendering many rows of JSON in one call: checks the options, and gives views of
 * the arrays that cross the boundary. Rust reads and renders the rows.
 */

import {
  checkedOptions,
  checkedTexts,
  checkedToken,
  described,
  typedArrayName,
} from "./check/arguments.js";
import { CHAT_MESSAGE_FIELDS, CHAT_REQUEST_FIELDS, SCHEMA_FIELDS } from "./check/foreign-shapes.js";
import { conversationJson } from "./check/json-text.js";
import type { BoundaryEncoding } from "./generated/glue.js";
import {
  checkedNextTurnRole,
  checkedPurpose,
  type FlatSpans,
  type MessageSpan,
  type RenderWithSpansOptions,
  type SpanReader,
} from "./spans.js";
import type { Message } from "./types.js";

/** Options of `renderRows`. */
export interface RenderRowsOptions extends Pick<RenderWithSpansOptions, "for" | "nextTurnRole"> {
  /**
   * `"harmony"`: conversations as {@link HarmonyEncoding.renderConversation} takes them.
   * `"chat"`: plain rows of Chat Completions, which are texts and thoughts; other rows are left
   * out, and `conversationFromChatCompletions` of `harmony-wasm/openai` maps them. Default
   * `"harmony"`.
   */
  shape?: "harmony" | "chat";
  /** Messages that begin every conversation; their indices in spans come first. Default none. */
  preface?: readonly Message[];
  /** Which analysis is rendered, as in `harmony-wasm/train`. Default `"upstream"`. */
  analysis?: "upstream" | "keep" | "drop-history";
  /** A row with more ids is left out. Default all rows are rendered. */
  mostTokens?: number;
  /** A row that has one of these fields, at any depth, is left out. */
  fields?: readonly string[];
  /** A row that has one of these fields beside its messages is left out. */
  rowFields?: readonly string[];
}

const OPTIONS = [
  "for",
  "nextTurnRole",
  "shape",
  "preface",
  "analysis",
  "mostTokens",
  "fields",
  "rowFields",
] as const;
const SHAPES = ["harmony", "chat"];
const POLICIES = ["upstream", "keep", "drop-history"];
/** A message's own flag for the loss mask, which `harmony-wasm/train` reads. */
const TRAIN_FLAG = "train";
const MOST_TOKENS = 2 ** 32 - 1;
const decoder = new TextDecoder();

/** Rendered rows, as views of the arrays of all of them. */
export class RenderedRows {
  readonly #tokens: Uint32Array;
  readonly #spans: FlatSpans;
  /** For each row, where its ids and its spans end. */
  readonly #ends: Uint32Array;

  /** @internal */
  constructor(tokens: Uint32Array, spans: FlatSpans, ends: Uint32Array) {
    this.#tokens = tokens;
    this.#spans = spans;
    this.#ends = ends;
  }

  /** The ids of a row; undefined for a row that was left out. */
  tokensAt(row: number): Uint32Array | undefined {
    const [tokens, spans, tokensEnd, spansEnd] = this.#places(row);
    return spans < spansEnd ? this.#tokens.subarray(tokens, tokensEnd) : undefined;
  }

  /** The spans of a row. */
  spansAt(row: number): MessageSpan[] {
    const [, start, , end] = this.#places(row);
    return this.#spans.between(start, end);
  }

  #places(row: number): [tokens: number, spans: number, tokensEnd: number, spansEnd: number] {
    const at = (index: number) => this.#ends[index] ?? 0;
    return [at(2 * row - 2), at(2 * row - 1), at(2 * row), at(2 * row + 1)];
  }
}

/** The options as the boundary takes them. */
export function checkedRowSettings(given: RenderRowsOptions | null | undefined): string {
  const options = checkedOptions<RenderRowsOptions>("options", given, OPTIONS);
  const purpose = checkedPurpose(options.for ?? "conversation");
  const shape = checkedChoice("shape", options.shape ?? "harmony", SHAPES);
  // A plain chat row has none of these fields anyway.
  const foreign = shape === "harmony" ? FOREIGN : { fields: [], rowFields: [] };
  return JSON.stringify({
    nextTurnRole: checkedNextTurnRole(purpose, options.nextTurnRole),
    training: purpose === "training",
    shape,
    preface: prefaceText(options.preface),
    analysis: checkedChoice("analysis", options.analysis ?? "upstream", POLICIES),
    mostTokens: checkedToken("options.mostTokens", options.mostTokens ?? MOST_TOKENS),
    fields: [...foreign.fields, ...checkedFields("fields", options.fields)],
    rowFields: [...foreign.rowFields, ...checkedFields("rowFields", options.rowFields)],
  });
}

/** Fields of other APIs, which harmony's reader would leave out. */
const FOREIGN = {
  fields: [...CHAT_MESSAGE_FIELDS, ...SCHEMA_FIELDS, TRAIN_FLAG],
  rowFields: CHAT_REQUEST_FIELDS,
};

function checkedChoice(option: string, value: unknown, choices: readonly string[]): string {
  if (typeof value === "string" && choices.includes(value)) return value;
  const known = choices.join(", ");
  throw new TypeError(`"options.${option}" expected one of ${known}, got ${described(value)}`);
}

/** The conversation of the messages that begin every one, as JSON text. */
function prefaceText(messages: unknown): string | null {
  if (messages === undefined || messages === null) return null;
  if (!Array.isArray(messages)) {
    throw new TypeError(`"options.preface" expected messages, got ${described(messages)}`);
  }
  const json = conversationJson(messages);
  return typeof json === "string" ? json : decoder.decode(json);
}

function checkedFields(option: string, names: unknown): string[] {
  if (names === undefined || names === null) return [];
  if (!Array.isArray(names)) {
    throw new TypeError(`"options.${option}" expected an array of names, got ${described(names)}`);
  }
  return checkedTexts(`options.${option}`, names);
}

/** UTF-8 of rows. */
export function checkedBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && typedArrayName.call(value) === "Uint8Array") return value;
  throw new TypeError(`"rows" expected a Uint8Array, got ${described(value)}`);
}

/** Where rows end: ascending positions up to `length`. */
export function checkedEnds(value: unknown, length: number): Uint32Array {
  if (!(value instanceof Uint32Array && typedArrayName.call(value) === "Uint32Array")) {
    throw new TypeError(`"ends" expected a Uint32Array, got ${described(value)}`);
  }
  const wrong = value.findIndex((end, at) => end < (value[at - 1] ?? 0) || end > length);
  if (wrong < 0) return value;
  const wanted = `ascending positions up to ${length}`;
  throw new RangeError(`"ends[${wrong}]" expected ${wanted}, got ${value[wrong]}`);
}

/** @internal Fetches the rows of the last call. */
export function takeRows(
  encoding: BoundaryEncoding,
  tokens: Uint32Array,
  spans: SpanReader,
): RenderedRows {
  return new RenderedRows(tokens, spans.take(encoding), encoding.take_row_ends());
}

/** The proof of a row of ids. */
export interface ProvedRow {
  /** The number of its messages. */
  messages: number;
  /** Those whose author upstream's parser does not know: a tool that answers nobody. */
  unparsed: number;
}

/** @internal The rows of the numbers that cross the boundary: two a row. */
export function provedRows(numbers: Uint32Array): (ProvedRow | undefined)[] {
  return Array.from({ length: numbers.length / 2 }, (_, row) => {
    const [counted = 0, unparsed = 0] = numbers.subarray(2 * row, 2 * row + 2);
    return counted === 0 ? undefined : { messages: counted - 1, unparsed };
  });
}
