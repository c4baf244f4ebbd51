/** Fields of harmony's own header that a message of Chat Completions may have. */

import { type Message, Role } from "../../index.js";
import { channelOf, checkName, type ToolNames } from "../conversation/names.js";
import { RequestError } from "../errors.js";
import { type Fields, textAt } from "../json/fields.js";

/** The fields of harmony's header besides the role and the name. */
export const HEADER_FIELDS = ["channel", "recipient", "content_type"] as const;
/** Recipients that mean nobody in particular: what a message without a recipient has. */
const NOBODY = ["all", "assistant"];
const ROLES: readonly string[] = Object.values(Role);
const CHANNELS = ["analysis", "commentary", "final"];
const WORD = /^(?:<\|constrain\|>)?[^\s<|]+$/;

/** The header of an assistant's text. An empty field is like an absent one. */
export function headerOf(
  fields: Fields,
  path: string,
  names: ToolNames,
): Partial<Pick<Message, "channel" | "recipient" | "content_type">> {
  const text = (name: string) => filledText(fields[name], `${path}.${name}`);
  const [channel, addressee, content_type] = HEADER_FIELDS.map(text);
  const recipient =
    addressee === undefined || NOBODY.includes(addressee)
      ? undefined
      : names.recipientOf(addressee, `${path}.recipient`);
  if (ROLES.some((role) => role === addressee) && recipient !== undefined) {
    const message = `expected the name of a tool, got ${JSON.stringify(addressee)}`;
    throw new RequestError("unsupported_value", message, `${path}.recipient`);
  }
  if (channel !== undefined && !CHANNELS.includes(channel)) {
    const message = `expected ${CHANNELS.join(", ")}, got ${JSON.stringify(channel)}`;
    throw new RequestError("unsupported_value", message, `${path}.channel`);
  }
  if (content_type !== undefined && !WORD.test(content_type)) {
    const message = `expected a content type of one word, got ${JSON.stringify(content_type)}`;
    throw new RequestError("unsupported_value", message, `${path}.content_type`);
  }
  const meant = channel ?? (recipient === undefined ? undefined : channelOf(recipient));
  return {
    ...(meant !== undefined && { channel: meant }),
    ...(recipient !== undefined && { recipient }),
    ...(content_type !== undefined && { content_type }),
  };
}

/** Refuses a header field on a message whose header follows from its role. */
export function refuseHeader(fields: Fields, path: string): void {
  for (const name of HEADER_FIELDS) {
    if (filledText(fields[name], `${path}.${name}`) === undefined) continue;
    const message = `a ${name} belongs to an assistant's message`;
    throw new RequestError("invalid_conversation", message, `${path}.${name}`);
  }
}

/** Refuses header fields of a result that differ from those it is rendered with. */
export function checkResultHeader(fields: Fields, path: string, channel: string): void {
  const expected: Record<string, string> = { recipient: "assistant", channel };
  for (const name of HEADER_FIELDS) {
    const given = filledText(fields[name], `${path}.${name}`);
    if (given === undefined || given === expected[name]) continue;
    const message = `expected ${expected[name] ?? "none"}, got ${JSON.stringify(given)}`;
    throw new RequestError("invalid_conversation", message, `${path}.${name}`);
  }
}

/** A user's name, which is a word of the header. */
export function userNameOf(fields: Fields, path: string): string | undefined {
  const name = filledText(fields.name, `${path}.name`);
  if (name !== undefined) checkName(name, `${path}.name`);
  return name;
}

/** A text. Data sets write an absent one as null or as empty text. */
export function filledText(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return textAt(value, path);
}
