/** Each column is described once; the table in the docs has exactly its type and note. */

import { readFileSync } from "node:fs";
import { type DataType, DataType as Type } from "apache-arrow";
import { expect, it } from "vitest";
import { DEFAULT_COLUMNS, PACKED_COLUMNS } from "../src/columns/choice.ts";
import { COLUMN_NAMES, type ColumnName, columnOf } from "../src/columns/columns.ts";

const PAGE = new URL("../../../docs/arrow-stdio.md", import.meta.url);

/** A type as Arrow's documentation writes it. */
function written(type: DataType): string {
  if (Type.isList(type)) return `list<${written(type.valueType)}>`;
  if (Type.isStruct(type)) {
    return `struct<${type.children.map((field) => `${field.name}: ${written(field.type)}`).join(", ")}>`;
  }
  return Type.isUtf8(type) ? "string" : String(type).toLowerCase();
}

function docsRow(name: ColumnName): string[] {
  const { type, note, in: where } = columnOf(name);
  const isUsual = DEFAULT_COLUMNS.includes(name);
  const isPacked = PACKED_COLUMNS.includes(name);
  const usual = isUsual ? (where === "samples" ? "yes, unless packed" : "yes") : "no";
  return [
    `\`${name}\``,
    `\`${written(type)}\`${note === undefined ? "" : `: ${note}`}`,
    !isUsual && isPacked ? "if packed" : usual,
  ];
}

it("docs/arrow-stdio.md has the columns", () => {
  const page = readFileSync(PAGE, "utf8");
  const rows = page
    .split("\n")
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  expect(rows.slice(0, -1)).toEqual(COLUMN_NAMES.map(docsRow));
  expect(rows.at(-1)?.[0]).toBe("`error`");
});
