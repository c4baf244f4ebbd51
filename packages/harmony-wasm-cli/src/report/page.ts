/** The report as one HTML page, which needs no network and runs no script. */

import { html, raw } from "hono/html";
import { inputName } from "../files/input-name.ts";
import { histogram, rangeOf, shareBar } from "./charts.ts";
import { grouped, type Heading, type Html, percent, section, table } from "./html.ts";
import type { ReportedLengths, ReportedRejection, RunReport } from "./report.ts";
import { STYLE } from "./style.ts";

/** Inputs that the page lists; the JSON has all of them. */
const MOST_INPUTS = 100;
/** The page has no scripts and loads nothing, so a browser shall refuse both. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The page. */
export async function pageOf(report: RunReport): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${report.output}: run report</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header><h1>${report.output}</h1><p>Run report of harmony render</p></header>
<main>
${cards(report)}
${section("Splits", splitsPart(report))}
${section("Lengths", ...lengthsParts("sample", report.lengths), ...lengthsParts("packed row", report.packed))}
${section("Messages", messagesPart(report), recipientsPart(report))}
${section("Left out", leftOutPart(report))}
${section("Rejected rows", ...rejectedParts(report.rejected))}
${section("How it was made", inputsPart(report), ...settingsParts(report))}
</main>
</body>
</html>
`;
  return String(page);
}

type Card = readonly [name: string, count: number, detail: string];

function cards({ counts }: RunReport): Html {
  const { conversations, rows, ids, trained_ids, rejected, dropped, duplicates } = counts;
  const shown: Card[] = [
    ["Conversations", conversations, ""],
    ["Rows", rows, ""],
    ["Ids", ids, ""],
    ["Trained on", trained_ids, `${percent(trained_ids, ids)} of the ids`],
    ["Rejected", rejected, `${percent(rejected, conversations)} of the conversations`],
    ["Dropped", dropped, "by truncation"],
    ...(duplicates === null ? [] : [["Duplicates", duplicates, "left out"] as Card]),
  ];
  return html`<dl class="cards">${shown.map(
    ([name, count, detail]) =>
      html`<div><dt>${name}</dt><dd>${grouped(count)}<small>${detail}</small></dd></div>`,
  )}</dl>`;
}

function splitsPart({ splits, counts }: RunReport): Html | "" {
  if (splits === null) return "";
  const head: Heading[] = [
    { title: "split" },
    ...["rows", "share", "ids", "trained on"].map((title) => ({ title, isNumber: true })),
  ];
  const rows = splits.map(({ split, rows: count, ids, trained_ids }) => [
    split,
    grouped(count),
    percent(count, counts.rows),
    grouped(ids),
    grouped(trained_ids),
  ]);
  return table("Rows of each split", head, rows);
}

function lengthsParts(what: string, lengths: ReportedLengths | null): (Html | "")[] {
  if (lengths === null || lengths.count === 0) return [];
  const { count, mean, min, p50, p90, p99, max, histogram: bins } = lengths;
  const title = `Ids of each ${what}`;
  const marks = Object.entries({ p50, p90, p99 }).map(([name, length]) => ({ name, length }));
  const number = (name: string): Heading => ({ title: name, isNumber: true });
  const head = ["count", "mean", "min", "p50", "p90", "p99", "max"].map(number);
  const values = [count, mean, min, p50, p90, p99, max].map(grouped);
  const rows = bins.map((bin) => [rangeOf(bin), grouped(bin.count), percent(bin.count, count)]);
  return [
    html`<h3>${title}</h3>`,
    histogram(`${title}: a histogram`, bins, marks),
    table(`${title}: quantiles`, head, [values]),
    html`<details><summary>The bars as a table</summary>${table(title, [number("ids"), number("count"), number("share")], rows)}</details>`,
  ];
}

function messagesPart({ messages }: RunReport): Html | "" {
  if (messages.length === 0) return "";
  const most = Math.max(...messages.map(({ ids }) => ids));
  const all = messages.reduce((sum, { ids }) => sum + ids, 0);
  const head: Heading[] = [
    { title: "role and channel" },
    { title: "messages", isNumber: true },
    { title: "ids", isNumber: true },
    { title: "share", isNumber: true },
    { title: "trained on", isNumber: true },
    { title: html`<span class="key bar"></span>trained on <span class="key plain"></span>not` },
  ];
  const rows = messages.map(({ role, channel, messages: count, ids, trained_ids }) => [
    channel === null ? role : `${role} ${channel}`,
    grouped(count),
    grouped(ids),
    percent(ids, all),
    grouped(trained_ids),
    shareBar(ids, trained_ids, most),
  ]);
  return table("Ids by role and channel, before packing", head, rows);
}

function recipientsPart({ recipients, counts: { broken_calls } }: RunReport): Html | "" {
  if (recipients.length === 0) return "";
  const head: Heading[] = [{ title: "recipient" }, { title: "messages", isNumber: true }];
  const rows = recipients.map(({ recipient, messages }) => [recipient, grouped(messages)]);
  const tools = "Recipients: tools that are called, and where their results go";
  if (broken_calls === 0) return table(tools, head, rows);
  return html`${table(tools, head, rows)}<p>Calls whose arguments are not JSON: ${grouped(broken_calls)}</p>`;
}

function leftOutPart({ left_out, counts, lengths: { count: samples } }: RunReport): Html {
  const { analysis_messages, analysis_messages_left_out, conversations_dropped } = left_out;
  const head: Heading[] = [
    { title: "part" },
    { title: "left out", isNumber: true },
    { title: "of", isNumber: true },
  ];
  return table("Parts of the input that no row has, beside rejected rows", head, [
    [
      "analysis messages, by the analysis policy",
      grouped(analysis_messages_left_out),
      grouped(analysis_messages),
    ],
    [
      "whole conversations, by truncation",
      grouped(conversations_dropped),
      grouped(counts.conversations),
    ],
    ...(counts.duplicates === null
      ? []
      : [
          [
            "samples with the ids of an earlier one",
            grouped(counts.duplicates),
            grouped(counts.duplicates + samples),
          ],
        ]),
  ]);
}

function rejectedParts(rejected: readonly ReportedRejection[]): (Html | "")[] {
  if (rejected.length === 0) return [];
  const head: Heading[] = [
    { title: "code" },
    { title: "path" },
    { title: "rows", isNumber: true },
    { title: "example", isProse: true },
  ];
  const rows = rejected.map(({ code, path, rows: count, example }) => [
    html`<code>${code}</code>`,
    html`<code>${path}</code>`,
    grouped(count),
    example && `${placeOf(example)}: ${example.message}`,
  ]);
  const lines = rejected.flatMap(({ code, path, example }) =>
    example === null
      ? []
      : html`<details><summary>${code} ${path}: ${placeOf(example)}</summary><pre>${example.line}</pre></details>`,
  );
  return [table("Rejected rows by code and path", head, rows), ...lines];
}

function placeOf({ file, row }: { file: string; row: number }): string {
  return file === "" ? `row ${row}` : `${file}, row ${row}`;
}

function inputsPart({ inputs }: RunReport): Html {
  const rows = inputs
    .slice(0, MOST_INPUTS)
    .map(({ name, bytes }) => [inputName(name), bytes === null ? "" : grouped(bytes)]);
  const rest = inputs.length - rows.length;
  if (rest > 0) rows.push([`and ${grouped(rest)} more`, ""]);
  return table("Inputs", [{ title: "input" }, { title: "bytes", isNumber: true }], rows);
}

function settingsParts({ options, software }: RunReport): Html[] {
  const head = [{ title: "software" }, { title: "value" }];
  const rows = Object.entries(software).map(([name, value]) => [name, html`<code>${value}</code>`]);
  return [
    table("Software", head, rows),
    html`<details open><summary>Options</summary><pre>${JSON.stringify(options, null, 2)}</pre></details>`,
  ];
}
