// The simulated exchange: the bits that every rank ends with, and its times where a formula has them exactly.
import { describe, expect, test } from "vitest";
import { type Network, play } from "../../../bench/ranks/clock.ts";
import { agreement, allToAll, canHalve, halving, sums, timeOf, treeSum } from "../../../bench/ranks/simulation.ts";

const LENGTH = 103;

/** Numbers whose sum depends on its order. */
const gradient = (pass: number): Float32Array =>
  Float32Array.from({ length: LENGTH }, (_, i) => ((((pass * LENGTH + i) * 7919) % 1009) - 500) / (1 + ((3 * pass + i) % 11))); // prettier-ignore
const bytesOf = (values: Float32Array): string => Buffer.from(values.buffer).toString("hex");

describe("every rank ends with the bits of the tree", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 31])("all-to-all, %i ranks", (size) => {
    for (const [slots, passes] of [
      [size, size],
      [2 * size, 2 * size - 1],
      [37, 37],
      [64, 41],
      [64, 3],
    ] as const) {
      const tree = bytesOf(treeSum(gradient, 0, passes));
      const all = sums({ size, slots, passes, length: LENGTH }, allToAll, gradient);
      expect(all.map(bytesOf), `${passes} of ${slots} passes`).toEqual(Array.from({ length: size }, () => tree));
    }
  });

  test.each([1, 2, 4, 8, 16, 64])("halving, %i ranks", (size) => {
    for (const slots of [size, 2 * size, 8 * size]) {
      for (const passes of [slots, slots - 1, (slots >> 1) + 1, 1].filter((count) => count > 0)) {
        const tree = bytesOf(treeSum(gradient, 0, passes));
        const all = sums({ size, slots, passes, length: LENGTH }, halving, gradient);
        expect(all.map(bytesOf), `${passes} of ${slots} passes`).toEqual(Array.from({ length: size }, () => tree));
      }
    }
  });

  test("which other orders don't have", () => {
    for (const passes of [4, 7, 8]) {
      const one = Array.from({ length: passes }, (_, pass) => gradient(pass));
      const chain = one.reduce((sum, its) => sum.map((value, i) => value + its[i]!));
      expect(bytesOf(chain)).not.toBe(bytesOf(treeSum(gradient, 0, passes)));
    }
  });

  test.each([
    [3, 3],
    [6, 48],
    [8, 24],
    [8, 12],
  ])("halving by %i ranks of %i passes makes no nodes of the tree", (size, slots) => {
    const update = { size, slots, passes: slots, length: LENGTH };
    expect(canHalve(update)).toBe(false);
    expect(() => halving(update)).toThrow(`halving: ${slots} passes of ${size} ranks aren't nodes of the tree`);
  });
});

const NETWORK: Network = { latency: 30e-6, perByte: 0.8e-9, perHost: 1, inHost: { latency: 0, perByte: 1e-10 } };
const ADDED = 0.27e-9;

/** When an exchange ends that all ranks begin at 0. */
function ends(size: number, slots: number, length: number, way: typeof allToAll): number {
  const phases = way({ size, slots, passes: slots, length });
  return play(phases, NETWORK, new Float64Array(size), 4 * ADDED).at(-1)!;
}

describe("where slices are equally long, and each rank has a host, times are those of the formula", () => {
  test.each([2, 3, 5, 8, 12, 100, 256])("all-to-all, %i ranks", (size) => {
    const bytes = 4 * size * 1000;
    const { latency, perByte } = NETWORK;
    const wanted = 2 * (size - 1) * latency + (1 - 1 / size) * bytes * (2 * perByte + ADDED);
    expect(ends(size, size, size * 1000, allToAll) / wanted).toBeCloseTo(1, 9);
  });

  test.each([2, 4, 8, 64, 1024])("halving, %i ranks", (size) => {
    const bytes = 4 * size * 1000;
    const { latency, perByte } = NETWORK;
    const wanted = 2 * Math.log2(size) * latency + (1 - 1 / size) * bytes * (2 * perByte + ADDED);
    expect(ends(size, 2 * size, size * 1000, halving) / wanted).toBeCloseTo(1, 9);
  });

  test("a rank with two nodes sends twice as much", () => {
    // of 6 passes each of two ranks has three: a node of two, and one
    const latency = 3 * NETWORK.latency;
    const wanted = latency + 4000 * (3 * NETWORK.perByte + 3 * ADDED);
    expect(ends(2, 6, 2000, allToAll) / wanted).toBeCloseTo(1, 9);
  });

  test.each([1, 2, 3, 8, 9, 1000])("agreement, %i ranks", (size) => {
    const [end] = play([agreement(size, 10)], NETWORK, new Float64Array(size), 0);
    const wanted = Math.ceil(Math.log2(size)) * NETWORK.latency + 40 * (size - 1) * NETWORK.perByte;
    expect(end).toBeCloseTo(wanted, 12);
  });
});

test("ranks of a host share its link and its memory", () => {
  const network = { ...NETWORK, latency: 0, perHost: 2 };
  const phases = halving({ size: 4, slots: 4, passes: 4, length: 1000 });
  const end = play(phases, network, new Float64Array(4), 0).at(-1)!;
  // in a host two messages of half the gradient, out of it two of a quarter; and the same backwards
  const wanted = 2 * 4000 * (network.inHost.perByte + network.perByte / 2);
  expect(end / wanted).toBeCloseTo(1, 9);
});

test("all wait for the one that comes late, and no longer", () => {
  const update = { size: 8, slots: 8, passes: 8, length: 800 };
  const late = new Float64Array(8);
  late[5] = 1;
  play(halving(update), NETWORK, late, 4 * ADDED);
  expect(late.every((clock) => clock > 1)).toBe(true);
  expect(Math.max(...late)).toBeCloseTo(1 + ends(8, 8, 800, halving), 12);
});

test("an update is its parts; the slowest rank's computing counts", () => {
  const costs = { row: 1e-3, keptByte: 1e-9, addedByte: ADDED, updatedByte: 2e-9 };
  const update = { size: 4, slots: 8, passes: 8, length: 1000 };
  const even = timeOf(update, 10, halving, { costs, network: NETWORK });
  expect(even.computing).toBeCloseTo(2 * (10e-3 + 4e-6), 12);
  expect(even.updating).toBeCloseTo(8e-6, 12);
  expect(even.whole).toBeCloseTo(even.computing + even.agreeing + even.exchanging + even.updating, 12);
  const uneven = timeOf(update, 10, halving, { costs, network: NETWORK, spread: 0.5 });
  expect(uneven.computing).toBeGreaterThan(1.2 * even.computing);
  expect(uneven.computing).toBeLessThanOrEqual(1.5 * even.computing);
  expect(uneven.whole - uneven.computing).toBeCloseTo(even.whole - even.computing, 9);
});
