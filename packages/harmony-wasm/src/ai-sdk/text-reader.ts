/** Reads the texts of one answer of any model, whole or as a stream. */

import { type HarmonyEncoding, parseHarmonyText } from "../index.js";
import { type Prompt, promptFromResponses, responseEvents } from "../openai/index.js";
import { addContent } from "./answer.js";
import { ContentEvents } from "./content-events.js";
import { MarkupText, type TextPiece } from "./markup-text.js";
import { toolsOf } from "./request.js";
import type { CallOptions, Content, ContentEvent, TextContent } from "./specification.js";

/** A part of whatever kind. */
export interface Typed {
  type: string;
}

/** Something that says why the completion ended. */
interface Ended {
  finishReason: { unified: string; raw: string | undefined };
}

/** A whole answer of any model. */
export interface AnyAnswer extends Ended {
  content: Typed[];
}

/** Text without markup, or what markup says. */
type Reading = { type: "plain"; text: string } | ContentEvent;

/** Reads the texts of one answer. */
export class TextReader {
  readonly #encoding: HarmonyEncoding;
  readonly #prompt: Prompt;
  readonly #content: ContentEvents;
  readonly #isStripped: boolean;

  constructor(encoding: HarmonyEncoding, params: CallOptions, isStripped: boolean) {
    this.#encoding = encoding;
    this.#isStripped = isStripped;
    this.#content = new ContentEvents({ isJson: params.responseFormat?.type === "json" });
    // Only its tools are used: calls get the names that were offered.
    const request = { input: "", tools: toolsOf(params) };
    this.#prompt = promptFromResponses(encoding, request, { unsupported: "warn" });
  }

  /** The answer, which ends for a call if there was one in its texts. */
  ended<Answer extends Ended>(answer: Answer): Answer {
    const { unified, raw } = answer.finishReason;
    if (!this.#content.hasCall || unified === "length") return answer;
    return { ...answer, finishReason: { unified: "tool-calls", raw } };
  }

  /** The parts of a text; the text itself where there is no markup in it. */
  async whole(part: TextContent): Promise<Content[]> {
    const content: Content[] = [];
    let hasMarkup = false;
    for await (const reading of this.#read([part.text])) {
      if (reading.type !== "plain") {
        hasMarkup = true;
        addContent(content, reading);
      } else if (reading.text !== "") content.push({ type: "text", text: reading.text });
    }
    return hasMarkup ? content : [part];
  }

  /** The parts of a stream with its texts read. */
  async *stream<Part extends Typed>(
    parts: AsyncGenerator<Part, void, undefined>,
  ): AsyncGenerator<Part | ContentEvent, void, undefined> {
    for (;;) {
      const { done, value } = await parts.next();
      if (done) return;
      if (isOfText(value, "text-start")) yield* this.#block(value, value.id, parts);
      else yield isEnded(value) ? this.ended(value) : value;
    }
  }

  /** One text of a stream. Parts of other kinds that come meanwhile keep their order. */
  async *#block<Part extends Typed>(
    start: Part,
    id: string,
    parts: AsyncGenerator<Part, void, undefined>,
  ): AsyncGenerator<Part | ContentEvent, void, undefined> {
    const others: Part[] = [];
    let end: Part | undefined;
    const deltas = async function* () {
      for (;;) {
        const { done, value } = await parts.next();
        if (done) return;
        if (isOfText(value, "text-delta") && value.id === id) yield value.delta;
        else if (isOfText(value, "text-end") && value.id === id) {
          end = value;
          return;
        } else others.push(value);
      }
    };
    let isOpen = false;
    let hasMarkup = false;
    for await (const reading of this.#read(deltas())) {
      yield* others.splice(0);
      if (reading.type === "plain") {
        if (!isOpen) yield start;
        isOpen = true;
        yield { type: "text-delta", id, delta: reading.text };
        continue;
      }
      if (isOpen) yield end ?? { type: "text-end", id };
      isOpen = false;
      hasMarkup = true;
      yield reading;
    }
    if (!hasMarkup && !isOpen) yield start;
    if (isOpen || !hasMarkup) yield end ?? { type: "text-end", id };
    yield* others;
  }

  async *#read(deltas: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Reading> {
    const pieces = this.#isStripped ? this.#wholeText(deltas) : this.#pieces(deltas);
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return;
      if (value.plain !== "") yield { type: "plain", text: value.plain };
      if (value.tokens.length > 0) yield* this.#markup(value, pieces);
    }
  }

  /** From the first marker on, all is markup. */
  async *#markup(first: TextPiece, rest: AsyncIterable<TextPiece>): AsyncGenerator<ContentEvent> {
    const tokens = async function* () {
      yield first.tokens;
      for await (const piece of rest) yield piece.tokens;
    };
    for await (const event of responseEvents(this.#encoding, this.#prompt, tokens())) {
      yield* this.#content.of(event);
    }
  }

  async *#pieces(deltas: AsyncIterable<string> | Iterable<string>): AsyncGenerator<TextPiece> {
    const text = new MarkupText(this.#encoding);
    for await (const delta of deltas) yield text.push(delta);
    yield text.end();
  }

  /** A text whose markers were removed, read when it is all there. */
  async *#wholeText(deltas: AsyncIterable<string> | Iterable<string>): AsyncGenerator<TextPiece> {
    let plain = "";
    for await (const delta of deltas) plain += delta;
    const text = plain.toWellFormed();
    const { messages } = parseHarmonyText(this.#encoding, text, "assistant");
    const [only, more] = messages;
    const isPlain = more === undefined && only?.message.content === text;
    const tokens = messages.flatMap(({ message }) => [...this.#encoding.render(message)]);
    yield isPlain
      ? { plain, tokens: new Uint32Array() }
      : { plain: "", tokens: Uint32Array.from(tokens) };
  }
}

/** Whether a part is a text. */
export function isText(part: Typed): part is TextContent {
  return part.type === "text" && "text" in part && typeof part.text === "string";
}

function isOfText<Type extends "text-start" | "text-delta" | "text-end">(
  part: Typed,
  type: Type,
): part is { type: Type; id: string; delta: string } {
  return part.type === type;
}

function isEnded(part: Typed): part is Typed & Ended {
  return part.type === "finish";
}
