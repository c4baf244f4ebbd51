/**
 * Every parameter of the public API, with its hostile values and the call that
 * passes one. Fields of options have the names that error messages use.
 */

import {
  assistantMessage,
  continueConversation,
  developerMessage,
  fitConversation,
  functionTools,
  type HarmonyEncoding,
  HarmonyEventStream,
  isWithinTokenLimit,
  loadHarmonyEncoding,
  loadHarmonyEncodingSync,
  parseHarmonyText,
  parseStream,
  RecoveringParser,
  type RenderRowsOptions,
  renderForContinuation,
  StreamableParser,
  systemMessage,
  tokenOffsets,
  tokenTexts,
  toolMessage,
  toolResult,
  userMessage,
} from "harmony-wasm";
import { CONVERSATION, MESSAGE } from "./hostile-messages.js";
import * as values from "./hostile-values.js";
import { optional, type Row } from "./hostile-values.js";

export type Call = (encoding: HarmonyEncoding, value: never) => unknown;
type Parameters = Readonly<Record<string, readonly [rows: readonly Row[], call: Call]>>;

const { FLAG, OPTIONS, ROLE, SPECIALS, TEXT, TOKENS, UNKNOWN_IDS } = values;
const ROLE_OR_NONE = optional(ROLE);
const PREFIX = optional(TOKENS);
const DECODED = [...TOKENS, ...UNKNOWN_IDS];

const MESSAGE_0 = { role: "user", content: "" } as const;

const rendersRow = (encoding: HarmonyEncoding, options: RenderRowsOptions) =>
  encoding.renderRows(new Uint8Array(2), Uint32Array.of(0, 2), options);

export const PLACES: Readonly<Record<string, Parameters>> = {
  loadHarmonyEncoding: {
    name: [values.NAME, (_, v) => loadHarmonyEncoding(v)],
    options: [OPTIONS, (_, v) => loadHarmonyEncoding(undefined, v)],
  },
  loadHarmonyEncodingSync: { name: [values.NAME, (_, v) => loadHarmonyEncodingSync(v)] },
  renderConversation: {
    conversation: [CONVERSATION, (e, v) => e.renderConversation(v)],
    config: [OPTIONS, (e, v) => e.renderConversation([], v)],
    "config.auto_drop_analysis": [
      FLAG,
      (e, v) => e.renderConversation([], { auto_drop_analysis: v }),
    ],
  },
  renderConversationForCompletion: {
    conversation: [CONVERSATION, (e, v) => e.renderConversationForCompletion(v, "user")],
    nextTurnRole: [ROLE, (e, v) => e.renderConversationForCompletion([], v)],
    config: [OPTIONS, (e, v) => e.renderConversationForCompletion([], "user", v)],
    "config.auto_drop_analysis": [
      FLAG,
      (e, v) => e.renderConversationForCompletion([], "user", { auto_drop_analysis: v }),
    ],
  },
  renderConversationForTraining: {
    conversation: [CONVERSATION, (e, v) => e.renderConversationForTraining(v)],
    config: [OPTIONS, (e, v) => e.renderConversationForTraining([], v)],
    "config.auto_drop_analysis": [
      FLAG,
      (e, v) => e.renderConversationForTraining([], { auto_drop_analysis: v }),
    ],
  },
  renderWithSpans: {
    conversation: [CONVERSATION, (e, v) => e.renderWithSpans(v)],
    options: [OPTIONS, (e, v) => e.renderWithSpans([], v)],
    "options.for": [values.PURPOSE, (e, v) => e.renderWithSpans([], { for: v })],
    "options.nextTurnRole": [
      ROLE,
      (e, v) => e.renderWithSpans([], { for: "completion", nextTurnRole: v }),
    ],
    "options.config": [OPTIONS, (e, v) => e.renderWithSpans([], { config: v })],
    "options.config.auto_drop_analysis": [
      FLAG,
      (e, v) => e.renderWithSpans([], { config: { auto_drop_analysis: v } }),
    ],
    "options.messages": [values.INDICES, (e, v) => e.renderWithSpans([MESSAGE_0], { messages: v })],
  },
  renderRows: {
    rows: [values.BYTES, (e, v) => e.renderRows(v, Uint32Array.of(0))],
    ends: [values.ENDS, (e, v) => e.renderRows(new Uint8Array(2), v)],
    options: [OPTIONS, (e, v) => rendersRow(e, v)],
    "options.for": [values.PURPOSE, (e, v) => rendersRow(e, { for: v })],
    "options.nextTurnRole": [ROLE, (e, v) => rendersRow(e, { for: "completion", nextTurnRole: v })],
    "options.shape": [values.SHAPE, (e, v) => rendersRow(e, { shape: v })],
    "options.preface": [values.PREFACE, (e, v) => rendersRow(e, { preface: v })],
    "options.analysis": [values.POLICY, (e, v) => rendersRow(e, { analysis: v })],
    "options.mostTokens": [values.MOST, (e, v) => rendersRow(e, { mostTokens: v })],
    "options.fields": [values.FIELDS, (e, v) => rendersRow(e, { fields: v })],
    "options.rowFields": [values.FIELDS, (e, v) => rendersRow(e, { rowFields: v })],
  },
  proveRows: {
    tokens: [TOKENS, (e, v) => e.proveRows(v, Uint32Array.of(0))],
    ends: [values.ENDS, (e, v) => e.proveRows(new Uint32Array(2), v)],
  },
  render: {
    message: [MESSAGE, (e, v) => e.render(v)],
    options: [OPTIONS, (e, v) => e.render({ role: "user", content: "" }, v)],
    "options.conversation_has_function_tools": [
      FLAG,
      (e, v) => e.render({ role: "user", content: "" }, { conversation_has_function_tools: v }),
    ],
  },
  parseMessagesFromCompletionTokens: {
    tokens: [values.COMPLETION, (e, v) => e.parseMessagesFromCompletionTokens(v)],
    role: [ROLE_OR_NONE, (e, v) => e.parseMessagesFromCompletionTokens([], v)],
    options: [OPTIONS, (e, v) => e.parseMessagesFromCompletionTokens([], null, v)],
    "options.strict": [
      FLAG,
      (e, v) => e.parseMessagesFromCompletionTokens([], null, { strict: v }),
    ],
  },
  recoverMessagesFromCompletionTokens: {
    tokens: [TOKENS, (e, v) => e.recoverMessagesFromCompletionTokens(v)],
    role: [ROLE_OR_NONE, (e, v) => e.recoverMessagesFromCompletionTokens([], v)],
    options: [OPTIONS, (e, v) => e.recoverMessagesFromCompletionTokens([], null, v)],
    "options.tools": [
      values.TOOL_NAMES,
      (e, v) => e.recoverMessagesFromCompletionTokens([], null, { tools: v }),
    ],
  },
  encode: {
    text: [values.SPECIAL_TEXT, (e, v) => e.encode(v)],
    options: [OPTIONS, (e, v) => e.encode("x", v)],
    "options.allowedSpecial": [SPECIALS, (e, v) => e.encode("x", { allowedSpecial: v })],
    "options.disallowedSpecial": [
      values.DISALLOWED,
      (e, v) => e.encode("hello world", { disallowedSpecial: v }),
    ],
  },
  encodeOrdinary: { text: [TEXT, (e, v) => e.encodeOrdinary(v)] },
  countTokens: {
    text: [values.COUNTED, (e, v) => e.countTokens(v)],
    options: [OPTIONS, (e, v) => e.countTokens([], v)],
    "options.for": [values.PURPOSE, (e, v) => e.countTokens([], { for: v })],
  },
  decode: { tokens: [DECODED, (e, v) => e.decode(v)] },
  decodeUtf8: { tokens: [[...DECODED, ...values.BROKEN_UTF8], (e, v) => e.decodeUtf8(v)] },
  decodeBytes: { tokens: [DECODED, (e, v) => e.decodeBytes(v)] },
  isSpecialToken: { token: [values.TOKEN, (e, v) => e.isSpecialToken(v)] },
  StreamableParser: {
    encoding: [values.ENCODING, (_, v) => new StreamableParser(v)],
    role: [ROLE_OR_NONE, (e, v) => new StreamableParser(e, v)],
    options: [OPTIONS, (e, v) => new StreamableParser(e, null, v)],
    "options.strict": [FLAG, (e, v) => new StreamableParser(e, null, { strict: v })],
  },
  process: { tokens: [values.PROCESS, (e, v) => new StreamableParser(e).process(v)] },
  RecoveringParser: {
    encoding: [values.ENCODING, (_, v) => new RecoveringParser(v)],
    role: [ROLE_OR_NONE, (e, v) => new RecoveringParser(e, v)],
    options: [OPTIONS, (e, v) => new RecoveringParser(e, null, v)],
    "options.prefix": [PREFIX, (e, v) => new RecoveringParser(e, null, { prefix: v })],
    "options.tools": [values.TOOL_NAMES, (e, v) => new RecoveringParser(e, null, { tools: v })],
  },
  push: { tokens: [values.PUSHED, (e, v) => new RecoveringParser(e).push(v)] },
  reset: {
    role: [ROLE_OR_NONE, (e, v) => new RecoveringParser(e).reset(v)],
    options: [OPTIONS, (e, v) => new RecoveringParser(e).reset(null, v)],
    "options.prefix": [PREFIX, (e, v) => new RecoveringParser(e).reset(null, { prefix: v })],
    "options.tools": [
      values.TOOL_NAMES,
      (e, v) => new RecoveringParser(e).reset(null, { tools: v }),
    ],
  },
  parseHarmonyText: {
    encoding: [values.ENCODING, (_, v) => parseHarmonyText(v, "")],
    text: [TEXT, (e, v) => parseHarmonyText(e, v)],
    role: [ROLE_OR_NONE, (e, v) => parseHarmonyText(e, "", v)],
    options: [OPTIONS, (e, v) => parseHarmonyText(e, "", null, v)],
    "options.tools": [values.TOOL_NAMES, (e, v) => parseHarmonyText(e, "", null, { tools: v })],
  },
  parseStream: {
    role: [ROLE_OR_NONE, (e, v) => parseStream(e, [], { role: v })],
    "options.recover": [FLAG, (e, v) => parseStream(e, [], { recover: v })],
    "options.prefix": [PREFIX, (e, v) => parseStream(e, [], { prefix: v })],
    "options.tools": [values.TOOL_NAMES, (e, v) => parseStream(e, [], { tools: v })],
  },
  HarmonyEventStream: {
    "options.recover": [FLAG, (e, v) => new HarmonyEventStream(e, { recover: v })],
    "options.tools": [values.TOOL_NAMES, (e, v) => new HarmonyEventStream(e, { tools: v })],
  },
  renderForContinuation: {
    encoding: [values.ENCODING, (_, v) => renderForContinuation(v, [MESSAGE_0])],
    conversation: [CONVERSATION, (e, v) => renderForContinuation(e, v)],
    config: [OPTIONS, (e, v) => renderForContinuation(e, [MESSAGE_0], v)],
  },
  isWithinTokenLimit: {
    encoding: [values.ENCODING, (_, v) => isWithinTokenLimit(v, "x", 1)],
    text: [values.COUNTED, (e, v) => isWithinTokenLimit(e, v, 1)],
    limit: [values.TOKEN, (e, v) => isWithinTokenLimit(e, "x", v)],
    options: [OPTIONS, (e, v) => isWithinTokenLimit(e, [], 1, v)],
  },
  fitConversation: {
    encoding: [values.ENCODING, (_, v) => fitConversation(v, [], 1)],
    limit: [values.TOKEN, (e, v) => fitConversation(e, [], v)],
    options: [OPTIONS, (e, v) => fitConversation(e, [], 1, v)],
  },
  tokenTexts: {
    encoding: [values.ENCODING, (_, v) => tokenTexts(v, [])],
    tokens: [DECODED, (e, v) => tokenTexts(e, v)],
  },
  tokenOffsets: {
    encoding: [values.ENCODING, (_, v) => tokenOffsets(v, [])],
    tokens: [DECODED, (e, v) => tokenOffsets(e, v)],
  },
  continueConversation: {
    encoding: [values.ENCODING, (_, v) => continueConversation(v, [], [], [], "user")],
    promptTokens: [TOKENS, (e, v) => continueConversation(e, v, [], [], "user")],
    completionTokens: [TOKENS, (e, v) => continueConversation(e, [], v, [], "user")],
    conversation: [CONVERSATION, (e, v) => continueConversation(e, [], [], v, "user")],
    nextTurnRole: [ROLE, (e, v) => continueConversation(e, [], [], [], v)],
    options: [OPTIONS, (e, v) => continueConversation(e, [], [], [], "user", v)],
    "options.keepReturn": [
      FLAG,
      (e, v) => continueConversation(e, [], [], [], "user", { keepReturn: v }),
    ],
  },
  systemMessage: { content: [values.SYSTEM, (_, v) => systemMessage(v)] },
  developerMessage: { content: [values.DEVELOPER, (_, v) => developerMessage(v)] },
  functionTools: { tools: [values.TOOLS, (_, v) => functionTools(v)] },
  userMessage: { header: [values.HEADER, (_, v) => userMessage("", v)] },
  assistantMessage: { header: [values.HEADER, (_, v) => assistantMessage("", v)] },
  toolMessage: { header: [values.HEADER, (_, v) => toolMessage("f", "", v)] },
  toolResult: { call: [values.CALL, (_, v) => toolResult(v, "")] },
};
