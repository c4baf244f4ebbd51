/** What `harmony serve` is started with. This module promises types; it has no functions. */

import type { HandlerLimits } from "harmony-wasm/openai";
import type { AllowedHosts } from "./allowed-hosts.ts";

/** The options of the server. */
export interface ServeOptions {
  backend: {
    url: URL;
    kind: "completions" | "llamacpp";
    model: string | undefined;
    contextLength: number | undefined;
    apiKey: string | undefined;
  };
  host: string;
  port: number;
  apiKeys: readonly string[] | undefined;
  /** Undefined: every name where requests need a key, this machine's own elsewhere. */
  allowedHosts: AllowedHosts | undefined;
  cors: readonly string[] | "*" | undefined;
  /** Undefined: in memory. */
  store: { file: string; days: number } | undefined;
  /** Undefined: the store's own, or a random one. */
  encryptionKey: Uint8Array | undefined;
  limits: HandlerLimits;
  stopTimeoutMs: number;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
}
