/**
 * A Responses request with the items that it only names: those of earlier
 * responses (`previous_response_id`) and of `item_reference`. This module
 * promises a request that needs no store, whose items are as they were written.
 */

import { isFields } from "../json/fields.js";
import { elementsOf, memberOf, membersOf, type Place, startOf } from "../json/source.js";
import { HttpError } from "./failure.js";
import type { Sender } from "./protocol.js";

/** A request, and the items that were inserted into it. */
export interface CompleteRequest {
  /** The request's JSON text. */
  text: string;
  /** The request's own input items, as the JSON text of an array. */
  input: string;
  /** How many items come before its own. */
  itemsBefore: number;
  previous?: string;
}

/** A conversation has no more responses than this. */
const MOST_RESPONSES = 10_000;

/** The request with all its items. Anything but a JSON object is left to whoever reads the request. */
export async function completeRequest(text: string, sender: Sender): Promise<CompleteRequest> {
  const body = parsed(text);
  if (!isFields(body)) return { text, input: "[]", itemsBefore: 0 };
  const previous =
    typeof body.previous_response_id === "string" ? body.previous_response_id : undefined;
  const own = await withoutReferences(ownItems(text), sender);
  const before = previous === undefined ? [] : await itemsBefore(previous, sender);
  const input = `[${own.items.join(",")}]`;
  const complete = {
    input,
    itemsBefore: before.length,
    ...(previous !== undefined && { previous }),
  };
  if (previous === undefined && !own.isChanged) return { text, ...complete };
  return { text: withInput(text, [...before, ...own.items]), ...complete };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The items of a request's `input`; a text is a user's message. */
function ownItems(text: string): string[] {
  const place = memberOf(text, startOf(text), "input");
  if (place === undefined) return [];
  const value = textAt(text, place);
  if (value.startsWith('"')) return [`{"type":"message","role":"user","content":${value}}`];
  return value.startsWith("[") ? elementsOf(text, place).map((each) => textAt(text, each)) : [];
}

function textAt(text: string, { start, end }: Place): string {
  return text.slice(start, end);
}

/** The items of a response and of all those before it, the oldest first. */
export async function itemsBefore(id: string, sender: Sender): Promise<string[]> {
  const responses: string[][] = [];
  let bytes = 0;
  for (let next: string | undefined = id; next !== undefined; ) {
    const turn = await sender.client.findResponse(next);
    if (turn === undefined || responses.length === MOST_RESPONSES) throw notFound(next);
    responses.push([...arrayItems(turn.input ?? "[]"), ...outputItems(turn.response)]);
    bytes += turn.response.length + (turn.input?.length ?? 0);
    if (bytes > sender.mostBytes) throw tooLong(sender.mostBytes);
    next = turn.previous;
  }
  return responses.toReversed().flat();
}

/** The output items of a stored response. */
export function outputItems(response: string): string[] {
  const place = memberOf(response, startOf(response), "output");
  return place === undefined
    ? []
    : elementsOf(response, place).map((each) => textAt(response, each));
}

function arrayItems(text: string): string[] {
  return elementsOf(text, startOf(text)).map((each) => textAt(text, each));
}

async function withoutReferences(items: readonly string[], { client }: Sender) {
  let isChanged = false;
  const found = await Promise.all(
    items.map(async (item, index) => {
      const id = item.includes('"id"') ? referenceIn(JSON.parse(item)) : undefined;
      if (id === undefined) return item;
      isChanged = true;
      const turn = await client.find(id);
      const named = outputItems(turn?.response ?? "{}").find((each) => JSON.parse(each).id === id);
      if (named !== undefined) return named;
      const message =
        `there is no item ${JSON.stringify(id)}: items of requests with "store": false are not ` +
        "stored; send the item itself";
      throw new HttpError(404, "invalid_request_error", "item_not_found", message, {
        param: `input[${index}].id`,
      });
    }),
  );
  return { items: found, isChanged };
}

/** The id of an `item_reference`, whose type may be left out. */
function referenceIn(item: unknown): string | undefined {
  if (!isFields(item) || typeof item.id !== "string") return undefined;
  const isUntyped = (item.type ?? undefined) === undefined && item.role === undefined;
  return item.type === "item_reference" || isUntyped ? item.id : undefined;
}

function withInput(text: string, items: readonly string[]): string {
  const members = Array.from(membersOf(text, startOf(text).start)).flatMap(([key, value]) => {
    const name: unknown = JSON.parse(textAt(text, key));
    if (name === "input" || name === "previous_response_id") return [];
    return [`${textAt(text, key)}:${textAt(text, value)}`];
  });
  return `{${[...members, `"input":[${items.join(",")}]`].join(",")}}`;
}

function notFound(id: string): HttpError {
  const message = `there is no response ${JSON.stringify(id)}: it was not stored, or was deleted`;
  return new HttpError(400, "invalid_request_error", "previous_response_not_found", message, {
    param: "previous_response_id",
  });
}

function tooLong(limit: number): HttpError {
  const message = `expected a conversation of at most ${limit} bytes in all its responses`;
  return new HttpError(413, "invalid_request_error", "request_too_large", message, {
    param: "previous_response_id",
  });
}
