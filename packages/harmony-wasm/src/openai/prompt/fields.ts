/**
 * The treatment of each field of a request, at any depth: one record of lists for each protocol. The
 * docs are checked against them. A field that is in no list causes a warning.
 */

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

/** The fields of one kind of object. */
export type FieldList = Readonly<Record<string, Treatment>>;

/**
 * Lists by the place of the object: `""` is the request, `tools[]` an element of `tools`, and
 * `messages[]@user` one whose `role`, or else `type`, is `user`. Objects at other places, such as
 * schemas and metadata, may have any fields.
 */
export type FieldLists = Readonly<Record<string, FieldList>>;

/** The list of these fields, all treated alike. */
function all<T extends Treatment>(treatment: T, fields: string): Record<string, T> {
  return Object.fromEntries(fields.split(" ").map((field) => [field, treatment]));
}

/** The fields that both protocols have and no prompt needs. */
const SHARED: FieldList = {
  ...all("caller", "model stream store"),
  ...all("none", "metadata user safety_identifier service_tier"),
  ...all("none", "prompt_cache_key prompt_cache_options prompt_cache_retention"),
};

/** Parts of a content that have text; parts of other types are refused where they are read. */
function textParts(place: string): FieldLists {
  const part: FieldList = {
    ...all("prompt", "type text"),
    ...all("none", "annotations logprobs prompt_cache_breakpoint cache_control"),
  };
  return {
    [`${place}@text`]: part,
    [`${place}@input_text`]: part,
    [`${place}@output_text`]: part,
    [`${place}@refusal`]: all("prompt", "type refusal"),
  };
}

/** A function, bare or in MCP's or Anthropic's form. */
const FUNCTION: FieldList = {
  ...all("prompt", "name description parameters inputSchema input_schema"),
  strict: "backend",
  cache_control: "none",
};
const CUSTOM: FieldList = { ...all("prompt", "name description"), format: "backend" };

/** A custom tool's grammar, which Chat Completions wraps once more. */
function customFormat(place: string): FieldLists {
  return {
    [place]: all("backend", "type syntax definition grammar"),
    [`${place}.grammar`]: all("backend", "syntax definition"),
  };
}

/** `tool_choice`, in the forms of both protocols. */
const TOOL_CHOICE: FieldLists = {
  tool_choice: all("backend", "type function custom name allowed_tools mode tools"),
  "tool_choice.function": all("backend", "name"),
  "tool_choice.custom": all("backend", "name"),
  "tool_choice.allowed_tools": all("backend", "mode tools"),
  "tool_choice.tools[]": all("backend", "type name function custom"),
  "tool_choice.allowed_tools.tools[]": all("backend", "type name function custom"),
  "tool_choice.allowed_tools.tools[].function": all("backend", "name"),
  "tool_choice.allowed_tools.tools[].custom": all("backend", "name"),
};

/** The fields of a Chat Completions request. */
export const CHAT_FIELDS: FieldLists = {
  "": {
    ...all("prompt", "messages tools functions tool_choice function_call"),
    ...all("prompt", "reasoning_effort response_format chat_template_kwargs"),
    ...all("backend", "max_tokens max_completion_tokens temperature top_p seed"),
    ...all("backend", "presence_penalty frequency_penalty logit_bias logprobs top_logprobs n"),
    ...all("answer", "stop parallel_tool_calls stream_options"),
    ...SHARED,
    ...all("warned", "prediction verbosity moderation"),
    ...all("refused", "modalities audio web_search_options"),
  },
  "messages[]@system": { ...all("prompt", "role content"), name: "warned" },
  "messages[]@developer": { ...all("prompt", "role content"), name: "warned" },
  "messages[]@user": all("prompt", "role content name"),
  "messages[]@assistant": {
    ...all("prompt", "role content refusal tool_calls function_call"),
    ...all("prompt", "reasoning reasoning_content thinking reasoning_details thinking_blocks"),
    ...all("prompt", "channel recipient content_type"),
    ...all("none", "annotations parsed"),
    name: "warned",
    audio: "refused",
  },
  "messages[]@tool": all("prompt", "role content tool_call_id name"),
  "messages[]@function": all("prompt", "role content name"),
  ...textParts("messages[].content[]"),
  "messages[].content[]@thinking": { ...all("prompt", "type thinking"), signature: "none" },
  "messages[].content[]@reasoning": all("prompt", "type text"),
  "messages[].reasoning_details[]": {
    ...all("prompt", "type text"),
    ...all("none", "id format index signature data summary"),
  },
  "messages[].thinking_blocks[]": {
    ...all("prompt", "type thinking"),
    ...all("none", "signature data"),
  },
  "messages[].tool_calls[]": {
    ...all("prompt", "id type function custom name arguments"),
    index: "none",
  },
  "messages[].tool_calls[].function": {
    ...all("prompt", "name arguments"),
    parsed_arguments: "none",
  },
  "messages[].tool_calls[].custom": all("prompt", "name input"),
  "messages[].function_call": all("prompt", "name arguments"),
  "tools[]": { ...FUNCTION, ...CUSTOM, ...all("prompt", "type function custom") },
  "tools[].function": FUNCTION,
  "tools[].custom": CUSTOM,
  ...customFormat("tools[].custom.format"),
  "functions[]": FUNCTION,
  ...TOOL_CHOICE,
  function_call: all("backend", "name"),
  response_format: all("prompt", "type json_schema name description schema strict"),
  "response_format.json_schema": all("prompt", "name description schema strict"),
  stream_options: { include_usage: "answer", include_obfuscation: "none" },
  chat_template_kwargs: all("prompt", "reasoning_effort model_identity"),
};

/** What the API says about a tool or a call besides what the model sees. */
const UNSEEN = all("warned", "allowed_callers async defer_loading output_schema");
const MESSAGE: FieldList = { ...all("prompt", "type role content phase id"), status: "none" };
const CALL: FieldList = {
  ...all("prompt", "type id call_id name namespace"),
  status: "none",
  ...all("warned", "async caller"),
};
const OUTPUT: FieldList = {
  ...all("prompt", "type call_id output"),
  ...all("none", "id status"),
  caller: "warned",
};

/** The fields of a Responses request. */
export const RESPONSES_FIELDS: FieldLists = {
  "": {
    ...all("prompt", "input instructions tools tool_choice reasoning text"),
    ...all("backend", "max_output_tokens temperature top_p top_logprobs"),
    ...all("answer", "parallel_tool_calls include stream_options"),
    ...SHARED,
    ...all("warned", "access_programs context_management max_tool_calls moderation truncation"),
    ...all("refused", "background background_options conversation image previous_response_id"),
    prompt: "refused",
  },
  "input[]": MESSAGE,
  "input[]@message": MESSAGE,
  "input[]@reasoning": {
    ...all("prompt", "type id content encrypted_content"),
    ...all("none", "summary status"),
  },
  "input[]@function_call": { ...CALL, arguments: "prompt" },
  "input[]@custom_tool_call": { ...CALL, input: "prompt" },
  "input[]@function_call_output": OUTPUT,
  "input[]@custom_tool_call_output": OUTPUT,
  "input[]@code_interpreter_call": {
    ...all("prompt", "type id code outputs"),
    ...all("none", "container_id status"),
  },
  "input[]@web_search_call": {
    ...all("prompt", "type id harmony"),
    ...all("none", "action status"),
  },
  "input[].harmony": all("prompt", "call_id name arguments"),
  "input[]@mcp_call": {
    ...all("prompt", "type id server_label name arguments output error"),
    ...all("none", "status approval_request_id"),
  },
  ...textParts("input[].content[]"),
  "input[].content[]@reasoning_text": all("prompt", "type text"),
  ...textParts("input[].output[]"),
  "input[].outputs[]@logs": all("prompt", "type logs"),
  "tools[]": { ...FUNCTION, ...CUSTOM, type: "prompt", function: "prompt" },
  "tools[]@function": { ...FUNCTION, type: "prompt", function: "prompt", ...UNSEEN },
  "tools[]@custom": { ...CUSTOM, type: "prompt", ...UNSEEN },
  ...customFormat("tools[].format"),
  "tools[]@namespace": all("prompt", "type name description tools"),
  "tools[].tools[]@function": { ...FUNCTION, type: "prompt", ...UNSEEN },
  "tools[].tools[]@custom": { ...CUSTOM, type: "prompt", ...UNSEEN },
  ...customFormat("tools[].tools[].format"),
  "tools[]@web_search": all("prompt", "type"),
  "tools[]@web_search_2025_08_26": all("prompt", "type"),
  "tools[]@web_search_preview": all("prompt", "type"),
  "tools[]@web_search_preview_2025_03_11": all("prompt", "type"),
  "tools[]@code_interpreter": { type: "prompt", container: "none" },
  ...TOOL_CHOICE,
  reasoning: {
    ...all("prompt", "effort context"),
    ...all("warned", "summary generate_summary mode"),
  },
  text: { format: "prompt", verbosity: "warned" },
  "text.format": all("prompt", "type name description schema strict json_schema"),
  "text.format.json_schema": all("prompt", "name description schema strict"),
  stream_options: all("none", "include_obfuscation include_usage"),
};
