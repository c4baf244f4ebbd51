/** The style of the page, in light and dark, on a phone and on paper. */

/** The style sheet. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --page: #ffffff; --card: #f6f8fa; --bar: #0a69c7; --plain: #aab4bf; --mark: #a1450b; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9da7b1; --line: #3a424c; --page: #0d1117; --card: #161b22; --bar: #58a6ff; --plain: #57606a; --mark: #f0a35e; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.cards > div { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dd small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
.scroll { overflow-x: auto; margin-top: 1rem; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .25rem 0; font-size: .875rem; color: var(--soft); }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; }
tbody th { font-weight: 400; max-width: 24rem; overflow-wrap: break-word; }
.prose { min-width: 18rem; }
.number { text-align: right; white-space: nowrap; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--soft); }
pre { margin: .5rem 0; padding: .75rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); font-size: .8125rem; }
code { font-family: ui-monospace, monospace; }
svg text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
.chart { display: block; width: 100%; margin: .5rem 0; }
.share { display: block; width: 100%; min-width: 7rem; margin-top: .35rem; }
.bar { fill: var(--bar); }
.outliers, .plain { fill: var(--plain); }
.grid { stroke: var(--line); }
.tick { stroke: var(--soft); }
line.mark { stroke: var(--mark); stroke-dasharray: 4 3; }
svg text.mark { fill: var(--mark); }
.key { display: inline-block; width: .75em; height: .75em; margin-right: .35em; }
.key.bar { background: var(--bar); }
.key.plain { background: var(--plain); }
@media print { details > * { display: block; } body { max-width: none; } }
`;
