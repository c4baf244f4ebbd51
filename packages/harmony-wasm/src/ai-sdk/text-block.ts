/**
 * One text of an answer, read as it comes. This module promises that what a delta makes known of a
 * text comes with that delta, whatever other texts come meanwhile.
 */

import { type HarmonyEncoding, parseHarmonyText } from "../index.js";
import type { Prompt, ResponseStreamEvent } from "../openai/index.js";
import { ContentEvents } from "./content-events.js";
import { FedEvents } from "./fed-events.js";
import { MarkupText, type TextPiece } from "./markup-text.js";
import type { ContentEvent } from "./specification.js";

/** Text without markup, or what markup says. */
export type Reading = { type: "plain"; text: string } | ContentEvent;

/** How the texts of one answer are read. */
export interface TextSettings {
  encoding: HarmonyEncoding;
  /** Only its tools are used: calls get the names that were offered. */
  prompt: Prompt;
  /** Whether the answer must be JSON. */
  isJson: boolean;
  /** Whether the markers were removed. */
  isStripped: boolean;
}

/** Reads one text. */
export class TextBlock {
  readonly #settings: TextSettings;
  readonly #text: MarkupText;
  readonly #content: ContentEvents;
  #markup: FedEvents | undefined;
  /** Of a text whose markers were removed, which is read when it is all there. */
  #held = "";

  constructor(settings: TextSettings) {
    this.#settings = settings;
    this.#text = new MarkupText(settings.encoding);
    this.#content = new ContentEvents({ isJson: settings.isJson });
  }

  /** Whether there was a call in it. */
  get hasCall(): boolean {
    return this.#content.hasCall;
  }

  /** What another piece of the text says. */
  async *push(delta: string): AsyncGenerator<Reading> {
    if (this.#settings.isStripped) this.#held += delta;
    else yield* this.#read(this.#text.push(delta));
  }

  /** What the rest says. */
  async *end(): AsyncGenerator<Reading> {
    yield* this.#read(this.#settings.isStripped ? this.#wholeText() : this.#text.end());
    if (this.#markup) yield* this.#said(this.#markup.end());
  }

  /** From the first marker on, all is markup. */
  async *#read({ plain, tokens }: TextPiece): AsyncGenerator<Reading> {
    if (plain !== "") yield { type: "plain", text: plain };
    if (tokens.length === 0) return;
    this.#markup ??= new FedEvents(this.#settings.encoding, this.#settings.prompt);
    yield* this.#said(this.#markup.push(tokens));
  }

  async *#said(events: AsyncIterable<ResponseStreamEvent>): AsyncGenerator<ContentEvent> {
    for await (const event of events) yield* this.#content.of(event);
  }

  #wholeText(): TextPiece {
    const { encoding, prompt } = this.#settings;
    const text = this.#held.toWellFormed();
    const tools = [...prompt.tools.keys()];
    const { messages } = parseHarmonyText(encoding, text, "assistant", { tools });
    const [only, more] = messages;
    const isPlain = more === undefined && only?.message.content === text;
    if (isPlain) return { plain: this.#held, tokens: new Uint32Array() };
    const tokens = messages.flatMap(({ message }) => [...encoding.render(message)]);
    return { plain: "", tokens: Uint32Array.from(tokens) };
  }
}

/** A text of a stream, with the parts that begin and end it. */
export class StreamedText<Part extends { type: string }> {
  readonly #start: Part | ContentEvent;
  readonly #id: string;
  readonly #block: TextBlock;
  #isOpen = false;
  #hasMarkup = false;

  constructor(start: Part | ContentEvent, id: string, block: TextBlock) {
    this.#start = start;
    this.#id = id;
    this.#block = block;
  }

  /** The parts that a delta makes known. */
  async *push(delta: string): AsyncGenerator<Part | ContentEvent> {
    for await (const reading of this.#block.push(delta)) yield* this.#say(reading);
  }

  /** The rest; `end` is the part that ends the text in the stream, if it has one. */
  async *end(end?: Part): AsyncGenerator<Part | ContentEvent> {
    for await (const reading of this.#block.end()) yield* this.#say(reading);
    if (!this.#hasMarkup && !this.#isOpen) yield this.#start;
    if (this.#isOpen || !this.#hasMarkup) yield end ?? this.#end;
  }

  get #end(): ContentEvent {
    return { type: "text-end", id: this.#id };
  }

  *#say(reading: Reading): Generator<Part | ContentEvent> {
    if (reading.type === "plain") {
      if (!this.#isOpen) yield this.#start;
      this.#isOpen = true;
      yield { type: "text-delta", id: this.#id, delta: reading.text };
      return;
    }
    if (this.#isOpen) yield this.#end;
    this.#isOpen = false;
    this.#hasMarkup = true;
    yield reading;
  }
}
