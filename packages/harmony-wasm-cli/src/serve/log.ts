/**
 * Log lines, as JSON on stdout. This module promises that no prompt, completion
 * or key is in them: an error of the engine may quote the prompt, so its status
 * is logged and its text is not.
 */

import { BackendError, type HandlerEvent } from "harmony-wasm/openai";
import { destination, type Logger, pino } from "pino";

/** A logger for the server. */
export function logger(level: string): Logger {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination({ fd: 1, sync: true }));
}

/** Logs how a completion ended. */
export function logCompletion(log: Logger, event: HandlerEvent): void {
  const { type, error, storeError, ...counts } = event;
  const fields = {
    ...counts,
    ...(error === undefined ? {} : { error: errorFields(error) }),
    ...(storeError === undefined ? {} : { storeError: errorFields(storeError) }),
  };
  if (type === "failed" || storeError !== undefined) log.warn(fields, type);
  else log.info(fields, type);
}

function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name } = error;
  if (!(error instanceof BackendError)) return { name, ...codeOf(error) };
  const { status, cause } = error;
  return { name, status, ...codeOf(cause), ...(cause instanceof Error && codeOf(cause.cause)) };
}

function codeOf(error: unknown): { code?: string } {
  return error instanceof Error && "code" in error ? { code: String(error.code) } : {};
}
