// The targets that the library is to reach, as ratios of results of one run.
import type { Outcome } from "./results.ts";
import { lowerIsBetter, ratio } from "./results.ts";
import { OURS, REVECTORIZED, TWO_THREADS } from "./runners.ts";
import { INFERENCE, JOBS, MAKING, PLANNING, productName, roofBeside, START, TRAINING, XOR } from "./tasks.ts";

type Variant = typeof OURS | typeof REVECTORIZED | typeof TWO_THREADS;

/** What a row of the table is compared with. */
export const COLUMNS = ["PyTorch", "TF.js wasm", "the best other", "roof", "one thread"] as const;
export type Column = (typeof COLUMNS)[number];

/** A ratio of ours to a runner's, the share of the roof, or a plain limit. */
interface Target {
  readonly column: Column;
  readonly least: number;
  readonly ours?: Variant;
  /** The runner, where the column doesn't say it. */
  readonly runner?: string;
  /** The workload that is compared with, if it has another name. */
  readonly with?: string;
  readonly note?: string;
}

interface Row {
  readonly workload: string;
  readonly targets: readonly Target[];
  /** What is to be reached is a time or a size, not a ratio. */
  readonly limit?: number;
}

const SIZE = [512, 512, 512] as const;

const ROWS: readonly Row[] = [
  {
    workload: XOR.name,
    targets: [
      { column: "PyTorch", least: 150 },
      { column: "TF.js wasm", least: 400 },
      { column: "the best other", runner: "synaptic", least: 2 },
    ],
  },
  {
    workload: TRAINING.W2.name,
    targets: [
      { column: "PyTorch", least: 0.65 },
      { column: "PyTorch", least: 0.95, ours: REVECTORIZED },
      { column: "PyTorch", least: 1.05, ours: TWO_THREADS },
      { column: "TF.js wasm", least: 9 },
      { column: "the best other", runner: "jax-js", least: 2 },
      { column: "roof", least: 0.8 },
      { column: "one thread", least: 1.6 },
    ],
  },
  {
    workload: TRAINING.W2b16.name,
    targets: [
      { column: "PyTorch", least: 1.3 },
      { column: "TF.js wasm", least: 12 },
    ],
  },
  {
    workload: TRAINING.W3.name,
    targets: [
      { column: "PyTorch", least: 0.56 },
      { column: "PyTorch", least: 0.85, ours: REVECTORIZED },
      { column: "PyTorch", least: 1, ours: TWO_THREADS },
      { column: "TF.js wasm", least: 27 },
      { column: "the best other", runner: "jax-js", least: 1.8 },
      { column: "roof", least: 0.8 },
      { column: "one thread", least: 1.85 },
    ],
  },
  {
    workload: TRAINING.W4.name,
    targets: [
      { column: "PyTorch", least: 0.85 },
      { column: "PyTorch", least: 1.15, ours: REVECTORIZED },
      { column: "PyTorch", least: 1.45, ours: TWO_THREADS },
      { column: "the best other", runner: "ConvNetJS", least: 40 },
      { column: "roof", least: 0.7 },
      { column: "one thread", least: 1.7 },
    ],
  },
  {
    workload: TRAINING.W5.name,
    targets: [
      { column: "PyTorch", least: 1 },
      { column: "PyTorch", least: 1.35, ours: TWO_THREADS },
      { column: "TF.js wasm", least: 11 },
      { column: "the best other", runner: "jax-js", least: 5 },
      { column: "roof", least: 0.55 },
      { column: "one thread", least: 1.4 },
    ],
  },
  {
    workload: productName(SIZE),
    targets: [
      { column: "TF.js wasm", least: 1.3, with: productName(SIZE, "A*B"), note: "a·b" },
      { column: "TF.js wasm", least: 15, with: productName(SIZE, "A*BT"), note: "a·bᵀ" },
      { column: "TF.js wasm", least: 15, with: productName(SIZE, "AT*B"), note: "aᵀ·b" },
      { column: "the best other", runner: "jax-js", least: 1.5, with: productName(SIZE, "A*B") },
      { column: "the best other", runner: "ONNX Runtime Web", least: 1.6, with: productName(SIZE, "A*B") },
      { column: "roof", least: 0.9 },
    ],
  },
  {
    workload: INFERENCE.one,
    targets: [
      { column: "PyTorch", least: 4 },
      { column: "TF.js wasm", least: 4 },
      { column: "the best other", runner: "ONNX Runtime Web", least: 1 },
      { column: "the best other", runner: "ONNX Runtime Node", least: 1 },
    ],
  },
  { workload: INFERENCE.many, targets: [{ column: "TF.js wasm", least: 1.4 }] },
  { workload: MAKING.lstm, limit: 300, targets: [] },
  { workload: MAKING.gru, limit: 300, targets: [] },
  ...Object.values(PLANNING).flatMap((names) => names.map((workload) => ({ workload, limit: 1000, targets: [] }))),
  { workload: START.start, limit: 20, targets: [{ column: "the best other", runner: "jax-js", least: 1 }] },
  { workload: START.download, limit: 30_500, targets: [{ column: "the best other", runner: "jax-js", least: 1 }] }, // prettier-ignore
];

export interface Figure {
  readonly workload: string;
  readonly ours: string;
  readonly column: Column | "itself";
  /** Who it is compared with. */
  readonly against: string;
  readonly value: number | undefined;
  readonly target: number;
  readonly met: boolean | undefined;
}

/** The value and the target of every workload that was measured. */
export function figures(all: readonly Outcome[]): Figure[] {
  const find = (workload: string, runner: string): Outcome | undefined =>
    all.find((outcome) => outcome.workload === workload && outcome.runner === runner);
  return ROWS.filter(({ workload }) => find(workload, OURS)).flatMap(({ workload, targets, limit }) => {
    const own = find(workload, OURS)!;
    const compared = targets.map(({ column, least, ours = OURS, runner = column, with: other = workload, note }) => {
      const valueOf = (): number | undefined => {
        if (column === "one thread") return ratio(find(workload, TWO_THREADS), own);
        if (column !== "roof") return ratio(find(workload, ours), find(other, runner));
        return share(own, roofOf(all, workload));
      };
      const value = valueOf();
      const against = column === "roof" ? "the roof" : note ? `${runner} ${note}` : runner;
      const variant = column === "one thread" ? TWO_THREADS : ours;
      return figure({ workload, ours: variant, column, against, value, target: least }, least);
    });
    const itself = { workload, ours: OURS, column: "itself", against: "", value: own.value, target: limit! } as const;
    return limit === undefined ? compared : [figure(itself, limit), ...compared];
  });
}

function figure(parts: Omit<Figure, "met">, target: number): Figure {
  const { value, column } = parts;
  const met = value === undefined ? undefined : column === "itself" ? value <= target : value >= target;
  return { ...parts, met };
}

/** The roof that was measured in turns with a workload, or else the one of its run. */
export function roofOf(all: readonly Outcome[], workload: string): Outcome | undefined {
  const job = Object.entries(JOBS).find(([, name]) => name === workload)?.[0] ?? workload.split(" ")[0]!;
  const find = (name: string): Outcome | undefined => all.find((outcome) => outcome.workload === name);
  return find(roofBeside(job)) ?? find("W6 roof");
}

/** A rate as a share of the roof. */
export function share(own: Outcome, roof: Outcome | undefined): number | undefined {
  if (!roof || lowerIsBetter(own.unit) || !own.compared || own.workload.endsWith(" roof")) return undefined;
  if (own.unit === "GFLOP/s") return own.value / roof.value;
  const { flops } = Object.values(TRAINING).find(({ name }) => name === own.workload) ?? {};
  return flops === undefined ? undefined : (own.value * flops) / 1e9 / roof.value;
}
