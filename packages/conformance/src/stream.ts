/**
 * Runs every stream vector three times: token by token with the whole state
 * compared after each, in one call, and in random chunks. A failure shows the
 * seed of the chunks; CUT_SEED replays it.
 */

import type { HarmonyError, Role, StreamableParser } from "harmony-wasm";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { refusal, strictness, tokenIds } from "./answer.ts";
import { difference } from "./difference.ts";
import type { Implementation } from "./implementation.ts";
import type { Expected, Vector } from "./vectors.ts";

type State = Record<string, unknown>;
/** A token, or the end of the completion. */
type Input = number | "end";

interface StreamExpected {
  start: State;
  steps: State[];
  messages: unknown[];
  tokens: number[];
}

/** The seed of the random chunks: fixed, or from the environment. */
const SEED = Number(globalThis.process?.env?.CUT_SEED ?? 1);
const LONGEST_CHUNK = 6;

/** The reasons for which a stream vector fails. */
export function streamFailures(implementation: Implementation, vector: Vector): string[] {
  const { encoding } = implementation;
  const ids = tokenIds(encoding, vector.with);
  const inputs: Input[] = vector.with.eos ? [...ids, "end"] : ids;
  if (vector.expected.error !== undefined) return constructorFailures(implementation, vector);
  const expected = recordedStream(vector.expected);
  const states = statesOf(expected);
  const cuts: [string, number[]][] = [
    ["one at a time", inputs.map(() => 1)],
    ["whole", [inputs.length]],
    [`cut at random with CUT_SEED=${SEED}`, randomCuts(inputs.length)],
  ];
  return cuts.flatMap(([name, lengths]) => {
    using parser = newParser(implementation, vector);
    const reasons = replay(parser, inputs, lengths, states);
    const ends = [
      ...difference("messages", expected.messages, parser.messages),
      ...difference("tokens", expected.tokens, parser.tokens),
    ];
    return [...reasons, ...ends].map((reason) => `${name}: ${reason}`);
  });
}

function recordedStream({ start, steps, messages, tokens }: Expected): StreamExpected {
  const isState = typeof start === "object" && start !== null;
  if (isState && Array.isArray(steps) && Array.isArray(messages) && Array.isArray(tokens)) {
    return { start: { ...start }, steps, messages, tokens };
  }
  throw new Error("the expectation is not a recorded stream");
}

function newParser({ encoding, StreamableParser: Parser }: Implementation, vector: Vector) {
  return new Parser(encoding, vector.with.role as Role | undefined, strictness(vector.with));
}

function constructorFailures(implementation: Implementation, vector: Vector): string[] {
  try {
    newParser(implementation, vector).dispose();
    return ["nothing was thrown"];
  } catch (error) {
    return difference("error", vector.expected.error, refusal(error));
  }
}

/** The state before the first input and after each, from the recorded changes. */
function statesOf({ start, steps }: StreamExpected): State[] {
  const states = [start];
  for (const step of steps) {
    const before = states.at(-1) ?? start;
    const changed = Object.entries(step).map(([key, value]) => [key, grown(before[key], value)]);
    states.push({ ...before, ...Object.fromEntries(changed) });
  }
  return states;
}

function grown(before: unknown, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("more" in value)) return value;
  if (Array.isArray(before) && Array.isArray(value.more)) return [...before, ...value.more];
  return `${before}${value.more}`;
}

function randomCuts(length: number): number[] {
  const random = xoroshiro128plus(SEED);
  const lengths: number[] = [];
  for (let rest = length; rest > 0; rest -= lengths.at(-1) ?? rest) {
    lengths.push(Math.min(rest, uniformInt(random, 1, LONGEST_CHUNK)));
  }
  return lengths;
}

function replay(
  parser: StreamableParser,
  inputs: Input[],
  lengths: number[],
  states: State[],
): string[] {
  const reasons = difference("before the first token", states[0], stateOf(parser, null));
  let fed = 0;
  for (const length of lengths) {
    const error = feed(parser, inputs.slice(fed, fed + length), states.slice(fed + 1));
    fed += length;
    const found = stateOf(parser, error);
    reasons.push(...difference(`after ${fed} tokens`, states[fed], found));
  }
  return reasons;
}

/**
 * Feeds one chunk. If a token is refused, the error must name its index, and the
 * rest of the chunk still follows. Returns the refusal of the last input.
 */
function feed(parser: StreamableParser, chunk: Input[], states: State[]): string | null {
  const ids = chunk.filter((input) => input !== "end");
  let refused: Refusal | null = null;
  for (let from = 0; from < ids.length; ) {
    const rest = ids.length === 1 ? Number(ids[0]) : ids.slice(from);
    const due = states.slice(from, ids.length).findIndex((state) => state.error !== null);
    refused = refusedBy(() => parser.process(rest));
    if ((refused?.index ?? -1) !== due) return `refused at ${refused?.index}, due at ${due}`;
    from = due < 0 ? ids.length : from + due + 1;
    if (from < ids.length) refused = null;
  }
  if (chunk.length > ids.length) refused = refusedBy(() => parser.processEos());
  return refused?.message ?? null;
}

interface Refusal {
  message: string;
  index: number | undefined;
}

function refusedBy(action: () => unknown): Refusal | null {
  try {
    action();
    return null;
  } catch (error) {
    return { message: refusal(error), index: (error as HarmonyError).index };
  }
}

/** The whole state, read through every property, in the oracle's order. */
function stateOf(parser: StreamableParser, error: string | null): State {
  const data: State = { ...parser.stateData };
  if (data.state !== parser.state) throw new Error("state disagrees with stateData");
  return {
    state: parser.state,
    stateTokens: data.header_tokens ?? data.content_tokens ?? [],
    header: data.header ?? null,
    currentContent: parser.currentContent,
    currentRole: parser.currentRole,
    currentContentType: parser.currentContentType,
    currentRecipient: parser.currentRecipient,
    currentChannel: parser.currentChannel,
    lastContentDelta: parser.lastContentDelta,
    messages: parser.messages.length,
    error,
  };
}
