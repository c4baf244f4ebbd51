/** Which pages may send requests. This module promises that by default none may. */

import { described } from "../../check/arguments.js";
import type { OptionCheck } from "../check/options.js";
import { listOf, text } from "../check/values.js";
import { errorResponse, HttpError } from "./failure.js";

type Answer = () => Promise<Response>;

/** `"*"`, or origins as browsers send them: one that is spelt differently never matches. */
export const originsCheck: OptionCheck = (name, value) => {
  if (value !== "*") listOf('origins, or "*"', origin)(name, value);
};

const origin: OptionCheck = (name, value) => {
  text(name, value);
  const given = String(value);
  // Pages in a sandbox and pages of files send "null".
  if (given === "null" || given === originOf(given)) return;
  const written = originOf(given.includes("://") ? given : `https://${given}`);
  const advice =
    given === "*"
      ? ': write "*" without the list'
      : written && `: write ${JSON.stringify(written)}`;
  const wanted = 'an origin such as "https://app.example.com"';
  throw new TypeError(`"${name}" expected ${wanted}, got ${described(given)}${advice ?? ""}`);
};

/** The origin of an address. Browsers' own kinds, such as extensions, have one that URL gives as null. */
function originOf(address: string): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // A star would match itself alone.
  if (url === undefined || url.host === "" || url.host.includes("*")) return undefined;
  return url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin;
}

/** Adds the headers of an allowed origin, answers its preflight requests, and refuses what others send unasked. */
export function crossOrigin(
  given: readonly string[] | "*" | undefined,
): (request: Request, answer: Answer) => Promise<Response> {
  const allowed = given ?? [];
  return async (request, answer) => {
    const origin = request.headers.get("origin");
    const isAllowed = origin !== null && (allowed === "*" || allowed.includes(origin));
    if (!isAllowed) return isUnasked(request) ? refused(origin) : answer();
    const isPreflight =
      request.method === "OPTIONS" && request.headers.has("access-control-request-method");
    const response = isPreflight ? preflight(request) : await answer();
    response.headers.set("access-control-allow-origin", allowed === "*" ? "*" : origin);
    response.headers.append("vary", "origin");
    response.headers.set("access-control-expose-headers", "harmony-warnings");
    return response;
  };
}

/**
 * Whether a browser sends this for a page of another site or origin without a preflight request.
 * JSON always has one, and the CORS of a server around the handler may have allowed it. Text has
 * none, and the page need not read the answer.
 */
function isUnasked({ method, headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (method !== "POST" || (site !== "cross-site" && site !== "same-site")) return false;
  return !/^application\/json\b/i.test(headers.get("content-type") ?? "");
}

function refused(origin: string | null): Response {
  const message = `pages of ${origin ?? "another origin"} may send only JSON, and only if their origin is allowed in "cors"`;
  return errorResponse(new HttpError(403, "invalid_request_error", "origin_not_allowed", message));
}

function preflight(request: Request): Response {
  const headers = new Headers({
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-max-age": "86400",
  });
  const asked = request.headers.get("access-control-request-headers");
  if (asked !== null) headers.set("access-control-allow-headers", asked);
  return new Response(null, { status: 204, headers });
}
