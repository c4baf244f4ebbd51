/** Stored responses under their ids: retrieve, delete, and list what they were asked. */

import { type Fields, isPresent } from "../json/fields.js";
import { HttpError } from "./failure.js";
import type { Sender } from "./protocol.js";
import { itemsBefore } from "./stored-input.js";

/** How many items a list has at most. */
const MOST_LISTED = 100;
const LISTED = 20;

/** The response as it was answered. */
export async function retrieveResponse({ client }: Sender, id: string, request: Request) {
  if (new URL(request.url).searchParams.get("stream") === "true") {
    const message = "a stored response is not streamed again: leave out stream";
    throw new HttpError(400, "invalid_request_error", "unsupported_parameter", message, {
      param: "stream",
    });
  }
  const turn = await client.findResponse(id);
  if (turn === undefined) throw notFound(id);
  return new Response(turn.response, { headers: { "content-type": "application/json" } });
}

/** Forgets the response. What continues it cannot be continued after that. */
export async function deleteResponse({ client }: Sender, id: string) {
  if (!(await client.delete(id))) throw notFound(id);
  return Response.json({ id, object: "response", deleted: true });
}

/** The items that the response was asked, those of the responses before it included. */
export async function listInputItems(sender: Sender, id: string, request: Request) {
  const turn = await sender.client.findResponse(id);
  if (turn === undefined) throw notFound(id);
  const before = turn.previous === undefined ? [] : await itemsBefore(turn.previous, sender);
  const own: unknown[] = JSON.parse(turn.input ?? "[]");
  const items = [...before.map((item) => JSON.parse(item)), ...own].map((item, index) =>
    listed(Object(item), `item_${id.slice(id.indexOf("_") + 1)}_${index}`),
  );
  const { searchParams } = new URL(request.url);
  return Response.json(pageOf(items, searchParams));
}

/** An item as the API lists it: a request may leave out the type, and may write the content as text. */
function listed({ id, type, content, status, ...item }: Fields, newId: string) {
  const isMessage = !isPresent(type) || type === "message";
  const isText = isMessage && typeof content === "string";
  const text = item.role === "assistant" ? WRITTEN : { type: "input_text" };
  return {
    ...{ id: id ?? newId, type: type ?? "message", status: status ?? "completed" },
    ...item,
    ...(content !== undefined && { content: isText ? [{ ...text, text: content }] : content }),
  };
}

const WRITTEN = { type: "output_text", annotations: [], logprobs: [] };

/** The newest first, unless `order` says otherwise, from the one after `after`. */
function pageOf(items: readonly { id: unknown }[], query: URLSearchParams) {
  const order = query.get("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw invalid("order", "asc or desc", order);
  const ordered = order === "asc" ? items : items.toReversed();
  const after = query.get("after");
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  // From the start again, a client would read the same pages without an end.
  if (after !== null && start === 0) throw invalid("after", "the id of an item of the list", after);
  const limit = Number(query.get("limit") ?? LISTED);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED)) {
    throw invalid("limit", `a whole number from 1 to ${MOST_LISTED}`, query.get("limit"));
  }
  const data = ordered.slice(start, start + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + limit < ordered.length,
  };
}

function invalid(param: string, expected: string, got: string | null): HttpError {
  const message = `expected ${expected}, got ${JSON.stringify(got)}`;
  return new HttpError(400, "invalid_request_error", "invalid_value", message, { param });
}

function notFound(id: string): HttpError {
  const message = `there is no response ${JSON.stringify(id)}: it was not stored, or was deleted`;
  return new HttpError(404, "invalid_request_error", "response_not_found", message);
}
