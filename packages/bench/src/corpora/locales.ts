/**
 * Natural text in other languages: what programs say in them. The translations
 * lie in /usr/share/locale as gettext's binary catalogues, on most Linux
 * systems; where they are missing, so is the corpus, and the report says so.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Random, shuffled } from "./random.ts";

const FOLDER = "/usr/share/locale";
const MAGIC = 0x950412de;
const MESSAGES_PER_DOCUMENT = 40;
const LEAST_CHARACTERS = 12;
/** A message of mostly ASCII is a name or a command line, not the language. */
const LEAST_SHARE = 0.5;

/** Documents of messages in one language (a folder's name in /usr/share/locale). */
export function translations(language: string, random: Random): string[] {
  const folder = join(FOLDER, language, "LC_MESSAGES");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".mo"));
  const messages = files.sort().flatMap((file) => messagesOf(readFileSync(join(folder, file))));
  const natural = shuffled([...new Set(messages)].filter(isNatural), random);
  const count = Math.floor(natural.length / MESSAGES_PER_DOCUMENT);
  return Array.from({ length: count }, (_, index) =>
    natural.slice(index * MESSAGES_PER_DOCUMENT, (index + 1) * MESSAGES_PER_DOCUMENT).join("\n"),
  );
}

/** The translated messages of a catalogue; plural forms are separated by NUL. */
function messagesOf(catalogue: Buffer): string[] {
  if (catalogue.length < 20 || catalogue.readUInt32LE(0) !== MAGIC) return [];
  const count = catalogue.readUInt32LE(8);
  const table = catalogue.readUInt32LE(16);
  return Array.from({ length: count }, (_, index) => {
    const length = catalogue.readUInt32LE(table + 8 * index);
    const start = catalogue.readUInt32LE(table + 8 * index + 4);
    return catalogue.toString("utf8", start, start + length);
  }).flatMap((message) => message.split("\0"));
}

function isNatural(message: string): boolean {
  const foreign = message.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  const isText = !message.includes("\uFFFD") && !message.includes("<|");
  return isText && message.length >= LEAST_CHARACTERS && foreign > LEAST_SHARE * message.length;
}
