// Combines the rounds: one value per workload and runner, and whether the work was the same.
import { middle } from "./measure.ts";
import type { Line } from "./rounds.ts";
import { OURS } from "./runners.ts";

export interface Outcome {
  readonly workload: string;
  readonly runner: string;
  readonly unit: string;
  /** The median of all bursts: of the rounds' medians; NaN if all of them failed. */
  readonly value: number;
  /** The best burst. */
  readonly best: number;
  /** The rounds' medians. */
  readonly rounds: readonly number[];
  readonly check?: number;
  readonly updates?: number;
  readonly fingerprint?: string;
  readonly runtime?: string;
  /** The share of the roof, or of the speed of memory, that a workload says it reaches. */
  readonly share?: number;
  /** Why it isn't our work: by its nature, or because another loss came out. */
  readonly other?: string;
  /** Whether it is compared nevertheless: other work by its nature. */
  readonly compared: boolean;
  readonly error?: string;
}

/** Losses in float32 differ by rounding, and relu carries that on: a relu whose input is 0 but for rounding falls on either side. */
const TOLERANCE = 2e-3;

/** In the order of the workloads, the library first. */
export function outcomes(lines: readonly Line[]): Outcome[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.workload}|${line.runner}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const all = [...groups.values()].map((group) => outcome(group, lines));
  return [...new Set(all.map(({ workload }) => workload))].flatMap((name) => all.filter((o) => o.workload === name));
}

function outcome(group: readonly Line[], lines: readonly Line[]): Outcome {
  const { workload, runner } = group[0]!;
  const good = group.filter(({ error }) => error === undefined);
  const rounds = good.map(({ median }) => median);
  const [first] = good;
  if (!first)
    return { workload, runner, unit: "", value: NaN, best: NaN, rounds, compared: false, error: group[0]!.error ?? "" };
  const { unit, check, updates, fingerprint, runtime, share, other } = first;
  const difference = other === undefined ? good.map((line) => differenceOf(line, lines)).find(Boolean) : undefined;
  return {
    workload,
    runner,
    unit,
    value: middle(rounds),
    best: lowerIsBetter(unit) ? Math.min(...good.map(({ min }) => min)) : Math.max(...good.map(({ max }) => max)),
    rounds,
    ...(check !== undefined && { check }),
    ...(updates !== undefined && { updates }),
    ...(typeof fingerprint === "string" && { fingerprint }),
    ...(typeof runtime === "string" && { runtime }),
    ...(typeof share === "number" && { share }),
    ...((other ?? difference) !== undefined && { other: other ?? difference! }),
    compared: difference === undefined,
  };
}

/** What tells the result apart from ours, if anything does. */
function differenceOf(line: Line, lines: readonly Line[]): string | undefined {
  const own = lines.find(({ runner, workload, error }) => runner === OURS && workload === line.workload && !error);
  if (!own) return undefined;
  if (line.runner.startsWith(OURS) && line["fingerprint"] !== own["fingerprint"])
    return "other bits than on one thread";
  if (line.check === undefined) return undefined;
  const expected = own.checks ? own.checks[(line.updates ?? own.checks.length) - 1] : own.check;
  if (expected === undefined || Math.abs(line.check - expected) <= TOLERANCE * Math.abs(expected)) return undefined;
  return `other work: ${digits(line.check)} in place of ${digits(expected)}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** How many times as fast the first is, by the medians or by the best bursts; undefined if one of them failed or did other work. */
export function ratio(
  ours: Outcome | undefined,
  theirs: Outcome | undefined,
  by: "value" | "best" = "value",
): number | undefined {
  if (!ours || !theirs || !ours.compared || !theirs.compared) return undefined;
  return lowerIsBetter(ours.unit) ? theirs[by] / ours[by] : ours[by] / theirs[by];
}

export function lowerIsBetter(unit: string): boolean {
  return unit === "ms" || unit === "us" || unit === "bytes";
}
