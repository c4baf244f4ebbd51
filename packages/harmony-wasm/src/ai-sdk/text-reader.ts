/** Reads the texts of one answer of any model, whole or as a stream. */

import type { HarmonyEncoding } from "../index.js";
import { promptFromResponses } from "../openai/index.js";
import { addContent } from "./answer.js";
import { toolsOf } from "./request.js";
import type { CallOptions, Content, ContentEvent, TextContent } from "./specification.js";
import { StreamedText, TextBlock, type TextSettings } from "./text-block.js";

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

/** Reads the texts of one answer. */
export class TextReader {
  readonly #settings: TextSettings;
  readonly #blocks: TextBlock[] = [];

  constructor(encoding: HarmonyEncoding, params: CallOptions, isStripped: boolean) {
    const request = { input: "", tools: toolsOf(params) };
    const prompt = promptFromResponses(encoding, request, { unsupported: "warn" });
    const isJson = params.responseFormat?.type === "json";
    this.#settings = { encoding, prompt, isJson, isStripped };
  }

  /** The answer, which ends for a call if there was one in its texts. */
  ended<Answer extends Ended>(answer: Answer): Answer {
    const { unified, raw } = answer.finishReason;
    const hasCall = this.#blocks.some((block) => block.hasCall);
    if (!hasCall || unified === "length") return answer;
    return { ...answer, finishReason: { unified: "tool-calls", raw } };
  }

  /** The parts of a text; the text itself where there is no markup in it. */
  async whole(part: TextContent): Promise<Content[]> {
    const block = this.#block();
    const content: Content[] = [];
    let hasMarkup = false;
    for (const readings of [block.push(part.text), block.end()]) {
      for await (const reading of readings) {
        if (reading.type !== "plain") {
          hasMarkup = true;
          addContent(content, reading);
        } else if (reading.text !== "") content.push({ type: "text", text: reading.text });
      }
    }
    return hasMarkup ? content : [part];
  }

  /**
   * The parts of a stream with its texts read. Parts of other kinds pass at once, but an error and
   * the end come after the texts before them.
   */
  async *stream<Part extends Typed>(
    parts: AsyncGenerator<Part, void, undefined>,
  ): AsyncGenerator<Part | ContentEvent, void, undefined> {
    const texts = new Map<string, StreamedText<Part>>();
    for await (const part of parts) {
      if (isOfText(part, "text-start")) texts.set(part.id, this.#textFrom(part, part.id));
      else if (isOfText(part, "text-delta")) yield* this.#delta(texts, part);
      else if (isOfText(part, "text-end")) {
        yield* texts.get(part.id)?.end(part) ?? [];
        texts.delete(part.id);
      } else {
        if (part.type === "error" || isEnded(part)) yield* endOf(texts);
        yield isEnded(part) ? this.ended(part) : part;
      }
    }
    yield* endOf(texts);
  }

  /** A text that goes on after an error begins once more. */
  async *#delta<Part extends Typed>(
    texts: Map<string, StreamedText<Part>>,
    { id, delta }: { id: string; delta: string },
  ): AsyncGenerator<Part | ContentEvent> {
    const text = texts.get(id) ?? this.#textFrom<Part>({ type: "text-start", id }, id);
    texts.set(id, text);
    yield* text.push(delta);
  }

  #textFrom<Part extends Typed>(start: Part | ContentEvent, id: string): StreamedText<Part> {
    return new StreamedText(start, id, this.#block());
  }

  #block(): TextBlock {
    const block = new TextBlock(this.#settings);
    this.#blocks.push(block);
    return block;
  }
}

/** What remains of the texts that are open. */
async function* endOf<Part extends Typed>(
  texts: Map<string, StreamedText<Part>>,
): AsyncGenerator<Part | ContentEvent> {
  for (const text of texts.values()) yield* text.end();
  texts.clear();
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
