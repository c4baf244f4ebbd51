/** The flags that choose how a conversation becomes samples, and the plan they make. */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { ChatOptions } from "harmony-wasm/openai";
import { UsageError } from "../exit.ts";
import {
  ANALYSIS_POLICIES,
  MASK_PRESETS,
  PURPOSES,
  ROLES,
  type SamplePlan,
  TRUNCATIONS,
} from "../render/plan.ts";
import { SHAPES } from "../rows/shapes.ts";
import { namesOf, positiveInteger } from "./values.ts";

/** The flags as commander reads them. */
export interface SampleFlags {
  shape: SamplePlan["shape"];
  for: SamplePlan["for"];
  analysis?: SamplePlan["analysis"];
  mask: SamplePlan["mask"]["preset"];
  maskRoles?: (typeof ROLES)[number][];
  maskChannels?: string[];
  lastTurn?: boolean;
  analysisLoss: boolean;
  maxLength?: number;
  truncation: SamplePlan["truncation"];
  systemMessage: boolean;
  reasoningEffort?: string;
  conversationDate?: string;
  knowledgeCutoff?: string;
  modelIdentity?: string;
  thinkTags?: boolean;
  allowMarkup?: boolean;
  simplifySchemas?: boolean;
}

const EFFORTS = ["low", "medium", "high"];

/** Adds the flags of {@link SampleFlags}. */
export function addSampleFlags(command: Command): Command {
  return addChatFlags(addLengthFlags(addMaskFlags(addConversationFlags(command))));
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
    .addOption(choice("--mask <preset>", "which ids to train on", MASK_PRESETS, "sampled"))
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
    .option("--conversation-date <date>", "date in the system message")
    .option("--knowledge-cutoff <date>", "replaces upstream's default")
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
export function samplePlan(flags: SampleFlags, packLength?: number): SamplePlan {
  const { shape, truncation } = flags;
  if (flags.for !== "training") refuseTrainingOnly(flags);
  const maxLength = flags.maxLength ?? packLength;
  if (maxLength !== undefined && packLength !== undefined && maxLength > packLength) {
    throw new UsageError(`--max-length ${maxLength} is greater than --pack ${packLength}`);
  }
  const mask = {
    preset: flags.mask,
    ...(flags.maskRoles && { roles: flags.maskRoles }),
    ...(flags.maskChannels && { channels: flags.maskChannels }),
    lastTurnOnly: flags.lastTurn ?? false,
    analysis: flags.analysisLoss,
  };
  const chat = chatOptions(flags);
  const analysis = flags.analysis === undefined ? {} : { analysis: flags.analysis };
  const length = maxLength === undefined ? {} : { maxLength };
  return { shape, for: flags.for, ...analysis, mask, ...length, truncation, chat };
}

function rolesNamed(text: string): (typeof ROLES)[number][] {
  const names = namesOf(text);
  const known = ROLES.filter((role) => names.includes(role));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`Expected roles among ${ROLES.join(", ")}.`);
}

function refuseTrainingOnly(flags: SampleFlags): void {
  const isPlain = [undefined, "upstream", "keep"].includes(flags.analysis);
  if (!isPlain) throw new UsageError(`--analysis ${flags.analysis} requires --for training`);
  if (flags.truncation !== "reject") throw new UsageError("--truncation requires --for training");
}

function chatOptions(flags: SampleFlags): ChatOptions {
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
