/** The flags of `render` and the commands like it, and what they mean. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { loadHarmonyEncodingSync } from "harmony-wasm";
import type { ChatOptions } from "harmony-wasm/openai";
import { UsageError } from "../exit.ts";
import {
  ANALYSIS_POLICIES,
  MASK_PRESETS,
  type PackOptions,
  PURPOSES,
  ROLES,
  type SampleOptions,
  SHAPES,
  type Shape,
  TRUNCATIONS,
} from "./render-options.ts";

/** The flags that say how a conversation becomes samples, as commander reads them. */
export interface SampleFlags {
  shape: Shape | "auto";
  for: SampleOptions["for"];
  analysis: SampleOptions["analysis"];
  mask: SampleOptions["mask"]["preset"];
  maskRoles?: (typeof ROLES)[number][];
  maskChannels?: string[];
  lastTurn?: boolean;
  analysisLoss: boolean;
  maxLength?: number;
  truncation: SampleOptions["truncation"];
  systemMessage: boolean;
  reasoningEffort?: string;
  conversationDate?: string;
  knowledgeCutoff?: string;
  modelIdentity?: string;
  thinkTags?: boolean;
  allowMarkup?: boolean;
}

/** The flags that say how samples are packed. */
export interface PackFlags {
  pack?: number;
  pad?: string;
  shiftLossMask?: boolean;
}

/** Adds the flags of {@link SampleFlags}. */
export function addSampleFlags(command: Command): Command {
  const chosen = (flags: string, description: string, from: readonly string[]) =>
    new Option(flags, description).choices(from);
  return command
    .addOption(
      chosen("--shape <shape>", "the shape of the conversations", ["auto", ...SHAPES]).default(
        "auto",
      ),
    )
    .addOption(chosen("--for <purpose>", "what the ids are for", PURPOSES).default("training"))
    .addOption(
      chosen("--analysis <policy>", "which analysis stays", ANALYSIS_POLICIES).default("upstream"),
    )
    .addOption(chosen("--mask <preset>", "which ids have loss", MASK_PRESETS).default("sampled"))
    .option("--mask-roles <roles>", "only messages of these roles have loss", rolesNamed)
    .option("--mask-channels <names>", "only messages on these channels have loss", namesOf)
    .option("--last-turn", "only messages after the last user message have loss")
    .option("--no-analysis-loss", "analysis has no loss")
    .option("--max-length <ids>", "the most ids that a sample may have", wholeNumber)
    .addOption(
      chosen("--truncation <policy>", "what becomes of longer samples", TRUNCATIONS).default(
        "reject",
      ),
    )
    .option("--no-system-message", "shape chat: begin without harmony's system message")
    .addOption(
      chosen("--reasoning-effort <effort>", "shape chat: where a row says none", [
        "low",
        "medium",
        "high",
      ]),
    )
    .option("--conversation-date <date>", "shape chat: the date of the system message")
    .option("--knowledge-cutoff <date>", "shape chat: in place of upstream's")
    .option("--model-identity <text>", "shape chat: in place of upstream's")
    .option("--think-tags", "shape chat: read <think>…</think> before an answer as its analysis")
    .option(
      "--allow-markup",
      "shape chat: render text such as <|end|> as text instead of refusing it",
    );
}

/** Adds the flags of {@link PackFlags}. */
export function addPackFlags(command: Command): Command {
  return command
    .option("--pack <ids>", "pack samples into rows of at most so many ids", wholeNumber)
    .option("--pad <id>", "with --pack: fill rows up with this id or special token")
    .option("--shift-loss-mask", "with --pack: the mask one place ahead, as Megatron-Bridge's");
}

/** The options of samples; the shape has been found out. */
export function sampleOptions(
  flags: SampleFlags,
  shape: Shape,
  packLength?: number,
): SampleOptions {
  const { analysis, truncation } = flags;
  if (flags.for !== "training") refuseTrainingOnly(flags);
  const maxLength = flags.maxLength ?? packLength;
  if (maxLength !== undefined && packLength !== undefined && maxLength > packLength) {
    throw new UsageError(`--max-length ${maxLength} does not fit into --pack ${packLength}`);
  }
  const mask = {
    preset: flags.mask,
    ...(flags.maskRoles && { roles: flags.maskRoles }),
    ...(flags.maskChannels && { channels: flags.maskChannels }),
    lastTurnOnly: flags.lastTurn ?? false,
    analysis: flags.analysisLoss,
  };
  const chat = chatOptions(flags);
  const length = maxLength === undefined ? {} : { maxLength };
  return { shape, for: flags.for, analysis, mask, ...length, truncation, chat };
}

/** How samples are packed, or undefined where they are not. */
export function packOptions({ pack, pad, shiftLossMask }: PackFlags): PackOptions | undefined {
  if (pack === undefined) {
    if (pad === undefined && !shiftLossMask) return undefined;
    throw new UsageError("--pad and --shift-loss-mask are of --pack <ids>");
  }
  const padding = pad === undefined ? {} : { paddingId: paddingId(pad) };
  return { length: pack, ...padding, shiftLossMask: shiftLossMask ?? false };
}

/** A whole number from 1 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It has to be a whole number from 1 on.");
}

/** The number of a row, from 0 on. */
export function rowNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It has to be a whole number from 0 on.");
}

/** Names with commas between. */
export function namesOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function rolesNamed(text: string): (typeof ROLES)[number][] {
  const names = namesOf(text);
  const known = ROLES.filter((role) => names.includes(role));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`The roles are ${ROLES.join(", ")}.`);
}

function refuseTrainingOnly(flags: SampleFlags): void {
  const isPlain = flags.analysis === "upstream" || flags.analysis === "keep";
  if (!isPlain) throw new UsageError(`--analysis ${flags.analysis} is of --for training`);
  if (flags.truncation !== "reject") throw new UsageError("--truncation is of --for training");
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
  };
}

function paddingId(text: string): number {
  const special = loadHarmonyEncodingSync().specialTokens.get(text);
  const id = special ?? Number(text);
  if (Number.isInteger(id) && id >= 0) return id;
  throw new UsageError(`--pad ${text}: neither an id nor a special token`);
}
