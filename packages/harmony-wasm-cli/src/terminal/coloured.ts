/** Shows tokens to people: which are trained on, which are special, and where each begins. */

import { styleText } from "node:util";
import { type HarmonyEncoding, tokenTexts } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";

type Style = Parameters<typeof styleText>[0];

/** Colours are on for a terminal, unless NO_COLOR is set, and with FORCE_COLOR. */
function hasColours(): boolean {
  const { FORCE_COLOR, NO_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return process.stdout.isTTY === true && !NO_COLOR;
}

/** Styles text if colours are on. */
export function styled(style: Style, text: string): string {
  return hasColours() ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * The tokens of a part of a row; without colours, ⟦ ⟧ enclose those that are
 * trained on. Tokens that share a character are shown together, so an emoji of
 * several ids stays whole.
 */
export function tokensShown(
  encoding: HarmonyEncoding,
  ids: Uint32Array,
  mask: ArrayLike<number>,
  from: number,
  to: number,
): string {
  const groups = tokenTexts(encoding, ids.subarray(from, to)).map(({ text, start }, at) => ({
    text: visible(text),
    isSpecial: encoding.isSpecialToken(ids[from + start] ?? 0),
    isTrained: mask[from + start] === 1,
    at,
  }));
  if (hasColours()) {
    return groups
      .map((group) => styleText(styleOf(group), group.text, { validateStream: false }))
      .join("");
  }
  return groups
    .map(({ text, isTrained }, at) => {
      const before = isTrained && !groups[at - 1]?.isTrained ? "⟦" : "";
      const after = isTrained && !groups[at + 1]?.isTrained ? "⟧" : "";
      return before + text + after;
    })
    .join("");
}

interface TokenGroup {
  isSpecial: boolean;
  isTrained: boolean;
  at: number;
}

/** Every second group is underlined, so that the ends of tokens can be seen. */
function styleOf({ isSpecial, isTrained, at }: TokenGroup): Style {
  const shade = at % 2 === 0 ? "underline" : "reset";
  if (isSpecial) return isTrained ? ["magenta", "bold"] : ["magenta", "dim"];
  return isTrained ? ["green", shade] : ["gray", shade];
}

function visible(text: string): string {
  return text.replaceAll("\n", "↵\n").replaceAll("\t", "→");
}

/** One line about a message. */
export function spanTitle(span: MessageSpan, trained: number): string {
  const { message, role, channel, recipient, start, end } = span;
  const parts = [role, channel && `on ${channel}`, recipient && `to ${recipient}`].filter(Boolean);
  const loss = trained > 0 ? `, ${trained} trained on` : "";
  return styled(
    "bold",
    `${message}  ${parts.join(" ")}  [${start}, ${end})  ${end - start} ids${loss}`,
  );
}
