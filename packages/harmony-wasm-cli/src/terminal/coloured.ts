/** Shows tokens to people: which are trained on, which are special, and where each begins. */

import { styleText } from "node:util";
import type { HarmonyEncoding } from "harmony-wasm";
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

/** The tokens of a part of a row; without colours, ⟦ ⟧ enclose those that are trained on. */
export function tokensShown(
  encoding: HarmonyEncoding,
  ids: Uint32Array,
  mask: ArrayLike<number>,
  from: number,
  to: number,
): string {
  let shown = "";
  for (let at = from; at < to; at += 1) {
    const text = visible(encoding.decode(ids.subarray(at, at + 1)));
    const isTrained = mask[at] === 1;
    if (!hasColours())
      shown += bracketed(
        text,
        isTrained,
        mask[at - 1] === 1 && at > from,
        mask[at + 1] === 1 && at + 1 < to,
      );
    else
      shown += styleText(styleOf(encoding, ids[at] ?? 0, isTrained, at), text, {
        validateStream: false,
      });
  }
  return shown;
}

function bracketed(text: string, isTrained: boolean, before: boolean, after: boolean): string {
  if (!isTrained) return text;
  return `${before ? "" : "⟦"}${text}${after ? "" : "⟧"}`;
}

/** Every second token is underlined, so that the ends of tokens can be seen. */
function styleOf(encoding: HarmonyEncoding, id: number, isTrained: boolean, at: number): Style {
  const shade = at % 2 === 0 ? "underline" : "reset";
  if (encoding.isSpecialToken(id)) return isTrained ? ["magenta", "bold"] : ["magenta", "dim"];
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
