/** Tables in Markdown, aligned so that a terminal reads them as well as a page. */

/** A table of texts; the first column is left, the others right aligned. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const aligned = (row: string[]) =>
    line(widths.map((width, column) => padded(row[column] ?? "", width, column)));
  const rule = line(
    widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)),
  );
  return [aligned(head), rule, ...rows.map(aligned)].join("\n");
}

function padded(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

/** Three digits that mean something, or a dash. */
export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
