/**
 * Truncation of samples that are too long: drops whole messages and renders the
 * rest again, or cuts the ids.
 */

import { checkedOptions } from "../check/arguments.js";
import type { MessageSpan, RenderedConversation } from "../spans.js";
import { checkedCount, checkedKey } from "./checked.js";

/**
 * What to drop from a sample that is too long. If no id that is trained on
 * is left, the sample is dropped.
 *
 * - `"drop-sample"`: the whole sample.
 * - `"drop-oldest-turns"`: the oldest turns; a turn begins with a user message.
 *   System and developer messages and the last turn stay; if they are too long,
 *   the sample is dropped.
 * - `"drop-last-messages"`: messages from the end.
 * - `"cut"`: all ids after the length, even inside a message.
 */
export type TruncationPolicy = "drop-sample" | "drop-oldest-turns" | "drop-last-messages" | "cut";

/** The maximum number of ids in a sample, and what to drop from longer ones. */
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

/** Returns the function that shortens a sample; undefined means that it is dropped. */
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

/** The spans that stay; none if the rest is too long. */
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
