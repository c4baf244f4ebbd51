/** The arguments that every user of an engine takes, checked before a request needs the engine. */

import { described } from "../../check/arguments.js";
import type { OptionCheck, OptionChecks } from "../check/options.js";
import { callable, describedObject, text } from "../check/values.js";
import type { HttpOptions } from "./http.js";

/** A backend. */
export const backend: OptionCheck = (name, value) => {
  const { generate, constrains }: { generate?: unknown; constrains?: unknown } = Object(value);
  if (typeof generate === "function" && ["undefined", "function"].includes(typeof constrains))
    return;
  const wanted = "an object with generate, as completionsBackend({ baseURL }) gives it";
  throw new TypeError(`"${name}" expected ${wanted}, got ${describedObject(value)}`);
};

/** The address of an engine. A page may name one of its own server, by its path. */
const address: OptionCheck = (name, value) => {
  const url = typeof value === "string" || value instanceof URL ? parsed(String(value)) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return;
  const wanted = 'an http or https address such as "http://127.0.0.1:8000/v1"';
  throw new TypeError(`"${name}" expected ${wanted}, got ${described(value)}`);
};

function parsed(address: string): URL | undefined {
  const page = address.startsWith("/") ? globalThis.location?.href : undefined;
  return URL.canParse(address, page) ? new URL(address, page) : undefined;
}

/** The checks of what every engine over HTTP takes. */
export const HTTP_OPTIONS: OptionChecks<HttpOptions> = {
  baseURL: address,
  apiKey: text,
  headers: (name, value) => {
    if (typeof value !== "object" || value === null) {
      throw new TypeError(`"${name}" expected an object of headers, got ${described(value)}`);
    }
  },
  fetch: callable,
};

/** Refuses an address in the place of the options, and says what to write. */
export function refuseBareAddress(options: unknown): void {
  if (typeof options !== "string" && !(options instanceof URL)) return;
  const given = described(String(options));
  throw new TypeError(`"options" expected { baseURL }, got ${given}: write { baseURL: ${given} }`);
}
