/** Tables in Markdown, aligned so that a terminal reads them as well as a page. */

/** A table of texts; the first columns, so many as are words, are left aligned, the others right. */
export function table(head: string[], rows: string[][], words = 1): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const aligned = (row: string[]) =>
    line(widths.map((width, column) => padded(row[column] ?? "", width, column < words)));
  const rule = line(
    widths.map((width, column) =>
      column < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
    ),
  );
  return [aligned(head), rule, ...rows.map(aligned)].join("\n");
}

function padded(text: string, width: number, left: boolean): string {
  return left ? text.padEnd(width) : text.padStart(width);
}

/** Three digits that mean something, or a dash. */
export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}
