/** A completion as the SDK's stream, and such a stream as a whole answer. */

import type { HarmonyEncoding } from "../index.js";
import { type ResponseObject, type ResponseStreamEvent, responseEvents } from "../openai/index.js";
import { callError } from "./backend-failure.js";
import { ContentEvents } from "./content-events.js";
import type { CallRequest } from "./request.js";
import { answerMetadata } from "./sampled-turns.js";
import type { CallSampling } from "./sampling.js";
import type {
  CallOptions,
  Content,
  FinishReason,
  GenerateResult,
  StreamPart,
  Usage,
} from "./specification.js";

const UNKNOWN_USAGE: Usage = {
  inputTokens: {
    total: undefined,
    noCache: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
  },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** The parts of an answer, each as soon as its ids are there. A failure of the backend is one of them. */
export async function* streamParts(
  encoding: HarmonyEncoding,
  { prompt, warnings }: CallRequest,
  sampling: CallSampling,
  options: CallOptions,
): AsyncGenerator<StreamPart, void, undefined> {
  const isJson = options.responseFormat?.type === "json";
  const content = new ContentEvents({ isJson, taken: () => sampling.taken() });
  yield { type: "stream-start", warnings };
  try {
    for await (const event of responseEvents(encoding, prompt, sampling.chunks())) {
      if (options.includeRawChunks) yield { type: "raw", rawValue: event };
      if (event.type === "response.created") yield responseMetadata(event.response);
      yield* content.of(event);
      const end = finished(event, content.hasCall, sampling);
      if (end) yield end;
    }
  } catch (error) {
    // An abort is the caller's: the stream breaks with its reason.
    options.abortSignal?.throwIfAborted();
    yield* content.brokenOff();
    const finishReason = { unified: "error" as const, raw: undefined };
    const providerMetadata = answerMetadata(sampling.tokens, []);
    yield { type: "error", error: callError(error) };
    yield { type: "finish", finishReason, usage: UNKNOWN_USAGE, providerMetadata };
  }
}

function responseMetadata({ id, created_at, model }: ResponseObject) {
  const timestamp = new Date(created_at * 1000);
  return { type: "response-metadata" as const, id, timestamp, modelId: model };
}

function finished(
  event: ResponseStreamEvent,
  hasCall: boolean,
  { tokens, cachedTokens }: CallSampling,
): StreamPart | undefined {
  if (event.type !== "response.completed" && event.type !== "response.incomplete") return undefined;
  const { status, incomplete_details, usage, harmony } = event.response;
  const isCut = event.type === "response.incomplete";
  const unified: FinishReason["unified"] = isCut ? "length" : hasCall ? "tool-calls" : "stop";
  const repairs = (harmony?.repairs ?? []).map(({ code, index, note }) => ({ code, index, note }));
  return {
    type: "finish",
    finishReason: { unified, raw: incomplete_details?.reason ?? status },
    usage: usageOf(usage, cachedTokens),
    providerMetadata: answerMetadata(tokens, repairs),
  };
}

/** The response counts 0 cached tokens where the number is unknown; the SDK has a value for unknown. */
function usageOf(usage: ResponseObject["usage"], cacheRead: number | undefined): Usage {
  if (!usage) return UNKNOWN_USAGE;
  const { input_tokens, output_tokens, output_tokens_details } = usage;
  const { reasoning_tokens: reasoning } = output_tokens_details;
  return {
    inputTokens: {
      ...UNKNOWN_USAGE.inputTokens,
      total: input_tokens,
      cacheRead,
      noCache: cacheRead === undefined ? undefined : input_tokens - cacheRead,
    },
    outputTokens: { total: output_tokens, text: output_tokens - reasoning, reasoning },
  };
}

/** The parts as one answer. Throws the failure that is among them. */
export async function wholeAnswer(
  parts: AsyncIterable<StreamPart>,
  isJson: boolean,
): Promise<GenerateResult> {
  const content: Content[] = [];
  const result: Partial<GenerateResult> = {};
  for await (const part of parts) {
    if (part.type === "stream-start") result.warnings = part.warnings;
    else if (part.type === "response-metadata") {
      const { type: _type, ...response } = part;
      result.response = response;
    } else if (part.type === "error") throw part.error;
    else if (part.type === "finish") Object.assign(result, endOf(part));
    else addContent(content, part);
  }
  const { warnings, response, finishReason, usage, providerMetadata } = result;
  if (!warnings || !response || !finishReason || !usage || !providerMetadata) {
    throw new Error("the stream of the answer has no end");
  }
  const answer = { content, warnings, response, finishReason, usage, providerMetadata };
  return isJson ? { ...answer, structuredOutputText: textOf(content) } : answer;
}

function endOf({ finishReason, usage, providerMetadata }: StreamPart & { type: "finish" }) {
  return { finishReason, usage, providerMetadata };
}

/** Adds what a part of a stream says to the content; one part is open at a time. */
export function addContent(content: Content[], part: StreamPart): void {
  const last = content.at(-1);
  if (part.type === "text-start") content.push({ type: "text", text: "" });
  else if (part.type === "reasoning-start") content.push({ type: "reasoning", text: "" });
  else if (part.type === "tool-call") content.push(part);
  else if (!last || last.type === "tool-call") return;
  else if (part.type === "text-delta" || part.type === "reasoning-delta") last.text += part.delta;
  else if (part.type === "text-end" || part.type === "reasoning-end") {
    if (part.providerMetadata) last.providerMetadata = part.providerMetadata;
  }
}

function textOf(content: readonly Content[]): string {
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}
