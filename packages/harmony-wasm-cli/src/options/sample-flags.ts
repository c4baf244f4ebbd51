/** The flags that choose how a conversation becomes samples, and the plan they make. */

import { Command, InvalidArgumentError, Option } from "commander";
import type { Role } from "harmony-wasm";
import type { ChatOptions } from "harmony-wasm/openai";
import { UsageError } from "../exit.ts";
import { chatFlagOf, systemFlagOf } from "../render/chat-only.ts";
import {
  ANALYSIS_POLICIES,
  MASK_PRESETS,
  PURPOSES,
  ROLES,
  type SamplePlan,
  TRUNCATIONS,
} from "../render/plan.ts";
import { SHAPES } from "../rows/shapes.ts";
import { day, monthOrDay, namesOf, positiveInteger } from "./values.ts";

/** The flags that choose which ids a sample has, as commander reads them. */
export interface IdFlags extends ChatFlags {
  shape: SamplePlan["shape"];
  for: SamplePlan["for"];
  analysis?: SamplePlan["analysis"];
  maxLength?: number;
  truncation: SamplePlan["truncation"];
}

/** The flags of rows in the shape of Chat Completions. */
interface ChatFlags {
  systemMessage: boolean;
  reasoningEffort?: string;
  conversationDate?: string;
  knowledgeCutoff?: string;
  modelIdentity?: string;
  thinkTags?: boolean;
  allowMarkup?: boolean;
  simplifySchemas?: boolean;
}

/** The flags that choose which of the ids are trained on. */
interface MaskFlags {
  mask: SamplePlan["mask"]["preset"];
  maskRoles?: Role[];
  maskChannels?: string[];
  lastTurn?: boolean;
  analysisLoss: boolean;
}

/** All flags of samples. */
export interface SampleFlags extends IdFlags, MaskFlags {}

const EFFORTS = ["low", "medium", "high"];
const USUAL_MASK: MaskFlags = { mask: "sampled", analysisLoss: true };
const MASK_FLAGS: Readonly<Record<keyof MaskFlags, string>> = {
  mask: "--mask",
  maskRoles: "--mask-roles",
  maskChannels: "--mask-channels",
  lastTurn: "--last-turn",
  analysisLoss: "--no-analysis-loss",
};

/** Adds the flags of {@link SampleFlags}. */
export function addSampleFlags(command: Command): Command {
  return addChatFlags(addLengthFlags(addMaskFlags(addConversationFlags(command))));
}

/** Adds the flags of {@link IdFlags}. */
export function addIdFlags(command: Command): Command {
  return addChatFlags(addLengthFlags(addConversationFlags(command)));
}

/**
 * The first flag of samples on the command line. Rendered rows have their samples already, and a
 * text has none, so there it would do nothing.
 */
export function chosenSampleFlag(command: Command): string | undefined {
  const names = addSampleFlags(new Command()).options.map((option) => option.attributeName());
  const isChosen = (option: Option) =>
    names.includes(option.attributeName()) &&
    command.getOptionValueSource(option.attributeName()) === "cli";
  return command.options.find(isChosen)?.long;
}

function addConversationFlags(command: Command): Command {
  return command
    .optionsGroup("Conversations:")
    .addOption(choice("--shape <shape>", "shape of the conversations", ["auto", ...SHAPES], "auto"))
    .addOption(choice("--for <purpose>", "purpose of the ids", PURPOSES, "training"))
    .addOption(
      new Option(
        "--analysis <policy>",
        "which analysis to keep (default: upstream; for training from chat rows, drop-history)",
      ).choices(ANALYSIS_POLICIES),
    );
}

function addMaskFlags(command: Command): Command {
  return command
    .optionsGroup("Loss mask:")
    .addOption(choice("--mask <preset>", "which ids to train on", MASK_PRESETS, USUAL_MASK.mask))
    .option("--mask-roles <roles>", "train only on messages of these roles", rolesNamed)
    .option("--mask-channels <names>", "train only on messages on these channels", namesOf)
    .option("--last-turn", "train only on messages after the last user message")
    .option("--no-analysis-loss", "do not train on analysis");
}

function addLengthFlags(command: Command): Command {
  return command
    .optionsGroup("Length:")
    .option("--max-length <ids>", "maximum number of ids in a sample", positiveInteger)
    .addOption(choice("--truncation <policy>", "policy for longer samples", TRUNCATIONS, "reject"));
}

function addChatFlags(command: Command): Command {
  return command
    .optionsGroup("Chat Completions (shape chat):")
    .option("--no-system-message", "omit harmony's system message")
    .addOption(new Option("--reasoning-effort <effort>", "for rows without one").choices(EFFORTS))
    .option("--conversation-date <day>", "date in the system message, as 2026-01-31", day)
    .option("--knowledge-cutoff <month>", "replaces upstream's default; as 2024-06", monthOrDay)
    .option("--model-identity <text>", "replaces upstream's default")
    .option("--think-tags", "read <think>…</think> before an answer as its analysis")
    .option("--allow-markup", "render text such as <|end|> as text instead of refusing it")
    .option("--simplify-schemas", "rewrite tool schemas that upstream renders as any");
}

function choice(
  flags: string,
  description: string,
  from: readonly string[],
  byDefault: string,
): Option {
  return new Option(flags, description).choices(from).default(byDefault);
}

/** The plan that the flags make; samples have to fit into packs of `packLength`. */
export function samplePlan(given: IdFlags & Partial<MaskFlags>, packLength?: number): SamplePlan {
  const flags = { ...USUAL_MASK, ...given };
  const { shape, truncation } = flags;
  if (flags.for !== "training") refuseTrainingOnly(flags);
  const chat = chatOptions(flags);
  if (shape === "harmony") refuseChatOnly(chat);
  if (!flags.systemMessage) refuseSystemFields(chat);
  const maxLength = maxLengthOf(flags, packLength);
  const analysis = flags.analysis === undefined ? {} : { analysis: flags.analysis };
  const length = maxLength === undefined ? {} : { maxLength };
  const mask = maskOptions(flags);
  return { shape, for: flags.for, ...analysis, mask, ...length, truncation, chat };
}

function maxLengthOf({ maxLength, truncation }: IdFlags, packLength?: number): number | undefined {
  if (maxLength === undefined) {
    if (packLength !== undefined || truncation === "reject") return packLength;
    throw new UsageError(`--truncation ${truncation} requires --max-length or --pack`);
  }
  if (packLength === undefined || maxLength <= packLength) return maxLength;
  throw new UsageError(`--max-length ${maxLength} is greater than --pack ${packLength}`);
}

function maskOptions({
  mask,
  maskRoles,
  maskChannels,
  lastTurn,
  analysisLoss,
}: MaskFlags): SamplePlan["mask"] {
  return {
    preset: mask,
    ...(maskRoles && { roles: maskRoles }),
    ...(maskChannels && { channels: maskChannels }),
    lastTurnOnly: lastTurn ?? false,
    analysis: analysisLoss,
  };
}

function rolesNamed(text: string): Role[] {
  const names = namesOf(text);
  const known = ROLES.filter((role) => names.includes(role));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`Expected roles among ${ROLES.join(", ")}.`);
}

function refuseTrainingOnly(flags: SampleFlags): void {
  const isPlain = [undefined, "upstream", "keep"].includes(flags.analysis);
  if (!isPlain) throw new UsageError(`--analysis ${flags.analysis} requires --for training`);
  if (flags.truncation !== "reject") throw new UsageError("--truncation requires --for training");
  if (flags.for !== "completion") return;
  const mask = chosenMaskFlag(flags);
  if (mask === undefined) return;
  throw new UsageError(`${mask} requires --for training: nothing in a prompt is trained on`);
}

/** Conversations in harmony's shape have their system message and tools already. */
function refuseChatOnly(chat: ChatOptions): void {
  const flag = chatFlagOf(chat);
  if (flag !== undefined) throw new UsageError(`${flag} requires --shape chat`);
}

/** The fields of a message that is left out. */
function refuseSystemFields(chat: ChatOptions): void {
  const flag = systemFlagOf(chat);
  if (flag === undefined) return;
  throw new UsageError(
    `${flag} requires harmony's system message, which --no-system-message leaves out`,
  );
}

/** The first flag of the mask that is not as usual. */
function chosenMaskFlag(flags: MaskFlags): string | undefined {
  const isChosen = (name: string) => Reflect.get(flags, name) !== Reflect.get(USUAL_MASK, name);
  return Object.entries(MASK_FLAGS).find(([name]) => isChosen(name))?.[1];
}

function chatOptions(flags: ChatFlags): ChatOptions {
  const { reasoningEffort, conversationDate, knowledgeCutoff, modelIdentity } = flags;
  return {
    systemMessage: flags.systemMessage,
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...(conversationDate !== undefined && { conversationStartDate: conversationDate }),
    ...(knowledgeCutoff !== undefined && { knowledgeCutoff }),
    ...(modelIdentity !== undefined && { modelIdentity }),
    ...(flags.thinkTags && { thinkTags: true }),
    ...(flags.allowMarkup && { allowMarkup: true }),
    ...(flags.simplifySchemas && { simplifySchemas: true }),
  };
}
