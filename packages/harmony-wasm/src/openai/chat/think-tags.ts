/** Chains of thought that a text has in tags, as models of other formats write them. */

import { RequestError } from "../errors.js";

/** The tags before and after a chain of thought. */
const OPENING = /<(think|thinking|thought|reasoning)>|\[THINK\]|◁think▷/i;
const CLOSING = /<\/(think|thinking|thought|reasoning)>|\[\/THINK\]|◁\/think▷/i;

/** A text without its thought. */
export interface Untagged {
  think?: string;
  content: string;
}

/** Options for reading tags. */
export interface ThinkTagOptions {
  /** Read a leading `<think>…</think>` of an assistant's text as its reasoning. Default: refuse it. */
  thinkTags?: boolean;
  /** Render tags as text. */
  allowMarkup?: boolean;
}

/** The option that reads tags. */
const OPTION = "thinkTags" satisfies keyof ThinkTagOptions;

/**
 * Splits a text at its closing tag. The opening one may be missing, because the templates of some
 * models write it in the prompt.
 *
 * @throws {RequestError} `unsupported_content` for tags that are not read.
 */
export function withoutThinkTags(text: string, path: string, options: ThinkTagOptions): Untagged {
  const closing = CLOSING.exec(text);
  const first = OPENING.exec(text);
  const opening = first && text.slice(0, first.index).trim() === "" ? first : null;
  if (!opening && !closing) return { content: text };
  if (!options.thinkTags) {
    if (options.allowMarkup) return { content: text };
    const tag = (opening ?? closing)?.[0].trim();
    const message = `the text has a chain of thought in tags (${tag}): pass ${OPTION} to read it`;
    throw refused(message, path, OPTION);
  }
  if (!closing) throw refused(`expected a closing tag after ${opening?.[0].trim()}`, path);
  const start = opening ? opening.index + opening[0].length : 0;
  const think = text.slice(start, closing.index).trim();
  const content = text.slice(closing.index + closing[0].length).trimStart();
  if (OPENING.test(think) || OPENING.test(content) || CLOSING.test(content)) {
    throw refused("expected one chain of thought in tags, got several", path);
  }
  return { ...(think !== "" && { think }), content };
}

function refused(message: string, path: string, option?: string): RequestError {
  return new RequestError("unsupported_content", message, path, option);
}
