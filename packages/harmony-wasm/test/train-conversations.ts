/** Random conversations that upstream renders, for the tests of training. */

import fc from "fast-check";
import { conversations } from "harmony-conformance/differential/conversations";
import { randomFrom } from "harmony-conformance/differential/texts";
import { loadHarmonyEncodingSync, type Message } from "harmony-wasm";

export const encoding = loadHarmonyEncodingSync();
export const KEEP = { auto_drop_analysis: false };

/** Random conversations that upstream renders, as messages. */
export const messages = conversations(encoding, randomFrom(11))
  .map((conversation) => (conversation as { messages: Message[] }).messages)
  .filter((given) => {
    try {
      return encoding.renderConversation(given) !== undefined;
    } catch {
      return false;
    }
  });
/** A property that must hold for each of them. */
export const holds = (property: fc.IRawProperty<unknown>) =>
  fc.assert(property, { numRuns: 300, seed: 7 });
/** All of a conversation, for training. */
export const render = (given: readonly Message[]) =>
  encoding.renderConversationForTraining(given, KEEP);
