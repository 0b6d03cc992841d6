// The look of the report: on a screen, light or dark, wide or narrow, and on paper.

const LIGHT = `color-scheme: light; --page: #f6f7f9; --card: #fff; --ink: #14181d; --soft: #55606c; --line: #dde2e8; --line2: #c3cad3; --field: #808a96;
--accent: #3a46c8; --wash: #eceefb; --bar: #9aa3e4; --train: #1f5fa8; --held: #b4540a; --third: #00735a; --fourth: #8a2a8f; --fifth: #b3261e;
--good: #0b6e4f; --good-wash: #e3f4ed; --even: #55606c; --even-wash: #eef0f3; --bad: #b3261e; --bad-wash: #fbe9e7;`;
const DARK = `color-scheme: dark; --page: #0e1217; --card: #161b22; --ink: #e9edf2; --soft: #9ba7b4; --line: #29313b; --line2: #3c4754; --field: #6d7985;
--accent: #9aa6ff; --wash: #20253c; --bar: #5560b4; --train: #69b3f5; --held: #f0a050; --third: #58d3ad; --fourth: #e39be6; --fifth: #ff8a80;
--good: #5fd3a6; --good-wash: #15301f; --even: #9ba7b4; --even-wash: #232a33; --bad: #ff8a80; --bad-wash: #3a1b1a;`;

export const STYLE = `:root { ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.6 Inter, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "WenQuanYi Micro Hei", sans-serif; overflow-wrap: anywhere; }
main, footer { max-width: 960px; margin: 0 auto; padding: 0 24px; }
header { padding: 56px 0 8px; }
.eyebrow { margin: 0; color: var(--accent); font-size: .8125rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: 4px 0 16px; font-size: clamp(1.625rem, 5vw, 2.25rem); line-height: 1.2; letter-spacing: -.015em; font-weight: 680; text-wrap: balance; }
h2 { margin: 0 0 12px; font-size: 1.375rem; line-height: 1.3; letter-spacing: -.01em; font-weight: 650; }
h3 { margin: 0 0 4px; font-size: 1rem; line-height: 1.4; font-weight: 650; }
p, dl.meanings, section > ul:not(.findings) { max-width: 70ch; }
p { margin: 0 0 16px; text-wrap: pretty; }
b, th { font-weight: 600; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
section { margin: 0 0 20px; padding: 28px 32px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; scroll-margin-top: 16px; }
section > h3 { margin-top: 8px; }
nav { margin: 0 0 28px; }
nav ol { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0; padding: 0; list-style: none; font-size: .875rem; }
nav a { display: inline-block; padding: 2px 0; }
.verdict { max-width: 44em; font-size: 1.25rem; line-height: 1.5; }
.strong { font-weight: 500; }
.judgement { max-width: 80ch; padding: 10px 14px; border-left: 3px solid var(--even); border-radius: 4px; background: var(--even-wash); }
.judgement.good { border-color: var(--good); background: var(--good-wash); }
.judgement.bad { border-color: var(--bad); background: var(--bad-wash); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 24px; margin: 24px 0; }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding-top: 10px; border-top: 1px solid var(--line2); }
.figures dt { color: var(--soft); font-size: .875rem; line-height: 1.4; }
.figures dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
ul.findings { margin: 0 0 16px; padding: 0; list-style: none; }
.findings li { padding: 10px 0; border-top: 1px solid var(--line); max-width: 80ch; }
.findings b { display: inline-block; margin-right: 6px; padding: 0 8px; border-radius: 4px; font-size: .8125rem; }
.findings .warning { color: var(--bad); background: var(--bad-wash); }
.findings .note { color: var(--even); background: var(--even-wash); }
.findings .note { color: var(--soft); }
.about { font-weight: 600; }
.none { color: var(--soft); }
.scroll { max-width: 100%; margin: 0 0 20px; overflow-x: auto; }
table { border-collapse: collapse; min-width: min(100%, 26rem); font-size: .875rem; line-height: 1.45; font-variant-numeric: tabular-nums lining-nums; overflow-wrap: normal; }
caption { padding: 0 0 6px; color: var(--soft); font-size: .8125rem; text-align: left; }
th, td { padding: 6px 20px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
thead th, thead td { border-bottom-color: var(--line2); color: var(--soft); font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 500; max-width: 16rem; overflow-wrap: break-word; min-width: 5rem; }
th small { color: var(--soft); font-weight: 400; font-size: .8125rem; }
.number { text-align: right; white-space: nowrap; }
th.number { white-space: normal; }
.long { min-width: 8rem; max-width: 36rem; overflow-wrap: anywhere; }
.columns { width: 100%; }
td.bar { min-width: 5rem; }
.bar { background: linear-gradient(var(--bar), var(--bar)) no-repeat right 20px bottom 0 / calc(var(--share) * .75) 3px; }
td.bar:last-child { background-position: right 0 bottom 0; }
.own { font-weight: 600; }
.scores td.own { font-weight: 400; }
tbody + tbody tr:first-child > * { border-top: 1px solid var(--line2); }
.scores tbody .metric { min-width: 0; padding-right: 16px; font-weight: 600; }
.confusion { min-width: 0; }
.confusion td, .confusion thead th.number { min-width: 5.5rem; max-width: 9rem; padding: 8px 12px; text-align: center; overflow-wrap: anywhere; }
.confusion td { border: 2px solid var(--card); border-radius: 6px; background: color-mix(in srgb, var(--hue) calc(var(--share) * var(--most)), var(--card)); }
.confusion .right { --hue: var(--accent); --most: .42; }
.confusion .wrong { --hue: var(--held); --most: .5; }
.confusion small { font-size: .8125rem; }
.confusion tbody th { vertical-align: middle; }
.worst td, .worst th { max-width: 14rem; overflow-wrap: break-word; }
.worst th.value { min-width: 5rem; }
.worst .value { color: var(--soft); }
.meanings { display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px; margin: 0 0 16px; font-size: .875rem; }
.meanings dt { font-weight: 600; }
.meanings dd { margin: 0; color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 28px 40px; margin: 28px 0 16px; }
figure { margin: 0; min-width: 0; max-width: 430px; display: flex; flex-direction: column; }
figure.across { max-width: none; margin: 24px 0 16px; }
.charts figure > svg { margin-top: auto; }
figcaption p { margin: 0 0 10px; color: var(--soft); font-size: .875rem; line-height: 1.55; max-width: 80ch; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-family: inherit; font-variant-numeric: tabular-nums; }
.narrow svg { max-width: 430px; }
.wide, .aside { display: none; }
.key { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 8px; padding: 0; list-style: none; font-size: .8125rem; }
.key li { display: flex; align-items: center; gap: 7px; }
.mark { flex: none; width: 18px; border-top: 2px solid var(--c); }
.mark.dashed { border-top-style: dashed; }
.mark.dotted { border-top-style: dotted; }
.mark.dot { width: 9px; height: 9px; border: 0; border-radius: 50%; background: var(--c); }
details { margin: 0 0 16px; }
summary { width: fit-content; color: var(--accent); font-size: .875rem; cursor: pointer; }
details > .scroll, details > ul { margin-top: 12px; }
pre, code { font: .875rem/1.6 "JetBrains Mono", ui-monospace, "SF Mono", "Cascadia Mono", Consolas, monospace; }
pre { margin: 0 0 16px; padding: 12px 16px; border: 1px solid var(--line); border-radius: 6px; background: var(--page); white-space: pre-wrap; overflow-wrap: anywhere; }
.option { white-space: nowrap; }
.layers { font-weight: 600; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0 0 12px; font-size: .875rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
footer { padding: 4px 24px 40px; color: var(--soft); font-size: .8125rem; }
@media (min-width: 820px) { .wide { display: block; } .narrow { display: none; } }
@media (max-width: 600px) {
  main, footer { padding-left: 10px; padding-right: 10px; }
  header, nav { padding-left: 6px; padding-right: 6px; }
  header { padding-top: 28px; }
  section { padding: 20px 16px 12px; margin-bottom: 12px; }
  .verdict { font-size: 1.125rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .meanings { grid-template-columns: 1fr; gap: 0; }
  .meanings dd { margin-bottom: 8px; }
  th, td { padding-right: 14px; }
  tbody th { max-width: 9rem; }
  .aside { display: inline; }
  .scores { width: 100%; min-width: 0; font-size: .8125rem; letter-spacing: -.01em; }
  .scores th, .scores td, .scores tbody .metric { padding-right: 8px; }
  .scores th:last-child, .scores td:last-child { padding-right: 0; }
  .scores tbody th { min-width: 3rem; overflow-wrap: anywhere; }
}
@media (max-width: 400px) {
  .scores { font-size: .75rem; }
  .scores th, .scores td, .scores tbody .metric { padding-right: 6px; }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  body { background: none; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main, footer { max-width: none; padding: 0; }
  header { padding: 0; }
  nav { display: none; }
  section { margin: 0 0 14pt; padding: 0; border: 0; background: none; }
  .scroll { overflow: visible; }
  h2 { font-size: 14pt; padding-top: 8pt; border-top: 1px solid var(--line2); }
  h2, h3, caption, figcaption { break-after: avoid; }
  figure, tr, .judgement, .findings li, pre, .figures, .facts { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
  table { font-size: 8.5pt; }
  th, td { padding: 3pt 8pt 3pt 0; }
  th, td, tbody th, .worst td, .worst th, .worst th.value { min-width: 0; max-width: none; overflow-wrap: anywhere; }
  thead th, .worst thead th:not(.value) { overflow-wrap: break-word; }
  thead { break-after: avoid; }
  .confusion { break-inside: avoid; }
  .confusion td, .confusion thead th.number { min-width: 0; padding: 4pt; overflow-wrap: anywhere; }
  .charts { grid-template-columns: 1fr 1fr; gap: 16pt 24pt; }
  figcaption p { font-size: 8.5pt; }
  .wide { display: block; }
  .narrow, .again, .aside { display: none; }
  details::details-content { content-visibility: visible; display: block; }
  summary { color: var(--soft); list-style: none; }
  a { color: inherit; text-decoration: none; }
}
`;
