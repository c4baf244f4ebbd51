/**
 * `encrypted_content` on its way out and back in. This module promises that a
 * content which this handler did not make for this client is refused, and that
 * one which it did leads back to the thought and, from a whole answer, to the
 * sampled ids.
 *
 * A streamed item ends before the turn does, so its content has the thought
 * alone; the response at the end of the stream has the ids of the turn.
 */

import { isFields } from "../json/fields.js";
import type { EncryptedContent, SealedTurn } from "../store/encrypted-content.js";
import type { SampledHistory } from "../types.js";
import type { ReasoningItem, ResponseObject, ResponseStreamEvent } from "../wire/responses.js";
import { HttpError } from "./failure.js";

/** What opens the contents of a request. */
export interface Opener {
  contents: EncryptedContent;
  owner: string;
  /** The highest id of the vocabulary. */
  maxToken: number;
}

/** A history that also has what the request's contents hold; `itemsBefore` counts items that are not its own. */
export async function withSealedTurns(
  history: SampledHistory,
  body: string,
  itemsBefore: number,
  { contents, owner, maxToken }: Opener,
): Promise<SampledHistory> {
  if (!body.includes('"encrypted_content"')) return history;
  const opened = new Map<string, SealedTurn>();
  for (const [index, content] of contentsIn(body)) {
    const turn = opened.get(content) ?? (await contents.open(owner, content));
    if (turn === undefined) throw refused(index - itemsBefore);
    const isKnown = turn.tokens?.every((token) => token <= maxToken) ?? true;
    opened.set(content, isKnown ? turn : { thought: turn.thought });
  }
  return {
    thought: (content) => opened.get(content)?.thought,
    find: (turn) =>
      history.find(turn) ??
      turn.encryptedContent
        .map((content) => opened.get(content)?.tokens)
        .findLast((tokens) => tokens !== undefined),
  };
}

function contentsIn(body: string): [index: number, content: string][] {
  const { input }: { input?: unknown } = Object(JSON.parse(body));
  const items: unknown[] = Array.isArray(input) ? input : [];
  return items.flatMap((item, index): [number, string][] => {
    const isThought = isFields(item) && item.type === "reasoning";
    const content = isThought ? item.encrypted_content : undefined;
    return typeof content === "string" ? [[index, content]] : [];
  });
}

function refused(index: number): HttpError {
  const message =
    "the encrypted_content cannot be verified: another server, another key or another client made " +
    "it, or it was changed; leave it out to continue without the thought";
  return new HttpError(400, "invalid_request_error", "invalid_encrypted_content", message, {
    param: index < 0 ? "previous_response_id" : `input[${index}].encrypted_content`,
  });
}

/** Makes the content of one turn. */
export type Seal = (turn: SealedTurn) => Promise<string>;

/** The response with a content in each thought; the last one has the ids of the turn. */
export async function sealedResponse(
  response: ResponseObject,
  tokens: Uint32Array,
  seal: Seal,
): Promise<ResponseObject> {
  const last = response.output.findLast(({ type }) => type === "reasoning");
  const output = await Promise.all(
    response.output.map((item) => {
      if (item.type !== "reasoning") return item;
      return sealedItem(item, seal, item === last ? tokens : undefined);
    }),
  );
  return { ...response, output };
}

/** The events with a content in each thought that is whole. */
export async function* sealedEvents(
  events: AsyncIterable<ResponseStreamEvent>,
  sampled: () => Uint32Array,
  seal: Seal,
): AsyncGenerator<ResponseStreamEvent, void, undefined> {
  for await (const event of events) {
    if (event.type === "response.output_item.done" && event.item.type === "reasoning") {
      yield { ...event, item: await sealedItem(event.item, seal) };
    } else if (event.type === "response.completed" || event.type === "response.incomplete") {
      yield { ...event, response: await sealedResponse(event.response, sampled(), seal) };
    } else yield event;
  }
}

async function sealedItem(
  item: ReasoningItem,
  seal: Seal,
  tokens?: Uint32Array,
): Promise<ReasoningItem> {
  const thought = item.content.map(({ text }) => text).join("");
  return { ...item, encrypted_content: await seal({ thought, ...(tokens && { tokens }) }) };
}
