/**
 * What happens to each field of a request: one list a protocol, which the docs
 * are checked against. A field that is in no list is warned of.
 */

import { RequestError } from "../errors.js";
import { type Fields, isPresent } from "../json/fields.js";
import type { PromptOptions, Warning } from "../types.js";

/**
 * - `prompt`: rendered, or decides what is rendered
 * - `backend`: goes to the backend, as sampling or as a constraint
 * - `answer`: changes the answer
 * - `caller`: for whoever answers the request over HTTP
 * - `none`: has no effect on what the model writes, and is accepted
 * - `warned`: has no effect here, and the caller is warned
 * - `refused`: cannot be carried over
 */
export type Treatment = "prompt" | "backend" | "answer" | "caller" | "none" | "warned" | "refused";

/** The fields that both protocols have and no prompt needs. */
const SHARED_FIELDS = {
  model: "caller",
  stream: "caller",
  store: "caller",
  metadata: "none",
  user: "none",
  safety_identifier: "none",
  service_tier: "none",
  prompt_cache_key: "none",
  prompt_cache_options: "none",
  prompt_cache_retention: "none",
} as const;

/** The fields of a Chat Completions request. */
export const CHAT_FIELDS: Readonly<Record<string, Treatment>> = {
  messages: "prompt",
  tools: "prompt",
  functions: "prompt",
  tool_choice: "prompt",
  function_call: "prompt",
  reasoning_effort: "prompt",
  response_format: "prompt",
  chat_template_kwargs: "prompt",
  max_tokens: "backend",
  max_completion_tokens: "backend",
  temperature: "backend",
  top_p: "backend",
  seed: "backend",
  presence_penalty: "backend",
  frequency_penalty: "backend",
  logit_bias: "backend",
  logprobs: "backend",
  top_logprobs: "backend",
  n: "backend",
  stop: "answer",
  parallel_tool_calls: "answer",
  stream_options: "answer",
  ...SHARED_FIELDS,
  prediction: "warned",
  verbosity: "warned",
  moderation: "warned",
  modalities: "refused",
  audio: "refused",
  web_search_options: "refused",
};

/** The fields of a Responses request. */
export const RESPONSES_FIELDS: Readonly<Record<string, Treatment>> = {
  input: "prompt",
  instructions: "prompt",
  tools: "prompt",
  tool_choice: "prompt",
  reasoning: "prompt",
  text: "prompt",
  max_output_tokens: "backend",
  temperature: "backend",
  top_p: "backend",
  top_logprobs: "backend",
  parallel_tool_calls: "answer",
  include: "answer",
  stream_options: "answer",
  ...SHARED_FIELDS,
  access_programs: "warned",
  context_management: "warned",
  max_tool_calls: "warned",
  moderation: "warned",
  truncation: "warned",
  background: "refused",
  background_options: "refused",
  conversation: "refused",
  image: "refused",
  previous_response_id: "refused",
  prompt: "refused",
};

/** Values that ask for nothing beyond what happens anyway. */
const USUAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  modalities: (value) => Array.isArray(value) && value.every((each) => each === "text"),
  verbosity: (value) => value === "medium",
  truncation: (value) => value === "disabled",
  background: (value) => value === false,
};

/** Collects warnings, and refuses what cannot be carried over. */
export class Reporter {
  readonly warnings: Warning[] = [];
  readonly #warnsOnly: boolean;

  constructor({ unsupported }: PromptOptions) {
    this.#warnsOnly = unsupported === "warn";
  }

  /** Notes something that does not stop the request. */
  warn(code: Warning["code"], message: string, param: string): void {
    this.warnings.push({ code, message, param });
  }

  /** Refuses a parameter, or warns where the caller asked for that. */
  unsupported(code: "unsupported_parameter" | "unsupported_value", message: string, param: string) {
    if (!this.#warnsOnly) throw new RequestError(code, message, param);
    this.warn(code, message, param);
  }

  /** Reports every field of a request that is not carried over. */
  fields(body: Fields, known: Readonly<Record<string, Treatment>>): void {
    for (const [name, value] of Object.entries(body)) {
      if (!isPresent(value) || USUAL[name]?.(value)) continue;
      const treatment = Object.hasOwn(known, name) ? known[name] : undefined;
      if (treatment === "refused") {
        this.unsupported("unsupported_parameter", `${name} is not supported`, name);
      } else if (treatment === "warned" || treatment === undefined) {
        this.warn("ignored_parameter", `${name} has no effect here`, name);
      }
    }
  }
}
