/**
 * The messages of a constraint up to the content of the last one, as a pattern
 * of ids. It can be followed id by id, and gives the grammar of what may still
 * come, so that an engine may sample in slices and none of them can leave it.
 */

import { TEXT } from "./grammar-text.js";
import type { MessageConstraint, MessageContent } from "./message-constraint.js";

/** An id, or free text up to the id after it. */
type Element = number | "text";

/** One way to write the messages. */
interface Path {
  elements: readonly Element[];
  content: MessageContent;
}

/** A place in a path. */
interface State {
  path: Path;
  at: number;
}

/** Follows the ids of one completion. */
export class TokenPattern {
  #states: readonly State[];

  constructor({ before, last }: MessageConstraint) {
    const starts = before.reduce<Element[][]>(
      (paths, { header, end }) =>
        paths.flatMap((path) => [path, [...path, ...header.tokens, "text", ...end.tokens]]),
      [[]],
    );
    const paths = starts.flatMap((start) =>
      last.map(({ header, content }) => ({ elements: [...start, ...header.tokens], content })),
    );
    this.#states = paths.map((path) => ({ path, at: 0 }));
  }

  /** What the last message must hold, once its header is there. */
  get content(): MessageContent | undefined {
    return this.#states.find(({ path, at }) => at === path.elements.length)?.path.content;
  }

  /** Follows one more id. Gives whether it belongs to the pattern; if not, nothing is followed. */
  push(token: number): boolean {
    const next = this.#states.flatMap((state) => afterToken(state, token));
    if (next.length > 0) this.#states = next;
    return next.length > 0;
  }

  /** The grammar of the rest, in llama.cpp's notation. */
  get grammar(): string {
    const rests = this.#states.map(({ path, at }) =>
      path.elements
        .slice(at)
        .map((element) => (element === "text" ? "text" : `<[${element}]>`))
        .join(" "),
    );
    return `root ::= ${[...new Set(rests)].join(" | ")}\ntext ::= ${TEXT}\n`;
  }
}

function afterToken({ path, at }: State, token: number): State[] {
  const element = path.elements[at];
  if (element !== "text") return element === token ? [{ path, at: at + 1 }] : [];
  return path.elements[at + 1] === token ? [{ path, at: at + 2 }] : [{ path, at }];
}
