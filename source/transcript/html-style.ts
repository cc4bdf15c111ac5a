/** How the HTML change record looks: on a screen, light or dark, wide or narrow, and on paper. */
export const style = `:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --ink: #1b1f24;
  --soft: #57606a;
  --line: #d0d7de;
  --shade: #f4f6f8;
  --link: #0a58ca;
  --good: #116329;
  --good-shade: #e2f5e6;
  --warn: #7d4e00;
  --warn-shade: #fff3d1;
  --bad: #a40e26;
  --bad-shade: #ffe9ea;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c;
    --ink: #e4e8ed;
    --soft: #9aa6b2;
    --line: #343c46;
    --shade: #1b2129;
    --link: #79b8ff;
    --good: #6fdd8b;
    --good-shade: #11301b;
    --warn: #f2c14b;
    --warn-shade: #33270a;
    --bad: #ff9ba4;
    --bad-shade: #3d1519;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto;
  padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem;
  max-width: 68rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0 0 0.75rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.5rem 0 0.75rem; padding-top: 0.75rem; border-top: 2px solid var(--line); font-size: 1.3rem; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.1rem; }
h4 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
h5 { margin: 1rem 0 0.4rem; font-size: 0.95rem; color: var(--soft); }
p { margin: 0.5rem 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Consolas, Menlo, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
code { padding: 0.05em 0.3em; border-radius: 0.25em; background: var(--shade); }
pre {
  margin: 0.5rem 0;
  padding: 0.7rem 0.9rem;
  border: 1px solid var(--line);
  border-radius: 0.4rem;
  background: var(--shade);
  line-height: 1.45;
  white-space: pre-wrap;
  tab-size: 4;
}
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; margin: 0; padding: 0; list-style: none; font-size: 0.9rem; }
.banner { padding: 0.7rem 0.9rem; border: 2px dashed var(--warn); border-radius: 0.4rem; background: var(--warn-shade); }
.outcome { padding: 0.8rem 1rem; border-left: 0.4rem solid var(--warn); border-radius: 0.3rem; background: var(--warn-shade); font-size: 1.1rem; }
.outcome.good { border-color: var(--good); background: var(--good-shade); }
table { width: 100%; margin: 0.75rem 0; border-collapse: collapse; }
th, td { padding: 0.4rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.facts th { width: 14rem; padding-left: 0; color: var(--soft); font-weight: 600; }
.facts td > ul { margin: 0; padding-left: 1.1rem; }
.rows thead th { border-bottom: 2px solid var(--line); color: var(--soft); font-size: 0.85rem; }
.rows th, .rows td { overflow-wrap: break-word; }
.rows td:nth-child(4) { overflow-wrap: anywhere; }
.rows td:first-child { font-variant-numeric: tabular-nums; }
.rows td:nth-child(n + 5) { white-space: nowrap; }
.rows tr.good td:first-child { box-shadow: inset 0.25rem 0 var(--good); }
.rows tr.warn td:first-child { box-shadow: inset 0.25rem 0 var(--warn); }
.rows tr.bad td:first-child { box-shadow: inset 0.25rem 0 var(--bad); }
.rows tr.quiet td:first-child { box-shadow: inset 0.25rem 0 var(--line); }
.rows tr.warn, .rows tr.warn td { background: var(--warn-shade); }
.rows tr.bad, .rows tr.bad td { background: var(--bad-shade); }
.diff { padding-inline: 0; }
.diff span { display: block; padding: 0 0.9rem 0 2.2rem; text-indent: -1.3rem; }
.diff .kept { color: var(--soft); }
.diff .gone { background: var(--bad-shade); color: var(--bad); }
.diff .new { background: var(--good-shade); color: var(--good); }
ul { margin: 0.4rem 0; padding-left: 1.3rem; }
.timeline { margin: 0.6rem 0; padding: 0; border-left: 2px solid var(--line); list-style: none; }
.timeline > li { position: relative; display: flex; gap: 0 1rem; padding: 0.25rem 0 0.25rem 1rem; }
.timeline > li::before {
  position: absolute;
  top: 0.68rem;
  left: -0.35rem;
  width: 0.6rem;
  height: 0.6rem;
  border: 2px solid var(--paper);
  border-radius: 50%;
  background: var(--soft);
  content: "";
}
.timeline time { flex: none; width: 11.5rem; white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums; }
.level-4 { margin: 1rem 0; padding: 0.1rem 1rem 0.6rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.level-4:target { border-color: var(--link); }
.level-5 { padding-left: 1rem; border-left: 3px solid var(--line); }
summary { cursor: pointer; }
summary::marker { color: var(--soft); }
@media screen and (max-width: 42rem) {
  body { padding-top: 1rem; }
  h1 { font-size: 1.3rem; }
  .facts tr, .rows tr { display: block; padding: 0.45rem 0 0.45rem 0; border-bottom: 1px solid var(--line); }
  .facts th, .facts td { display: block; width: auto; padding: 0; border: 0; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows td { position: relative; display: block; padding: 0.05rem 0.6rem 0.05rem 9.75rem; border: 0; }
  .rows td::before { position: absolute; left: 0.6rem; color: var(--soft); font-size: 0.9rem; content: attr(data-column); }
  .rows tr { padding: 0.45rem 0; }
  .timeline > li { display: block; }
  .timeline time { display: block; width: auto; font-size: 0.85rem; }
  .level-4 { padding-inline: 0.7rem; }
  .level-5 { padding-left: 0.6rem; }
}
@media print {
  @page {
    margin: 15mm 14mm 18mm;
    @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; }
  }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  h1, h2, h3, h4, h5, summary { break-after: avoid; }
  tr, .timeline > li, .outcome, .banner { break-inside: avoid; }
  thead { display: table-header-group; }
  p, .diff, pre.sh { break-inside: avoid; }
  p:has(+ pre), p:has(+ details) { break-after: avoid; }
  .outcome, .banner, .rows tr, .rows td, .diff span, .timeline > li::before, pre, code { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  /* What is folded away on a screen is on the paper. */
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; }
}
`;
