/** Converts the items of Responses to harmony's messages. Consecutive items of the model are one turn. */

import { contentAt, joinedText, resultTextAt } from "../conversation/content.js";
import type { Draft, Origin } from "../conversation/draft.js";
import { RequestError } from "../errors.js";
import {
  arrayAt,
  entryOf,
  type Fields,
  fieldsAt,
  isFields,
  isPresent,
  optionalTextAt,
  textAt,
} from "../json/fields.js";
import type { Reporter } from "../prompt/reporter.js";
import type { SampledHistory } from "../types.js";

/** Kinds of items that the model writes. */
const MODEL_ITEMS = [
  "reasoning",
  "function_call",
  "custom_tool_call",
  "mcp_call",
  "code_interpreter_call",
  "web_search_call",
];

/** Kinds of items that have no message, each with the reason why it is left out. */
const OMITTED: Readonly<Record<string, string>> = {
  web_search_call: "a web_search_call holds neither its arguments nor its results",
  mcp_list_tools: "the tools of an MCP server are not called from here",
  mcp_approval_request: "an approval is not part of the conversation",
  mcp_approval_response: "an approval is not part of the conversation",
};

/** Reads items into a draft. */
export class ItemReader {
  readonly #draft: Draft;
  readonly #report: Reporter;
  readonly #history: SampledHistory | undefined;
  #isInTurn = false;

  constructor(draft: Draft, report: Reporter, history: SampledHistory | undefined) {
    this.#draft = draft;
    this.#report = report;
    this.#history = history;
  }

  /** Adds all items. */
  readAll(items: readonly unknown[]): void {
    items.forEach((given, index) => {
      const path = `input[${index}]`;
      const item = fieldsAt(given, path);
      const isModels = isOfModel(item);
      if (isModels && !this.#isInTurn) this.#draft.beginTurn();
      this.#isInTurn = isModels;
      this.#read(item, path, () => isFollowedByCall(items, index));
    });
  }

  #read(item: Fields, path: string, isPreamble: () => boolean): void {
    const type = item.type ?? (item.role === undefined ? undefined : "message");
    if (type === "message") this.#message(item, path, isPreamble);
    else if (type === "reasoning") this.#reasoning(item, path);
    else if (type === "function_call" || type === "custom_tool_call") this.#call(item, path);
    else if (type === "code_interpreter_call") this.#code(item, path);
    else if (type === "web_search_call" && isPresent(item.harmony)) this.#search(item, path);
    else if (type === "mcp_call") this.#mcpCall(item, path);
    else if (type === "function_call_output" || type === "custom_tool_call_output") {
      this.#output(item, path);
    } else this.#other(type, path);
  }

  #other(type: unknown, path: string): void {
    const reason = entryOf(OMITTED, type);
    if (reason !== undefined) {
      this.#report.warn("omitted_item", `${reason}, so it is left out`, path);
      return;
    }
    const why =
      type === "item_reference"
        ? "an item_reference needs a store: put the item itself into input"
        : `expected an item of text, reasoning, a call or its output, got type ${JSON.stringify(type)}`;
    this.#report.unsupported("unsupported_value", why, `${path}.type`);
  }

  #message(item: Fields, path: string, isPreamble: () => boolean): void {
    const role = textAt(item.role, `${path}.role`);
    const parts = contentAt(item.content, `${path}.content`);
    if (parts === undefined) {
      throw new RequestError(
        "invalid_conversation",
        "the message has no content",
        `${path}.content`,
      );
    }
    const content = joinedText(parts);
    if (role === "system" || role === "developer") {
      this.#draft.addInstructions(content);
    } else if (role === "user") this.#draft.add({ role, content });
    else if (role === "assistant") {
      const channel = this.#channel(item, path, isPreamble);
      this.#draft.addTurn({ role, channel, content }, originOf(item));
    } else throw new RequestError("unknown_role", `unknown role: ${role}`, `${path}.role`);
  }

  /** The channel of a phase. Without a phase, a text before a call of the same turn is a preamble. */
  #channel({ phase }: Fields, path: string, isPreamble: () => boolean) {
    if (phase === "commentary") return "commentary";
    if (phase === "final_answer") return "final";
    if (!isPresent(phase)) return isPreamble() ? "commentary" : "final";
    const message = `expected commentary or final_answer, got ${JSON.stringify(phase)}`;
    throw new RequestError("unsupported_value", message, `${path}.phase`);
  }

  /** A summary is not the thought, so it is never rendered. */
  #reasoning(item: Fields, path: string): void {
    const parts = isPresent(item.content) ? arrayAt(item.content, `${path}.content`) : [];
    const texts = parts.map((part, index) => {
      const at = `${path}.content[${index}]`;
      return textAt(fieldsAt(part, at).text, `${at}.text`);
    });
    const encrypted = optionalTextAt(item.encrypted_content, `${path}.encrypted_content`);
    const origin = originOf(item, encrypted);
    const revealed = encrypted === undefined ? undefined : this.#history?.thought?.(encrypted);
    if (texts.length > 0) this.#draft.think(texts.join(""), origin);
    else if (revealed !== undefined) this.#draft.think(revealed, origin);
    else {
      const message = "a reasoning item without content is left out: a summary is not the thought";
      this.#report.warn("omitted_item", message, path);
    }
  }

  #call(item: Fields, path: string): void {
    const isCustom = item.type === "custom_tool_call";
    const field = isCustom ? "input" : "arguments";
    const call = {
      name: textAt(item.name, `${path}.name`),
      namespace: optionalTextAt(item.namespace, `${path}.namespace`),
      content: textAt(item[field], `${path}.${field}`),
      type: isCustom ? ("custom" as const) : ("function" as const),
      id: textAt(item.call_id, `${path}.call_id`),
    };
    this.#draft.call(call, originOf(item), path);
  }

  #output(item: Fields, path: string): void {
    const id = textAt(item.call_id, `${path}.call_id`);
    const at = { id: `${path}.call_id`, name: path, result: path };
    const call = this.#draft.answeredCall({ id }, at);
    const output = resultTextAt(item.output, `${path}.output`);
    if (output === undefined && !isPresent(item.output)) {
      throw new RequestError("invalid_conversation", "expected an output", `${path}.output`);
    }
    const text = output === undefined ? JSON.stringify(item.output) : joinedText(output);
    this.#draft.result(call, text);
  }

  /** A call of the browser that an answer of this package had. */
  #search(item: Fields, path: string): void {
    const at = `${path}.harmony`;
    const call = fieldsAt(item.harmony, at);
    const name = textAt(call.name, `${at}.name`);
    const id = textAt(call.call_id, `${at}.call_id`);
    const content = textAt(call.arguments, `${at}.arguments`);
    const origin = { ids: [...(originOf(item).ids ?? []), id] };
    this.#draft.call({ name, content, type: "function", id }, origin, at);
  }

  #code(item: Fields, path: string): void {
    if (!isPresent(item.code)) {
      const message = "a code_interpreter_call without code is left out";
      this.#report.warn("omitted_item", message, path);
      return;
    }
    const recipient = "python";
    this.#draft.runCode(recipient, textAt(item.code, `${path}.code`), originOf(item));
    const outputs = isPresent(item.outputs) ? arrayAt(item.outputs, `${path}.outputs`) : [];
    const logs = outputs.map((output, index) => {
      const at = `${path}.outputs[${index}]`;
      const fields = fieldsAt(output, at);
      if (fields.type === "logs") return textAt(fields.logs, `${at}.logs`);
      const message = `expected an output of type logs, got ${JSON.stringify(fields.type) ?? "nothing"}, which has no tokens`;
      throw new RequestError("unsupported_content", message, `${at}.type`);
    });
    if (!isPresent(item.outputs)) return;
    const at = { id: path, name: path, result: path };
    this.#draft.result(this.#draft.answeredCall({ name: recipient }, at), logs.join(""));
    this.#isInTurn = false;
  }

  #mcpCall(item: Fields, path: string): void {
    const name = textAt(item.name, `${path}.name`);
    const namespace = textAt(item.server_label, `${path}.server_label`);
    const content = textAt(item.arguments, `${path}.arguments`);
    this.#draft.call({ name, namespace, content, type: "function" }, originOf(item), path);
    const output =
      optionalTextAt(item.output, `${path}.output`) ?? optionalTextAt(item.error, `${path}.error`);
    const at = { id: path, name: path, result: path };
    this.#draft.result(this.#draft.answeredCall({ name, namespace }, at), output ?? "");
    this.#isInTurn = false;
  }
}

function isOfModel(item: Fields): boolean {
  if (item.role === "assistant") return true;
  return typeof item.type === "string" && MODEL_ITEMS.includes(item.type);
}

/** Whether a call comes before the turn ends. */
function isFollowedByCall(items: readonly unknown[], index: number): boolean {
  for (const item of items.slice(index + 1)) {
    if (!isFields(item) || !isOfModel(item)) return false;
    if (item.type !== "reasoning" && item.role !== "assistant") return true;
  }
  return false;
}

function originOf(item: Fields, encryptedContent?: string): Origin {
  const ids = [item.id, item.call_id].filter((id) => typeof id === "string");
  return { ids, ...(encryptedContent !== undefined && { encryptedContent }) };
}
