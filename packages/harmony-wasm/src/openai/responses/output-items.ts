/** The items of a response: each kind's forms while it is open and when it is done, and its events. */

import type { CallPart, Part } from "../answer/reader.js";
import { isFields } from "../json/fields.js";
import type { AnswerOptions } from "../types.js";
import type {
  ContentPart,
  HarmonyCall,
  ItemStatus,
  OutputItem,
  OutputLogprob,
  ResponseStreamEvent,
  WebSearchAction,
} from "../wire/responses.js";

/** An event before it is numbered. */
type Unnumbered<E> = E extends ResponseStreamEvent ? Omit<E, "sequence_number"> : never;
export type UnnumberedEvent = Unnumbered<ResponseStreamEvent>;

/** Where an item is in the response. */
interface ItemPlace {
  item_id: string;
  output_index: number;
}

/** One item while it is written. */
export interface ItemWriter {
  /** The item at its start. */
  readonly open: OutputItem;
  started(place: ItemPlace): UnnumberedEvent[];
  delta(place: ItemPlace, delta: string, logprobs: OutputLogprob[]): UnnumberedEvent[];
  ended(place: ItemPlace, text: string, logprobs: OutputLogprob[]): UnnumberedEvent[];
  /** The item at its end. */
  done(text: string, status: ItemStatus, logprobs: OutputLogprob[]): OutputItem;
}

type NewId = NonNullable<AnswerOptions["newId"]>;
const OPEN = "in_progress" as const;

/** The writer of a part. `encrypt` makes the `encrypted_content` of a thought. */
export function itemWriter(
  part: Part,
  newId: NewId,
  encrypt: ((thought: string) => string) | undefined,
): ItemWriter {
  if (part.kind === "thought") return reasoningWriter(newId("rs_"), encrypt);
  if (part.kind === "text") return messageWriter(newId("msg_"), part.phase);
  if (part.builtin === "python") return codeWriter(newId("ci_"));
  if (part.builtin === "browser") return searchWriter(newId("ws_"), newId("call_"), part.name);
  if (part.type === "custom") return customCallWriter(newId("ctc_"), newId("call_"), part);
  return functionCallWriter(newId("fc_"), newId("call_"), part);
}

function reasoningWriter(
  id: string,
  encrypt: ((thought: string) => string) | undefined,
): ItemWriter {
  const open = { id, type: "reasoning" as const, summary: [], content: [], status: OPEN };
  const part = (text: string) => ({ type: "reasoning_text" as const, text });
  return {
    open,
    started: (place) => [partEvent("added", place, part(""))],
    delta: (place, delta) => [{ type: "response.reasoning_text.delta", ...first(place), delta }],
    ended: (place, text) => [
      { type: "response.reasoning_text.done", ...first(place), text },
      partEvent("done", place, part(text)),
    ],
    done: (text, status) => ({
      ...open,
      content: [part(text)],
      ...(encrypt && { encrypted_content: encrypt(text) }),
      status,
    }),
  };
}

function messageWriter(id: string, phase: "commentary" | "final_answer"): ItemWriter {
  const role = "assistant" as const;
  const open = { id, type: "message" as const, role, status: OPEN, phase, content: [] };
  const part = (text: string, logprobs: OutputLogprob[]) => ({
    type: "output_text" as const,
    text,
    annotations: [] as [],
    logprobs,
  });
  return {
    open,
    started: (place) => [partEvent("added", place, part("", []))],
    delta: (place, delta, logprobs) => [
      { type: "response.output_text.delta", ...first(place), delta, logprobs },
    ],
    ended: (place, text, logprobs) => [
      { type: "response.output_text.done", ...first(place), text, logprobs },
      partEvent("done", place, part(text, logprobs)),
    ],
    done: (text, status, logprobs) => ({ ...open, content: [part(text, logprobs)], status }),
  };
}

function functionCallWriter(id: string, call_id: string, part: CallPart): ItemWriter {
  const open = { ...callOf(id, call_id, part), type: "function_call" as const, arguments: "" };
  return {
    open,
    started: () => [],
    delta: (place, delta) => [{ type: "response.function_call_arguments.delta", ...place, delta }],
    ended: (place, text) => [
      {
        type: "response.function_call_arguments.done",
        ...place,
        name: part.name,
        arguments: text,
      },
    ],
    done: (text, status) => ({ ...open, arguments: text, status }),
  };
}

function customCallWriter(id: string, call_id: string, part: CallPart): ItemWriter {
  const open = { ...callOf(id, call_id, part), type: "custom_tool_call" as const, input: "" };
  return {
    open,
    started: () => [],
    delta: (place, delta) => [{ type: "response.custom_tool_call_input.delta", ...place, delta }],
    ended: (place, text) => [
      { type: "response.custom_tool_call_input.done", ...place, input: text },
    ],
    done: (text, status) => ({ ...open, input: text, status }),
  };
}

function callOf(id: string, call_id: string, { name, namespace }: CallPart) {
  return { id, call_id, name, ...(namespace !== undefined && { namespace }), status: OPEN };
}

/** Code for the python tool. The caller runs it, and sends the item back with its outputs. */
function codeWriter(id: string): ItemWriter {
  const type = "code_interpreter_call" as const;
  const open = { id, type, code: "", container_id: "", outputs: null, status: OPEN };
  return {
    open,
    started: (place) => [{ type: "response.code_interpreter_call.in_progress", ...place }],
    delta: (place, delta) => [
      { type: "response.code_interpreter_call_code.delta", ...place, delta },
    ],
    ended: (place, code) => [
      { type: "response.code_interpreter_call_code.done", ...place, code },
      { type: "response.code_interpreter_call.interpreting", ...place },
      { type: "response.code_interpreter_call.completed", ...place },
    ],
    done: (code, status) => ({ ...open, code, status }),
  };
}

/**
 * A call of the browser. The API's item has neither its arguments nor a place for its results:
 * `harmony` has the call, which a `function_call_output` of its `call_id` answers.
 */
function searchWriter(id: string, call_id: string, name: string): ItemWriter {
  const call = (text: string): HarmonyCall => ({ call_id, name, arguments: text });
  const item = (text: string, status: ItemStatus) => ({
    id,
    type: "web_search_call" as const,
    action: actionOf(name, text),
    harmony: call(text),
    status,
  });
  return {
    open: item("", OPEN),
    started: (place) => [
      { type: "response.web_search_call.in_progress", ...place },
      { type: "response.web_search_call.searching", ...place },
    ],
    delta: () => [],
    ended: (place) => [{ type: "response.web_search_call.completed", ...place }],
    done: (text, status) => item(text, status),
  };
}

/** The action that a call of the browser is, as far as its arguments are JSON. */
function actionOf(name: string, text: string): WebSearchAction {
  const fields = fieldsOf(text);
  const word = (field: string) => (typeof fields[field] === "string" ? fields[field] : "");
  if (name.endsWith(".open")) return { type: "open_page", url: word("id") || null };
  if (name.endsWith(".find")) return { type: "find_in_page", pattern: word("pattern"), url: "" };
  return { type: "search", query: word("query"), queries: [word("query")] };
}

function fieldsOf(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function first(place: ItemPlace) {
  return { ...place, content_index: 0 };
}

function partEvent(what: "added" | "done", place: ItemPlace, part: ContentPart): UnnumberedEvent {
  return { type: `response.content_part.${what}`, ...first(place), part };
}
