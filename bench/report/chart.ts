// docs/bench.svg: a panel of bars per workload, each with a scale of its own that begins at 0. Drawn as text: bars need no library.
import { lowerIsBetter, type Outcome } from "../results.ts";
import { OURS, REVECTORIZED, TWO_THREADS } from "../runners.ts";
import { INFERENCE, productName, TRAINING, XOR } from "../tasks.ts";
import { plain } from "./text.ts";

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly workload: string;
  /** Where the others' value is, if not under the same name. */
  readonly theirs?: string;
  /** From a time in the workload's unit to a rate: what is done in a second. */
  readonly work?: number;
}

const SIZE = [512, 512, 512] as const;

const PANELS: readonly Panel[] = [
  { title: "MNIST, dense 784-128-10, batch 128", unit: "rows/s", workload: TRAINING.W2.name },
  { title: "MNIST, dense 784-1024-1024-10, batch 128", unit: "rows/s", workload: TRAINING.W3.name },
  { title: "MNIST, two convolutions, batch 64", unit: "rows/s", workload: TRAINING.W4.name },
  { title: "LSTM of 64 units, 28 steps, batch 64", unit: "rows/s", workload: TRAINING.W5.name },
  { title: "XOR, 2-4-1", unit: "updates/s", workload: XOR.name, work: 1000 * XOR.updates },
  { title: "Inference 784-128-10, one row a call", unit: "rows/s", workload: INFERENCE.one, work: 1e6 },
  { title: "Matrix product 512³, our slowest orientation", unit: "GFLOP/s", workload: productName(SIZE), theirs: productName(SIZE, "A*B") }, // prettier-ignore
  { title: "Inference 784-128-10, 256 rows a call", unit: "rows/s", workload: INFERENCE.many },
];

const WIDTH = 880;
const MARGIN = 20;
const PANEL = 400;
const LABEL = 146;
const VALUE = 66;
const ROW = 19;
const BAR = 13;
const HEAD = 30;
const GAP = 22;
const MOST_BARS = 8;

const KINDS: Readonly<Record<string, string>> = { [OURS]: "one", [REVECTORIZED]: "wide", [TWO_THREADS]: "two" };

export function chart(outcomes: readonly Outcome[]): string {
  const drawn = PANELS.map((panel) => ({ panel, bars: barsOf(panel, outcomes) })).filter(({ bars }) => bars.length > 0);
  const parts: string[] = [];
  let top = MARGIN + 36;
  for (let i = 0; i < drawn.length; i += 2) {
    const pair = drawn.slice(i, i + 2);
    pair.forEach(({ panel, bars }, side) => {
      const left = MARGIN + side * (WIDTH - 2 * MARGIN - PANEL);
      parts.push(`<g transform="translate(${left} ${top})">`, ...panelOf(panel, bars), "</g>");
    });
    top += HEAD + Math.max(...pair.map(({ bars }) => bars.length)) * ROW + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img">`,
    "<title>What each library computes in a second; longer is faster</title>",
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${top}" rx="8"/>`,
    `<text class="lead" x="${MARGIN}" y="${MARGIN + 12}">Training and inference: longer is faster</text>`,
    `<text class="unit" x="${WIDTH - MARGIN}" y="${MARGIN + 12}" text-anchor="end">* does other work, see docs/bench.md</text>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

interface Bar {
  readonly name: string;
  readonly value: number;
  /** Other work by its nature. */
  readonly other: boolean;
}

/** Ours first, and the fastest of the others. */
function barsOf({ workload, theirs = workload, work }: Panel, outcomes: readonly Outcome[]): Bar[] {
  const bars = outcomes
    .filter(({ runner, ...o }) => o.workload === (runner.startsWith(OURS) ? workload : theirs) && o.compared)
    .map(({ runner, value, unit, other }) => ({
      name: runner,
      value: lowerIsBetter(unit) ? work! / value : value,
      other: other !== undefined,
    }));
  const ours = bars.filter(({ name }) => name.startsWith(OURS));
  const others = bars.filter(({ name }) => !name.startsWith(OURS)).toSorted((a, b) => b.value - a.value);
  return ours.length === 0 ? [] : [...ours, ...others.slice(0, MOST_BARS - ours.length)];
}

function panelOf({ title, unit }: Panel, bars: readonly Bar[]): string[] {
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (PANEL - LABEL - VALUE) / most;
  return [
    `<text class="title" y="10">${escaped(title)} <tspan class="unit">${unit}</tspan></text>`,
    ...bars.flatMap(({ name, value, other }, i) => {
      const y = HEAD - 10 + i * ROW;
      const width = Math.max(1, value * scale);
      return [
        `<text class="name" x="${LABEL - 8}" y="${y + 10.5}">${escaped(name)}${other ? "*" : ""}</text>`,
        `<rect class="${KINDS[name] ?? "other"}" x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<text class="value" x="${(LABEL + width + 6).toFixed(1)}" y="${y + 10.5}">${plain(value)}</text>`,
      ];
    }),
  ];
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** A page of its own, so that it can be read whatever it is shown on. */
const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f; }
.page { fill: #ffffff; stroke: #d8dee4; }
.lead { font-size: 15px; font-weight: 600; }
.title { font-size: 13px; font-weight: 600; }
.unit { font-weight: 400; fill: #656d76; }
.name { text-anchor: end; font-size: 11px; }
.value { font-size: 11px; fill: #656d76; }
.one { fill: #1f6feb; }
.wide { fill: #54a3ff; }
.two { fill: #0a3f91; }
.other { fill: #b6bec7; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .page { fill: #0d1117; stroke: #30363d; }
  .unit, .value { fill: #9198a1; }
  .one { fill: #2f81f7; }
  .wide { fill: #79c0ff; }
  .two { fill: #1158c7; }
  .other { fill: #545d68; }
}
`;
