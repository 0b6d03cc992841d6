// The most that one thread can compute here, by two measures, and how near to the processor's own limit that is.
import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { BURSTS, middle, type Result, result } from "./measure.ts";
import { takesTurns, takeTurn } from "./turns.ts";

interface RoofExports {
  registerLoop(turns: number): number;
  rowsLoop(turns: number, k: number, a: number, row: number, b: number, c: number): void;
  panelLoop(turns: number, k: number, a: number, b: number, c: number): void;
  wideLoop(turns: number, k: number, a: number, row: number, b: number, c: number): void;
  clockLoop(turns: number, factor: number): number;
  issueLoop(turns: number, p: number): number;
  readonly REGISTER_FLOPS: WebAssembly.Global;
  readonly CLOCK_CYCLES: WebAssembly.Global;
  readonly ISSUE_OPERATIONS: WebAssembly.Global;
}

const FLAGS =
  "-O3 --noAssert --runtime stub --enable simd --importMemory --zeroFilledMemory --initialMemory 4 --maximumMemory 4";

async function compile(): Promise<RoofExports> {
  const { error, stderr } = await asc.main([
    "roof.kernels.ts",
    "--baseDir",
    "bench",
    "-o",
    "../build/roof.wasm",
    ...FLAGS.split(" "),
  ]);
  if (error) throw new Error(stderr.toString());
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
  const { instance } = await WebAssembly.instantiate(readFileSync("build/roof.wasm"), { env: { memory } });
  return instance.exports as unknown as RoofExports;
}

/** Tile depth and places: all of it fits the first-level cache. */
const DEPTH = 256;
const A = 65536;
const ROW = DEPTH * 4 + 64;
const B = A + 4 * ROW;
const C = B + DEPTH * 64;

/** The roof in GFLOP/s. Throws if the processor could do much more, that is, if the loops are at fault. */
export async function roof(): Promise<Result> {
  const m = await compile();
  const rate = (work: number, run: () => void): number => {
    const start = performance.now();
    run();
    return work / (performance.now() - start) / 1e6; // billions per second
  };
  const turns = 2e5;
  const tiles = 4000;
  const once = () => ({
    ghz: rate(turns * Number(m.CLOCK_CYCLES.value), () => m.clockLoop(turns, 3)),
    issue: rate(turns * Number(m.ISSUE_OPERATIONS.value), () => m.issueLoop(turns, A)),
    register: rate(turns * Number(m.REGISTER_FLOPS.value), () => m.registerLoop(turns)),
    rows: rate(tiles * DEPTH * 64, () => m.rowsLoop(tiles, DEPTH, A, ROW, B, C)),
    panel: rate(tiles * DEPTH * 64, () => m.panelLoop(tiles, DEPTH, A, B, C)),
    wide: rate(tiles * DEPTH * 128, () => m.wideLoop(tiles, DEPTH, A, ROW, B, C)),
  });
  once();
  once();
  const runs: ReturnType<typeof once>[] = [];
  // beside others, as often as they have their turn
  while (runs.length < (takesTurns ? 10 * BURSTS : BURSTS) && takeTurn()) runs.push(once());
  if (runs.length === 0) runs.push(once());
  const of = (pick: (run: ReturnType<typeof once>) => number): number => middle(runs.map(pick));
  const roofs = runs.map((run) => Math.max(run.register, run.rows, run.panel, run.wide));
  // what else runs on the machine makes all of them less, not at the same time: the best of each belong together
  const best = (pick: (run: ReturnType<typeof once>) => number): number => Math.max(...runs.map(pick));
  const ghz = best((r) => r.ghz);
  const perCycle = Math.max(...roofs) / ghz;
  // 14 of the 16 operations per cycle of four vector units; a processor with three of them has 12, and 10.5 is the same share
  const units = Math.round(best((r) => r.issue) / ghz);
  const least = 3.5 * units;
  if (perCycle < least) {
    throw new Error(
      `roof: ${perCycle.toFixed(2)} operations a cycle, but ${units} vector units should do ${least} at least`,
    );
  }
  const figures = {
    register: of((r) => r.register),
    rows: of((r) => r.rows),
    panel: of((r) => r.panel),
    wide: of((r) => r.wide),
  };
  const text = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(1))]));
  return result("W6 roof", "GFLOP/s", roofs, {
    ...text,
    ghz: Number(ghz.toFixed(2)),
    vectorUnits: units,
    flopsPerCycle: Number(perCycle.toFixed(2)),
  });
}
