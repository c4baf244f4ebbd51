/**
 * What becomes of a sample that is too long. Whole messages are left out, and
 * what is left is rendered anew, unless a cut is asked for.
 */

import { checkedOptions } from "../check/arguments.js";
import type { MessageSpan, RenderedConversation } from "../spans.js";
import { checkedCount, checkedKey } from "./checked.js";

/**
 * What is left out of a sample that is too long.
 *
 * - `"drop-sample"`: all of it; there is no sample.
 * - `"drop-oldest-turns"`: the oldest turns, each from a message of the user to
 *   the next. System and developer messages and the last turn stay; where they
 *   are too long by themselves, there is no sample.
 * - `"drop-last-messages"`: messages from the end.
 * - `"cut"`: all ids past the length, in the middle of a message or not.
 */
export type TruncationPolicy = "drop-sample" | "drop-oldest-turns" | "drop-last-messages" | "cut";

/** The most ids that a sample may have, and what is left out of longer ones. */
export interface Truncation {
  length: number;
  policy: TruncationPolicy;
}

type Rendered = RenderedConversation;
type Render = (messages: readonly number[]) => Rendered;
type Shorten = (rendered: Rendered, length: number, render: Render) => Rendered | undefined;

const POLICIES: Record<TruncationPolicy, Shorten> = {
  "drop-sample": () => undefined,
  "drop-oldest-turns": ({ spans }, length, render) => {
    return renderedOf(withoutOldestTurns(spans, length), render);
  },
  "drop-last-messages": ({ spans }, length, render) => {
    return renderedOf(
      spans.filter(({ end }) => end <= length),
      render,
    );
  },
  cut: ({ tokens, spans }, length) => ({
    tokens: tokens.slice(0, length),
    spans: spans.filter(({ start }) => start < length).map((span) => cutSpan(span, length)),
  }),
};

/** The function that shortens what is too long; undefined is no sample. */
export function checkedTruncation(truncation: Truncation | null | undefined) {
  if (truncation === undefined || truncation === null) return (rendered: Rendered) => rendered;
  const options = checkedOptions("options.truncation", truncation, ["length", "policy"]);
  const length = checkedCount("options.truncation.length", options.length, 1);
  const shorten = POLICIES[checkedKey("options.truncation.policy", options.policy, POLICIES)];
  return (rendered: Rendered, render: Render) =>
    rendered.tokens.length <= length ? rendered : shorten(rendered, length, render);
}

function renderedOf(spans: readonly MessageSpan[], render: Render): Rendered | undefined {
  return spans.length === 0 ? undefined : render(spans.map(({ message }) => message));
}

/** The spans that stay; none where too little can go. */
function withoutOldestTurns(spans: readonly MessageSpan[], length: number): MessageSpan[] {
  const stays = ({ role }: MessageSpan) => role === "system" || role === "developer";
  let left = spans.at(-1)?.end ?? 0;
  const oldest = spans.findIndex((span) => {
    if (span.role === "user" && left <= length) return true;
    if (!stays(span)) left -= span.end - span.start;
    return false;
  });
  return oldest < 0 ? [] : spans.filter((span, index) => index >= oldest || stays(span));
}

function cutSpan(span: MessageSpan, length: number): MessageSpan {
  return {
    ...span,
    content_start: Math.min(span.content_start, length),
    content_end: Math.min(span.content_end, length),
    end: Math.min(span.end, length),
  };
}
