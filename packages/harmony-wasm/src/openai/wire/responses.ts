/**
 * The objects of the Responses API that are read and written. The types are structural, like those of
 * Chat Completions. This module has no functions.
 */

import type { HarmonyExtension } from "./chat.js";

/** The fields of a Responses request that most have. */
export interface ResponsesParams {
  model?: string | undefined;
  input?: string | readonly object[] | undefined;
  instructions?: string | null | undefined;
  tools?: readonly object[] | undefined;
  tool_choice?: unknown;
  parallel_tool_calls?: boolean | null | undefined;
  reasoning?: { effort?: string | null | undefined } | null | undefined;
  text?: object | undefined;
  include?: readonly string[] | null | undefined;
  stream?: boolean | null | undefined;
  store?: boolean | null | undefined;
  previous_response_id?: string | null | undefined;
}

/** A request that has been read. Fields that are not above are looked up by name: docs/openai.md has them all. */
export interface ResponsesBody extends ResponsesParams {
  [field: string]: unknown;
}

/** A Responses request: with any fields, or of the type of another package, as `openai`'s. */
export type ResponsesRequest = ResponsesBody | ResponsesParams;

/** Whether an item is whole. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** A thought. */
export interface ReasoningItem {
  id: string;
  type: "reasoning";
  summary: { type: "summary_text"; text: string }[];
  content: { type: "reasoning_text"; text: string }[];
  encrypted_content?: string;
  status: ItemStatus;
}

/** A text for the user. */
export interface OutputText {
  type: "output_text";
  text: string;
  annotations: [];
  logprobs: OutputLogprob[];
}

/** The log probability of one token of a text. */
export interface OutputLogprob {
  token: string;
  bytes: number[];
  logprob: number;
  top_logprobs: { token: string; bytes: number[]; logprob: number }[];
}

/** A preamble or an answer. */
export interface MessageItem {
  id: string;
  type: "message";
  role: "assistant";
  status: ItemStatus;
  phase: "commentary" | "final_answer";
  content: OutputText[];
}

/** A call of a function. */
export interface FunctionCallItem {
  id: string;
  type: "function_call";
  call_id: string;
  name: string;
  namespace?: string;
  arguments: string;
  status: ItemStatus;
}

/** A call of a custom tool. */
export interface CustomToolCallItem {
  id: string;
  type: "custom_tool_call";
  call_id: string;
  name: string;
  namespace?: string;
  input: string;
  status: ItemStatus;
}

/** Code for the python tool. The caller runs it. */
export interface CodeInterpreterCallItem {
  id: string;
  type: "code_interpreter_call";
  code: string;
  /** Empty: there is no container. */
  container_id: string;
  outputs: null;
  status: ItemStatus;
}

/** An action of the browser. */
export type WebSearchAction =
  | { type: "search"; query: string; queries: string[] }
  | { type: "open_page"; url: string | null }
  | { type: "find_in_page"; pattern: string; url: string };

/** A call that has no other place in an item. */
export interface HarmonyCall {
  call_id: string;
  name: string;
  arguments: string;
}

/** A call of the browser. The caller runs it, and answers with an output of `harmony.call_id`. */
export interface WebSearchCallItem {
  id: string;
  type: "web_search_call";
  action: WebSearchAction;
  harmony: HarmonyCall;
  status: ItemStatus;
}

/** An item of a response. */
export type OutputItem =
  | ReasoningItem
  | MessageItem
  | FunctionCallItem
  | CustomToolCallItem
  | CodeInterpreterCallItem
  | WebSearchCallItem;

/** Counts of tokens. */
export interface ResponseUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/** The form of the text, in the API's words. */
export type TextFormat =
  | { type: "text" }
  | { type: "json_object" }
  | {
      type: "json_schema";
      name: string;
      description?: string;
      schema: Record<string, unknown>;
      strict: boolean;
    };

/** A tool that the request offers, in the API's form. */
export type EchoedTool =
  | {
      type: "function";
      name: string;
      description?: string;
      parameters: Record<string, unknown> | null;
      strict: boolean;
    }
  | { type: "custom"; name: string; description?: string }
  | {
      type: "namespace";
      name: string;
      description: string;
      tools: (EchoedTool & { type: "function" | "custom" })[];
    }
  | { type: "code_interpreter"; container: { type: "auto" } }
  | { type: "web_search" | "web_search_2025_08_26" }
  | { type: "web_search_preview" | "web_search_preview_2025_03_11" };

/** `tool_choice`, in the API's form. */
export type EchoedToolChoice =
  | "none"
  | "auto"
  | "required"
  | { type: "function" | "custom"; name: string }
  | { type: "allowed_tools"; mode: "auto" | "required"; tools: Record<string, unknown>[] };

/** The fields of a response that repeat its request. */
export interface EchoedRequest {
  /** Always null: OpenAI's own field. */
  access_programs: null;
  instructions: string | null;
  metadata: Record<string, string> | null;
  parallel_tool_calls: boolean;
  temperature: number | null;
  top_p: number | null;
  max_output_tokens: number | null;
  tool_choice: EchoedToolChoice;
  tools: EchoedTool[];
  text: { format: TextFormat; verbosity?: "low" | "medium" | "high" };
  reasoning: {
    effort: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | null;
    summary: "auto" | "concise" | "detailed" | null;
  };
  store: boolean;
  truncation: "auto" | "disabled";
  user?: string;
}

/** A Responses answer. */
export interface ResponseObject extends EchoedRequest {
  id: string;
  object: "response";
  created_at: number;
  status: "in_progress" | "completed" | "incomplete" | "failed";
  error: { code: "server_error"; message: string } | null;
  incomplete_details: { reason: "max_output_tokens" } | null;
  model: string;
  output: OutputItem[];
  output_text: string;
  previous_response_id: string | null;
  usage?: ResponseUsage;
  harmony?: HarmonyExtension;
}

interface Numbered {
  sequence_number: number;
}

interface OfItem extends Numbered {
  item_id: string;
  output_index: number;
}

interface OfPart extends OfItem {
  content_index: number;
}

/** A part of a message or of a thought. */
export type ContentPart = OutputText | { type: "reasoning_text"; text: string };

/** One event of a streamed response. */
export type ResponseStreamEvent =
  | (Numbered & {
      type:
        | "response.created"
        | "response.in_progress"
        | "response.completed"
        | "response.incomplete"
        | "response.failed";
      response: ResponseObject;
    })
  | (Numbered & {
      type: "response.output_item.added" | "response.output_item.done";
      output_index: number;
      item: OutputItem;
    })
  | (OfPart & {
      type: "response.content_part.added" | "response.content_part.done";
      part: ContentPart;
    })
  | (OfPart & { type: "response.reasoning_text.delta"; delta: string })
  | (OfPart & { type: "response.reasoning_text.done"; text: string })
  | (OfPart & { type: "response.output_text.delta"; delta: string; logprobs: OutputLogprob[] })
  | (OfPart & { type: "response.output_text.done"; text: string; logprobs: OutputLogprob[] })
  | (OfItem & { type: "response.function_call_arguments.delta"; delta: string })
  | (OfItem & { type: "response.function_call_arguments.done"; name: string; arguments: string })
  | (OfItem & { type: "response.custom_tool_call_input.delta"; delta: string })
  | (OfItem & { type: "response.custom_tool_call_input.done"; input: string })
  | (OfItem & {
      type:
        | "response.code_interpreter_call.in_progress"
        | "response.code_interpreter_call.interpreting"
        | "response.code_interpreter_call.completed"
        | "response.web_search_call.in_progress"
        | "response.web_search_call.searching"
        | "response.web_search_call.completed";
    })
  | (OfItem & { type: "response.code_interpreter_call_code.delta"; delta: string })
  | (OfItem & { type: "response.code_interpreter_call_code.done"; code: string });
