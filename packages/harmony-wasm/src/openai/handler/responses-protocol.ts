/**
 * Responses as the handler needs it: stored responses, `encrypted_content`, and
 * how requests and answers go over the wire.
 */

import type { HarmonyEncoding } from "../../index.js";
import { messageConstraint } from "../constraints/message-constraint.js";
import { violationsOf, withViolations } from "../constraints/violations.js";
import { RequestError } from "../errors.js";
import { responseEvents } from "../responses/events.js";
import { promptFromResponses } from "../responses/prompt.js";
import { response } from "../responses/response.js";
import type { EncryptedContent } from "../store/encrypted-content.js";
import type { Prompt, PromptOptions, ResponseExtras } from "../types.js";
import type { ResponseObject } from "../wire/responses.js";
import { historyFor } from "./history.js";
import type { AnswerContext, Protocol } from "./protocol.js";
import { type Seal, sealedEvents, sealedResponse, withSealedTurns } from "./sealed-reasoning.js";
import { type CompleteRequest, completeRequest } from "./stored-input.js";

/** A prompt, and the items that are stored with its answer. */
interface ResponsesPrompt extends Prompt {
  stored: Pick<CompleteRequest, "input" | "previous">;
}

/** The protocol over an encoding. */
export function responsesProtocol(
  encoding: HarmonyEncoding,
  contents: EncryptedContent,
): Protocol<ResponsesPrompt> {
  const maxToken = Math.max(...encoding.specialTokens.values());
  return {
    idPrefix: "resp_",
    prompt: async (body, options, sender) => {
      const complete = await completeRequest(body, sender);
      const { owner } = sender.client;
      const history = await withSealedTurns(
        await historyFor(sender.client, complete.text),
        complete.text,
        complete.itemsBefore,
        { contents, owner, maxToken },
      );
      return promptOf(encoding, complete, { ...options, history });
    },
    constraint: ({ constraint }) => constraint && messageConstraint(encoding, constraint),
    streams: ({ request }) => request.body.stream === true,
    async answer(prompt, completion, context) {
      const measured = { tokens: completion, ...context.measured() };
      const whole = response(encoding, prompt, measured, {
        ...context.options,
        ...extras(prompt),
      });
      const seal = sealOf(prompt, contents, context);
      const answer = seal ? await sealedResponse(whole, completion, seal) : whole;
      return remembered(prompt, checked(encoding, prompt, answer, completion), context);
    },
    async *events(prompt, source, context) {
      const plain = responseEvents(encoding, prompt, source, {
        ...context.options,
        failure: context.failure,
        ...extras(prompt),
      });
      const seal = sealOf(prompt, contents, context);
      const events = seal ? sealedEvents(plain, context.sampled, seal) : plain;
      for await (let event of events) {
        if (isLast(event)) {
          const answer = checked(encoding, prompt, event.response, context.sampled());
          event = { ...event, response: await remembered(prompt, answer, context) };
        }
        yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      }
    },
    failed: ({ code, message }) =>
      `event: error\ndata: ${JSON.stringify({ type: "error", code, message, param: null })}\n\n`,
  };
}

/** A failed response is stored as a whole one is: its client may ask why, or continue it. */
function isLast<Event extends { type: string }>(
  event: Event,
): event is Extract<Event, { response: unknown }> {
  const { type } = event;
  return (
    type === "response.completed" || type === "response.incomplete" || type === "response.failed"
  );
}

/** The prompt; an error about an item has its path in the client's own request. */
function promptOf(
  encoding: HarmonyEncoding,
  { text, itemsBefore, input, previous }: CompleteRequest,
  options: PromptOptions,
): ResponsesPrompt {
  const own = (path: string) => ownPath(path, itemsBefore);
  const stored = { input, ...(previous !== undefined && { previous }) };
  try {
    const prompt = promptFromResponses(encoding, text, options);
    const warnings = prompt.warnings.map((warning) =>
      warning.param === undefined ? warning : { ...warning, param: own(warning.param) },
    );
    return { ...prompt, warnings, stored };
  } catch (error) {
    if (!(error instanceof RequestError) || error.path === undefined) throw error;
    throw new RequestError(error.code, error.reason, own(error.path));
  }
}

function ownPath(path: string, itemsBefore: number): string {
  const [whole, index] = /^input\[(\d+)\]/.exec(path) ?? [];
  if (whole === undefined) return path;
  const own = Number(index) - itemsBefore;
  return own < 0 ? "previous_response_id" : `input[${own}]${path.slice(whole.length)}`;
}

function extras({ stored }: ResponsesPrompt): ResponseExtras {
  return stored.previous === undefined ? {} : { previousResponseId: stored.previous };
}

/** Makes contents, if the request asks for them. */
function sealOf(
  { request }: ResponsesPrompt,
  contents: EncryptedContent,
  { client }: AnswerContext,
): Seal | undefined {
  const { include } = request.body;
  const isAsked = Array.isArray(include) && include.includes("reasoning.encrypted_content");
  return isAsked ? (turn) => contents.seal(client.owner, turn) : undefined;
}

/** The answer, with its violations; an answer that was cut is not checked. */
function checked(
  encoding: HarmonyEncoding,
  { constraint }: Prompt,
  answer: ResponseObject,
  completion: Uint32Array,
): ResponseObject {
  if (answer.status !== "completed") return answer;
  return withViolations(answer, violationsOf(encoding, constraint, completion));
}

/** Remembers the turn. A response that could not be stored says so. */
async function remembered(
  { request, stored }: ResponsesPrompt,
  answer: ResponseObject,
  { remember }: AnswerContext,
): Promise<ResponseObject> {
  const isKept = request.body.store !== false;
  const parts = isKept ? { ...stored, response: JSON.stringify(answer) } : {};
  const isRemembered = await remember({ isKept, ...parts });
  return isKept && !isRemembered ? { ...answer, store: false } : answer;
}
