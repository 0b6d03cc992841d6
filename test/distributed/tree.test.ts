// The sum over passes: the same bits for any number of ranks, those of the plain recursion.
import { describe, expect, test } from "vitest";
import { nameOf, nodesOf, passesOf, sumOf } from "../../src/distributed/tree.ts";
import { generator } from "../support/seeded.ts";

/** Numbers of very different size, so that hardly two orders give one sum. */
function gradientsOf(passes: number): Float32Array {
  const random = generator(passes);
  return Float32Array.from({ length: passes }, () => {
    const size = [1e-6, 1e-3, 1, 1e3, 1e6][Math.floor(5 * random())]!;
    return (random() - 0.5) * size;
  });
}

/** The slow and obvious way: halves at the largest power of two below, and their sums. */
function reference(all: Float32Array): number {
  if (all.length === 1) return all[0]!;
  let half = 1;
  while (2 * half < all.length) half *= 2;
  return Math.fround(reference(all.subarray(0, half)) + reference(all.subarray(half)));
}

const add = (left: number, right: number): number => Math.fround(left + right);

/** What so many ranks make of them: each the nodes of its passes, and all together the sum. */
function ofRanks(size: number, slots: number, all: Float32Array): number {
  const nodes = new Map<string, number>();
  for (let rank = 0; rank < size; rank++) {
    const [first, end] = passesOf(rank, size, slots, all.length);
    for (const node of nodesOf(first, end)) {
      const [level, index] = node;
      const its = new Map<string, number>();
      for (let pass = index << level; pass < (index + 1) << level; pass++) its.set(nameOf([0, pass]), all[pass]!);
      // a rank sums the passes of a node as a binary counter does: pairs first
      const sum = (l: number, i: number): number =>
        l === 0 ? its.get(nameOf([0, i]))! : add(sum(l - 1, 2 * i), sum(l - 1, 2 * i + 1));
      nodes.set(nameOf(node), sum(level, index));
    }
  }
  return sumOf(nodes, all.length, add);
}

const SLOTS = [1, 2, 3, 5, 6, 7, 8, 11, 16, 31, 64, 100, 128, 255, 333, 512, 777, 1000, 1023, 1024];
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 32, 60, 64, 100, 128, 255, 333, 512, 777, 1000, 1023, 1024];

describe.each(SLOTS)("%i passes in an update", (slots) => {
  const cuts = [...new Set([slots, slots - 1, Math.ceil(slots / 2), Math.floor(slots / 3), 1])].filter((m) => m >= 1);

  test.each(cuts)("of which there are %i: one sum for any number of ranks", (passes) => {
    const all = gradientsOf(passes);
    const expected = reference(all);
    const sums = SIZES.filter((size) => size <= slots).map((size) => ofRanks(size, slots, all));
    expect(new Set(sums)).toEqual(new Set([expected]));
  });
});

test("every pass is one rank's, in their order, whatever the number of ranks; of a cut-off update the same ones", () => {
  for (const slots of SLOTS) {
    for (const size of SIZES) {
      for (const passes of [slots, Math.ceil(slots / 3)]) {
        let next = 0;
        for (let rank = 0; rank < size; rank++) {
          const [first, end] = passesOf(rank, size, slots, passes);
          expect([first, end >= first]).toEqual([next, true]);
          const [whole] = passesOf(rank, size, slots, slots);
          expect(first).toBe(Math.min(whole, passes));
          next = end;
        }
        expect(next).toBe(passes);
      }
    }
  }
});

test("the nodes of some passes are those passes, as large as can be", () => {
  for (let first = 0; first < 40; first++) {
    for (let end = first; end < 70; end++) {
      let next = first;
      for (const [level, index] of nodesOf(first, end)) {
        expect(index << level).toBe(next);
        next += 1 << level;
        const parent = [(index >> 1) << (level + 1), ((index >> 1) + 1) << (level + 1)] as const;
        expect(parent[0] >= first && parent[1] <= end).toBe(false);
      }
      expect(next).toBe(end);
    }
  }
});

test("another order gives another sum of these numbers: a left fold, and a tree over ranks", () => {
  const all = gradientsOf(1000);
  const fold = all.reduce((sum, value) => Math.fround(sum + value));
  const parts = [0, 1, 2].map((rank) => all.subarray(...passesOf(rank, 3, 1000, 1000)).reduce(add));
  expect(fold).not.toBe(reference(all));
  expect(parts.reduce(add)).not.toBe(reference(all));
});

test("a pass that is missing is an error", () => {
  expect(() => sumOf(new Map([["0/0", 1]]), 2, add)).toThrow("internal: the tree has no pass 1");
});
