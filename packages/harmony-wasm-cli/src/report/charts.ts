/**
 * Inline SVG. Horizontal places are in percent and letters in pixels, so that a
 * chart fits a phone and a screen with the same letters.
 */

import { scaleLinear } from "d3-scale";
import { html } from "hono/html";
import type { Bin } from "../rows/lengths.ts";
import { grouped, type Html } from "./html.ts";

const HEIGHT = 260;
const TOP = 48;
const BOTTOM = 236;
/** Where the bars end if the last one is for outliers, in percent. */
const BEFORE_OUTLIERS = 93;
const OUTLIERS = 95;
/** Between two bars. */
const GAP = 0.3;

/** A line across the histogram. */
export interface Mark {
  name: string;
  length: number;
}

/** A histogram of lengths with its quantiles; a last bin that is wider than the others is for outliers. */
export function histogram(title: string, bins: readonly Bin[], marks: readonly Mark[]): Html {
  const outliers = bins.findLast((bin) => widthOf(bin) > widthOf(bins[0]));
  const regular = bins.filter((bin) => bin !== outliers);
  const [from = 0, to = 1] = [bins[0]?.from, (regular.at(-1)?.to ?? 0) + 1];
  const x = rounded([from, to], [0, outliers ? BEFORE_OUTLIERS : 100]);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const y = rounded([0, most], [BOTTOM, TOP]).nice(4);
  const bars = regular.map((bin) => bar(bin, x(bin.from), x(bin.to + 1), y(bin.count)));
  if (outliers) bars.push(bar(outliers, OUTLIERS, 100, y(outliers.count), "outliers"));
  const places = marks.map((mark, at) => ({ ...mark, place: x(mark.length), y: 12 + at * 13 }));
  const shown = places.filter(({ place }) => place >= 0 && place <= 100);
  return html`<svg class="chart" role="img" height="${HEIGHT}" aria-label="${title}">
${gridLines(y)}${bars}${shown.map(markLine)}${gridLabels(y)}${shown.map(markLabel)}${lengthTicks(x)}
${outliers ? html`<text x="100%" y="${HEIGHT - 6}" text-anchor="end">longer</text>` : ""}
</svg>`;
}

function bar(bin: Bin, left: number, right: number, top: number, kind = "bar"): Html {
  const title = `${rangeOf(bin)} ids: ${grouped(bin.count)}`;
  const width = placed(Math.max(0, right - left - GAP));
  const height = placed(BOTTOM - top);
  return html`<rect class="${kind}" x="${left}%" width="${width}%" y="${top}" height="${height}"><title>${title}</title></rect>`;
}

/** The lengths of a bin, as `100–149`. */
export function rangeOf({ from, to }: Bin): string {
  return from === to ? grouped(from) : `${grouped(from)}–${grouped(to)}`;
}

/** A bar in a row of a table: a part of the whole, of which a part is trained on. */
export function shareBar(part: number, trained: number, whole: number): Html {
  const width = (value: number) => `${placed((100 * value) / Math.max(1, whole))}%`;
  return html`<svg class="share" aria-hidden="true" height="12"><rect class="plain" width="${width(part)}" height="12"/><rect class="bar" width="${width(trained)}" height="12"/></svg>`;
}

type Scale = ReturnType<typeof scaleLinear<number>>;

/** A scale whose places have two digits after the point. */
function rounded(domain: [number, number], range: [number, number]): Scale {
  return scaleLinear(domain, range).interpolate((from, to) => {
    return (share) => placed(from + share * (to - from));
  });
}

function placed(place: number): number {
  return Number(place.toFixed(2));
}

function widthOf(bin: Bin | undefined): number {
  return bin ? bin.to - bin.from : 0;
}

/** The counts with a line: whole numbers. */
function countTicks(y: Scale): number[] {
  return y.ticks(4).filter(Number.isInteger);
}

function gridLines(y: Scale): Html[] {
  return countTicks(y).map(
    (count) => html`<line class="grid" x1="0" x2="100%" y1="${y(count)}" y2="${y(count)}"/>`,
  );
}

function gridLabels(y: Scale): Html[] {
  const format = y.tickFormat(4, "~s");
  return countTicks(y)
    .filter((count) => count > 0)
    .map((count) => html`<text x="0" y="${y(count) - 4}">${format(count)}</text>`);
}

function lengthTicks(x: Scale): Html[] {
  const [, end = 100] = x.range();
  return x
    .ticks(5)
    .filter((length) => x(length) < end - 8)
    .map((length) => {
      const anchor = x(length) < 4 ? "start" : "middle";
      return html`<line class="tick" x1="${x(length)}%" x2="${x(length)}%" y1="${BOTTOM}" y2="${BOTTOM + 5}"/><text x="${x(length)}%" y="${HEIGHT - 6}" text-anchor="${anchor}">${grouped(length)}</text>`;
    });
}

interface PlacedMark extends Mark {
  place: number;
  /** Labels of neighbouring marks are at different heights. */
  y: number;
}

function markLine({ place, y }: PlacedMark): Html {
  return html`<line class="mark" x1="${place}%" x2="${place}%" y1="${y - 8}" y2="${BOTTOM}"/>`;
}

/** The label is on the side with more room. */
function markLabel({ name, length, place, y }: PlacedMark): Html {
  const [anchor, dx] = place > 60 ? ["end", -4] : ["start", 4];
  return html`<text class="mark" x="${place}%" dx="${dx}" y="${y}" text-anchor="${anchor}">${name} ${grouped(length)}</text>`;
}
