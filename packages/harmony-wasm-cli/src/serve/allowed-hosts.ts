/**
 * The names that requests may call the server by. This module promises that a page
 * whose own name was made to resolve to this machine (DNS rebinding) is refused: it
 * has the server's origin, so neither CORS nor a preflight request stops it, but the
 * browser sends the page's name in `Host`.
 */

import { isIP } from "node:net";
import { UsageError } from "../exit.ts";

/** Whether requests with this `Host` are answered. */
export type HostCheck = (host: string) => boolean;

/** What `--allowed-host` says; `"*"` is every name. */
export type AllowedHosts = readonly string[] | "*";

/**
 * Allows `localhost`, addresses, the name that is listened on, and what is given; a name
 * that begins with a dot includes all names below it. Undefined: every name, because
 * a page does not know the key that requests need.
 */
export function hostCheck(
  allowed: AllowedHosts | undefined,
  listening: string,
  needsKey: boolean,
): HostCheck {
  if (allowed === "*" || (allowed === undefined && needsKey)) return () => true;
  const names = [listening.toLowerCase(), "localhost", ".localhost", ...(allowed ?? [])];
  return (host) => {
    const name = nameIn(host);
    if (name === undefined) return false;
    // No name was looked up, so none was made to resolve to this machine.
    if (isIP(name.replace(/^\[|\]$/g, "")) > 0) return true;
    return names.some((each) => isNamed(name, each));
  };
}

function isNamed(name: string, allowed: string): boolean {
  return allowed.startsWith(".")
    ? name.endsWith(allowed) || name === allowed.slice(1)
    : name === allowed;
}

/** The names of `--allowed-host`, as browsers write them. */
export function allowedHosts(given: readonly string[] | undefined): AllowedHosts | undefined {
  return given?.includes("*") ? "*" : given?.map(allowedName);
}

function allowedName(given: string): string {
  const dot = given.startsWith(".") ? "." : "";
  const name = nameIn(given.slice(dot.length));
  const hasPort = /:\d+$/.test(given) && !given.endsWith("]") && isIP(given) === 0;
  if (name !== undefined && !name.includes("*") && !hasPort) return dot + name;
  const advice = hasPort ? "; the port does not matter" : "";
  throw new UsageError(
    "--allowed-host expects a name such as app.example.com, .example.com with all names below it, " +
      `or *, got ${JSON.stringify(given)}${advice}`,
  );
}

/** The name in a `Host` header, without its port; undefined for anything else. */
function nameIn(host: string): string | undefined {
  const address = `http://${host}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // Anything but a name and a port would be a part of its own.
  if (url === undefined || url.href !== `http://${url.host}/`) return undefined;
  return url.hostname.replace(/\.$/, "");
}
