/** `harmony serve`: an OpenAI-compatible endpoint in front of an engine that takes token ids. */

import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../exit.ts";
import { positiveInteger, wholeNumberWithin } from "../options/values.ts";
import { allowedHosts } from "../serve/allowed-hosts.ts";
import type { ServeOptions } from "../serve/options.ts";

/** The flags, as commander reads them. */
interface ServeFlags {
  backend: URL;
  kind: ServeOptions["backend"]["kind"];
  model?: string;
  contextLength?: number;
  host: string;
  port: number;
  apiKey?: string[];
  store?: string;
  storeDays: number;
  encryptionKeyFile?: string;
  allowedHost?: string[];
  cors?: string[];
  maxBody: number;
  maxConcurrency: number;
  maxTokens?: number;
  timeout: number;
  stopTimeout: number;
  logLevel: ServeOptions["logLevel"];
}

const MEBIBYTE = 2 ** 20;
/** The most that a timer counts, 2^31 - 1 milliseconds: with more, it fires at once. */
const MOST_SECONDS = Math.floor((2 ** 31 - 1) / 1000);
const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("serve Chat Completions and Responses in front of vLLM, SGLang or llama.cpp")
    .requiredOption("--backend <url>", "the engine's address, with /v1 for completions", address)
    .addOption(
      new Option("--kind <kind>", "the engine's API: vLLM's and SGLang's, or llama.cpp's")
        .choices(["completions", "llamacpp"])
        .default("completions"),
    )
    .option("--model <name>", "the model's name on the engine, and in /v1/models")
    .option("--context-length <ids>", "ids of prompt and completion together", positiveInteger);
  addAccessFlags(command);
  addLimitFlags(command);
  command.action(async (flags: ServeFlags) => {
    if (flags.store === undefined && command.getOptionValueSource("storeDays") === "cli") {
      throw new UsageError(
        "--store-days has no effect without --store: memory ends with the server",
      );
    }
    const isListed = command.getOptionValueSource("apiKey") === "env";
    const options = optionsOf({ ...flags, ...(isListed && { apiKey: listedKeys(flags.apiKey) }) });
    const { serve } = await import("../serve/serve.ts");
    await serve(options);
  });
}

function addAccessFlags(command: Command): void {
  command
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option(
      "--port <number>",
      "the port to listen on; 0 picks a free one",
      wholeNumberWithin("a port", 0, 65_535),
      8080,
    )
    .addOption(
      new Option("--api-key <key...>", "a key that requests need; better in the environment").env(
        "HARMONY_API_KEYS",
      ),
    )
    .option(
      "--allowed-host <name...>",
      "names in the header Host that are answered besides localhost and addresses; * is all",
    )
    .option("--cors <origin...>", "origins whose pages may send requests; * is all")
    .option("--store <file>", "SQLite file for stored responses (default: in memory)")
    .option(
      "--store-days <days>",
      "delete stored responses after this many days",
      positiveInteger,
      30,
    )
    .option(
      "--encryption-key-file <file>",
      "the secret behind encrypted_content, 32 bytes or more",
    );
}

function addLimitFlags(command: Command): void {
  command
    .option("--max-body <MiB>", "largest request body", positiveInteger, 32)
    .option("--max-concurrency <n>", "most completions at the same time", positiveInteger, 256)
    .option("--max-tokens <n>", "most ids of a completion", positiveInteger)
    .option("--timeout <seconds>", "longest time of a completion", seconds(1), 600)
    .option(
      "--stop-timeout <seconds>",
      "how long running answers may continue after SIGTERM",
      seconds(0),
      30,
    )
    .addOption(
      new Option("--log-level <level>", "least severe level that is logged, as JSON on stdout")
        .choices(LOG_LEVELS)
        .default("info"),
    );
}

/** The keys of the environment are one text; a key of the command line may have a comma in it. */
function listedKeys(given: readonly string[] = []): string[] {
  const keys = given.flatMap((text) => text.split(",")).map((key) => key.trim());
  if (!keys.includes("")) return keys;
  throw new UsageError("HARMONY_API_KEYS expects keys separated by commas, got an empty one");
}

function optionsOf(flags: ServeFlags): ServeOptions {
  if (flags.apiKey?.includes("")) throw new UsageError("--api-key expects keys, got an empty one");
  return {
    backend: {
      url: flags.backend,
      kind: flags.kind,
      model: flags.model,
      contextLength: flags.contextLength,
      apiKey: process.env.HARMONY_BACKEND_KEY,
    },
    host: flags.host,
    port: flags.port,
    apiKeys: flags.apiKey,
    allowedHosts: allowedHosts(flags.allowedHost),
    cors: flags.cors?.includes("*") ? "*" : flags.cors,
    store: flags.store === undefined ? undefined : { file: flags.store, days: flags.storeDays },
    encryptionKey: encryptionKey(flags.encryptionKeyFile),
    limits: {
      bodyBytes: flags.maxBody * MEBIBYTE,
      concurrency: flags.maxConcurrency,
      durationMs: flags.timeout * 1000,
      ...(flags.maxTokens !== undefined && { completionTokens: flags.maxTokens }),
    },
    stopTimeoutMs: flags.stopTimeout * 1000,
    logLevel: flags.logLevel,
  };
}

function encryptionKey(file: string | undefined): Uint8Array | undefined {
  if (file === undefined) return undefined;
  const key = keyIn(file);
  if (key.length >= 32) return key;
  throw new UsageError(`--encryption-key-file expects 32 bytes or more, got ${key.length}`);
}

function keyIn(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--encryption-key-file ${file} could not be read: ${reason}`);
  }
}

function address(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new InvalidArgumentError("Expected an address such as http://127.0.0.1:8000/v1.");
}

function seconds(least: number): (given: string) => number {
  return wholeNumberWithin("whole seconds", least, MOST_SECONDS);
}
