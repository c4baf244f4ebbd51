/** Tokens for a person's eyes: which have loss, which are special, where each begins. */

import { styleText } from "node:util";
import type { HarmonyEncoding } from "harmony-wasm";
import type { MessageSpan } from "harmony-wasm/train";

type Style = Parameters<typeof styleText>[0];

/** Whether colours are wanted: on a terminal, unless NO_COLOR; or FORCE_COLOR. */
function hasColours(): boolean {
  const { FORCE_COLOR, NO_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "0") return true;
  return process.stdout.isTTY === true && !NO_COLOR;
}

/** Styles text where colours are wanted. */
export function styled(style: Style, text: string): string {
  return hasColours() ? styleText(style, text, { validateStream: false }) : text;
}

/** The tokens of a piece of a row; without colours, those with loss stand in ⟦ ⟧. */
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
    const hasLoss = mask[at] === 1;
    if (!hasColours())
      shown += bracketed(
        text,
        hasLoss,
        mask[at - 1] === 1 && at > from,
        mask[at + 1] === 1 && at + 1 < to,
      );
    else
      shown += styleText(styleOf(encoding, ids[at] ?? 0, hasLoss, at), text, {
        validateStream: false,
      });
  }
  return shown;
}

function bracketed(text: string, hasLoss: boolean, before: boolean, after: boolean): string {
  if (!hasLoss) return text;
  return `${before ? "" : "⟦"}${text}${after ? "" : "⟧"}`;
}

/** Neighbours differ in shade, so that one sees where a token ends. */
function styleOf(encoding: HarmonyEncoding, id: number, hasLoss: boolean, at: number): Style {
  const shade = at % 2 === 0 ? "underline" : "reset";
  if (encoding.isSpecialToken(id)) return hasLoss ? ["magenta", "bold"] : ["magenta", "dim"];
  return hasLoss ? ["green", shade] : ["gray", shade];
}

function visible(text: string): string {
  return text.replaceAll("\n", "↵\n").replaceAll("\t", "→");
}

/** One line about a message. */
export function spanTitle(span: MessageSpan, withLoss: number): string {
  const { message, role, channel, recipient, start, end } = span;
  const parts = [role, channel && `on ${channel}`, recipient && `to ${recipient}`].filter(Boolean);
  const loss = withLoss > 0 ? `, ${withLoss} with loss` : "";
  return styled(
    "bold",
    `${message}  ${parts.join(" ")}  [${start}, ${end})  ${end - start} ids${loss}`,
  );
}
