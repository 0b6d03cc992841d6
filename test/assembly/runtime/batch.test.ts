import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../build/abi.js";
import { f32 } from "../../../src/runtime/record.ts";
import { uniform, wholes } from "../../support/seeded.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const { batchFirstNonFinite } = bench.core.exports;
const { program } = bench;
beforeEach(() => {
  bench.clear();
  program.set(abi.PROGRAM_CURSOR, 0);
  program.set(abi.PROGRAM_ORDER, 0);
});

const SOURCE_ROWS = 9;
/** Row 3 twice, so that an order need not be a permutation. */
const ORDER = [8, 0, 3, 5, 1, 7, 3, 2, 6];
const ROW_SIZES = Array.from({ length: 40 }, (_, i) => i + 1);

describe.each([
  ["in stored order", 0, undefined],
  ["from the third on", 2, undefined],
  ["in a given order", 0, ORDER],
  ["in a given order, from the fourth on", 3, ORDER],
] as const)("rows %s", (_name, cursor, order) => {
  const rows = 5;
  const picked = Array.from({ length: rows }, (_, r) => (order ? order[cursor + r]! : cursor + r));
  const place = (): void => {
    program.set(abi.PROGRAM_CURSOR, cursor);
    if (order) program.set(abi.PROGRAM_ORDER, bench.words(order));
  };

  test.each(ROW_SIZES)("batchGatherWords, %s words per row", (n) => {
    const data = uniform(SOURCE_ROWS * n, { seed: n });
    place();
    const target = bench.room(rows * n);
    bench.run(
      "batchGatherWords",
      { perRow: n, rows },
      { source: bench.floats(data), target, program: program.address },
    );
    const expected = picked.flatMap((row) => [...data.subarray(row * n, (row + 1) * n)]);
    expect([...bench.read(target, rows * n)]).toEqual(expected);
    bench.expectGuard(target, rows * n, "target");
  });

  test.each(ROW_SIZES)("batchGatherBytes, %s bytes per row", (n) => {
    const data = Uint8Array.from(wholes(SOURCE_ROWS * n, { seed: n, below: 256 }));
    const source = bench.room(Math.ceil(data.length / 4));
    bench.core.arena.u8.set(data, source);
    place();
    const target = bench.room(rows * n);
    const scale = Math.fround(1 / 255);
    const args = { source, target, program: program.address, scale: f32(scale) };
    bench.run("batchGatherBytes", { perRow: n, rows }, args);
    const expected = picked.flatMap((row) =>
      [...data.subarray(row * n, (row + 1) * n)].map((b) => Math.fround(b * scale)),
    );
    expect([...bench.read(target, rows * n)]).toEqual(expected);
    bench.expectGuard(target, rows * n, "target");
  });
});

test("batchGatherBytes gives every byte its number", () => {
  const data = Uint8Array.from({ length: 256 }, (_, i) => i);
  const source = bench.room(64);
  bench.core.arena.u8.set(data, source);
  const target = bench.room(256);
  bench.run("batchGatherBytes", { perRow: 256, rows: 1 }, { source, target, program: program.address, scale: f32(1) });
  expect([...bench.read(target, 256)]).toEqual([...data]);
});

test("batchGatherWords copies labels and NaNs bit by bit", () => {
  const words = [0, 1, 0xffffffff, 0x7fa00001, 0xffc12345, 0x80000000, 7];
  const target = bench.room(7);
  bench.run(
    "batchGatherWords",
    { perRow: 7, rows: 1 },
    { source: bench.words(words), target, program: program.address },
  );
  expect([...bench.bits(target, 7)]).toEqual(words);
});

describe("batchFirstNonFinite", () => {
  const COUNTS = [1, 2, 3, 4, 5, 7, 8, 9, 17];

  test.each(COUNTS)("%s numbers: each place, NaN and both infinities", (count) => {
    const finite = uniform(count, { seed: count, low: -1e30, high: 1e30 });
    for (let place = 0; place < count; place++) {
      for (const bad of [NaN, Infinity, -Infinity]) {
        expect(batchFirstNonFinite(bench.floats(finite.with(place, bad)), count), `${bad} at ${place}`).toBe(place);
      }
    }
  });

  test.each(COUNTS)("%s finite numbers: the count, whatever follows", (count) => {
    expect(batchFirstNonFinite(bench.floats(uniform(count, { seed: count })), count)).toBe(count);
  });

  test("the first of several", () => {
    expect(batchFirstNonFinite(bench.floats([1, 2, 3, 4, 5, Infinity, NaN, 8, -Infinity]), 9)).toBe(5);
    expect(batchFirstNonFinite(bench.floats([1, 2, 3, NaN, NaN]), 5)).toBe(3);
  });

  test("the largest and the smallest numbers and both zeros are finite", () => {
    const largest = 3.4028234663852886e38;
    expect(batchFirstNonFinite(bench.floats([largest, -largest, 1e-45, -1e-45, 0, -0]), 6)).toBe(6);
  });

  test("no numbers: 0", () => expect(batchFirstNonFinite(bench.room(4), 0)).toBe(0));
});

describe("batchCheckLoss", () => {
  const check = (total: number): number => {
    const source = bench.doubles([total, 1]);
    const went = bench.run("batchCheckLoss", { perRow: 1, rows: 1 }, { source, target: 0, program: program.address });
    const halt = program.get(abi.PROGRAM_HALT);
    expect(went).toBe(halt === abi.HALT_NONE);
    return halt;
  };

  test.each([NaN, Infinity, -Infinity])("a loss of %s halts the run", (total) => {
    expect(check(total)).toBe(abi.HALT_LOSS);
  });

  test.each([0, -0, 1.5, -1.5, 1e300, -1e300, 5e-324])("a loss of %s does not", (total) => {
    expect(check(total)).toBe(abi.HALT_NONE);
  });
});
