/** Pieces of the page. The template of Hono escapes every value, because rows, fields and tools have any names. */

import { html } from "hono/html";

/** Escaped HTML. */
export type Html = ReturnType<typeof html>;

const NUMBER = new Intl.NumberFormat("en");

/** A count with separators, as `12,345`. */
export function grouped(count: number): string {
  return NUMBER.format(count);
}

/** A share in percent; a small one is not rounded to nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const share = (100 * part) / whole;
  return share > 0 && share < 0.1 ? "< 0.1 %" : `${share.toFixed(1)} %`;
}

/** A column of a table; numbers are aligned to the right. */
export interface Heading {
  title: string | Html;
  isNumber?: boolean;
  /** Whether the cells are sentences, which a narrow window would cut to a word a line. */
  isProse?: boolean;
}

/** A table that scrolls by itself if it is wider than the screen. */
export function table(
  caption: string,
  head: readonly Heading[],
  rows: readonly (readonly unknown[])[],
): Html {
  const classOf = (index: number) => {
    const { isNumber, isProse } = head[index] ?? {};
    return isNumber ? html` class="number"` : isProse ? html` class="prose"` : "";
  };
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${head.map(({ title }, at) => html`<th scope="col"${classOf(at)}>${title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, at) =>
        at === 0
          ? html`<th scope="row"${classOf(at)}>${cell}</th>`
          : html`<td${classOf(at)}>${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}

/** A section with a heading; empty if it has no parts. */
export function section(title: string, ...parts: readonly (Html | "")[]): Html | "" {
  const shown = parts.filter((part) => part !== "");
  return shown.length === 0 ? "" : html`<section><h2>${title}</h2>${shown}</section>`;
}
