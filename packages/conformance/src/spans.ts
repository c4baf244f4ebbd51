/**
 * Renders every conversation again with spans and cuts the ids at them: the ids
 * must be equal, and each part must equal its message rendered alone.
 */

import type {
  Conversation,
  ConversationInput,
  HarmonyEncoding,
  Message,
  MessageSpan,
  RenderWithSpansOptions,
} from "harmony-wasm";

/** Throws if the spans of the rendering with the ids `tokens` are wrong. */
export function checkSpans(
  encoding: HarmonyEncoding,
  conversation: ConversationInput,
  options: RenderWithSpansOptions,
  tokens: Uint32Array,
): void {
  const rendered = encoding.renderWithSpans(conversation, options);
  insist(sameIds(rendered.tokens, tokens), "renderWithSpans gives other ids");
  checkOrder(rendered.spans, tokens.length, options.for === "completion");
  const messages = messagesOf(conversation);
  const hasTools = hasFunctionTools(messages);
  for (const span of rendered.spans) {
    const message = messages[span.message];
    insist(message !== undefined, `a span names message ${span.message}, which does not exist`);
    checkFields(span, message);
    checkContent(encoding, tokens, span, message);
    // Parsing JSON text to objects loses details of schemas, so the text is rendered.
    if (typeof conversation === "string" && typeof message.content !== "string") continue;
    const isLast = options.for === "training" && span.message === messages.length - 1;
    const alone = encoding.render(message, { conversation_has_function_tools: hasTools });
    const part = tokens.subarray(span.start, isLast ? span.content_end : span.end);
    insist(sameIds(part, alone.subarray(0, part.length)), `message ${span.message} is not itself`);
    insist(span.end - span.start === alone.length, `message ${span.message} is of another length`);
  }
}

/** Each span begins where the last one ended; only a prompt has ids after the last. */
function checkOrder(spans: readonly MessageSpan[], length: number, isPrompt: boolean): void {
  let [end, message] = [0, -1];
  for (const span of spans) {
    const places = [end, span.start, span.content_start, span.content_end, span.end];
    insist(span.start === end && span.message > message, `the spans have a gap at ${end}`);
    insist(span.content_end === span.end - 1, `no terminator at ${span.content_end}`);
    insist(
      places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0)),
      `${places} do not ascend`,
    );
    [end, message] = [span.end, span.message];
  }
  insist(isPrompt ? end < length : end === length, `the spans end at ${end} of ${length}`);
}

function checkFields(span: MessageSpan, message: Message): void {
  const found = [span.role, span.channel, span.recipient];
  const given = [message.role, message.channel ?? undefined, message.recipient ?? undefined];
  insist(String(found) === String(given), `the span of ${given} says ${found}`);
}

/** A header has special tokens only at its ends; the body decodes to the message's text. */
function checkContent(
  encoding: HarmonyEncoding,
  tokens: Uint32Array,
  span: MessageSpan,
  message: Message,
): void {
  const header = encoding.decodeUtf8(tokens.subarray(span.start, span.content_start));
  insist(header.startsWith("<|start|>") && header.endsWith("<|message|>"), `a header ${header}`);
  const body = tokens.subarray(span.content_start, span.content_end);
  insist(!body.some((token) => encoding.isSpecialToken(token)), "a special token in the content");
  if (typeof message.content !== "string") return;
  insist(encoding.decodeUtf8(body) === message.content, `the content is not ${message.content}`);
}

function messagesOf(conversation: ConversationInput): readonly Message[] {
  const given: Conversation | readonly Message[] =
    typeof conversation === "string" ? JSON.parse(conversation) : conversation;
  return "messages" in given ? given.messages : given;
}

function hasFunctionTools(messages: readonly Message[]): boolean {
  const contents = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  return contents.some(
    (content) => content.type === "developer_content" && content.tools?.functions?.tools.length,
  );
}

function sameIds(left: Uint32Array, right: Uint32Array): boolean {
  return left.length === right.length && left.every((token, index) => token === right[index]);
}

function insist(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
