/**
 * A constraint as the structural tag of vLLM and SGLang. This module promises a
 * tag of the formats that xgrammar has had since 0.1.24: strings, alternatives
 * and grammars, no stop token, which xgrammar refuses inside a tag.
 */

import { quoted, TEXT } from "./grammar-text.js";
import type { MessageConstraint, MessageContent } from "./message-constraint.js";

/** A tag, as it is sent in `response_format`. */
export interface StructuralTag {
  type: "structural_tag";
  format: object;
}

/** The tag of a constraint. */
export function structuralTag({ before, last }: MessageConstraint): StructuralTag {
  const messages = last.map(({ header, content }) => ({
    type: "sequence",
    elements: [{ type: "const_string", value: header.text }, contentFormat(content)],
  }));
  const first = before.map(
    ({ header, end }) => `(${quoted(header.text)} text ${quoted(end.text)})?`,
  );
  const grammar = `root ::= ${first.join(" ")}\ntext ::= ${TEXT}\n`;
  return {
    type: "structural_tag",
    format: {
      type: "sequence",
      elements: [
        { type: "grammar", grammar },
        { type: "or", elements: messages },
      ],
    },
  };
}

function contentFormat(content: MessageContent): object {
  if (content.type === "json")
    return { type: "json_schema", json_schema: JSON.parse(content.schema) };
  if (content.type === "regex") return { type: "regex", pattern: content.pattern };
  return { type: "grammar", grammar: `root ::= ${TEXT}\n` };
}
