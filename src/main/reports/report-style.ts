/** Of a report: on screen, light and dark, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #18181b; --soft: #52525b; --line: #e4e4e7; --sheet: #fff; --ground: #fafafa;
  --bad: #b93b0a; --accent: #4338ca; }
@media (prefers-color-scheme: dark) { :root { --ink: #fafafa; --soft: #a1a1aa; --line: #3f3f46; --sheet: #18181b;
  --ground: #09090b; --bad: #fb923c; --accent: #a5b4fc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0 0 0.25rem; font-size: 1.7rem; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 0.6rem; font-size: 1.15rem; }
p { margin: 0.4rem 0; }
.soft { color: var(--soft); }
.headline { font-size: 1.15rem; }
table { margin: 0.8rem 0; border-collapse: collapse; }
th, td { padding: 0.3rem 1.2rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; }
th, td.number { overflow-wrap: normal; }
td.number, th.number { text-align: right; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.8rem; }
.examples.rows { grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
.examples.wide { grid-template-columns: 1fr; }
figure { margin: 0; padding: 0.6rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet);
  break-inside: avoid; font-size: 0.87rem; overflow-wrap: anywhere; }
figure img { display: block; width: 100%; height: 9rem; object-fit: contain; image-rendering: auto; margin-bottom: 0.4rem; }
figure img.small { image-rendering: pixelated; }
figure strong { color: var(--bad); }
dl { margin: 0.4rem 0 0; }
dl div { display: grid; grid-template-columns: minmax(3rem, 45%) 1fr; gap: 0 0.9rem; padding: 0.05rem 0; break-inside: avoid; }
.wide dl { columns: 3 13rem; column-gap: 1.6rem; }
.wide dl div { grid-template-columns: 62% 1fr; gap: 0 0.5rem; }
.text dl div { display: block; }
dt { color: var(--soft); }
dd { margin: 0; }
pre { padding: 0.8rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); overflow: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #ccc; --sheet: #fff; --ground: #fff; --bad: #b93b0a; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  figure { font-size: 9pt; }
  .wide dl { columns: 3; column-gap: 1rem; font-size: 7.5pt; }
  code { font-size: 0.82em; }
}
@page { margin: 16mm; }
`
