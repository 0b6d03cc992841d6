// Addresses of buffers: those that are in use at the same time are apart, others may share memory.
import { describe, expect, test } from "vitest";
import { assignAddresses, Buffer } from "../../src/graph/memoryPlanner.ts";
import { generator } from "../support/seeded.ts";

const STEPS = 20;
const FLOATS = 64 / 4;

function bufferOf(elements: number, from: number, to: number): Buffer {
  const buffer = new Buffer(elements, from);
  buffer.useUntil(to);
  return buffer;
}

function randomBuffers(seed: number): Buffer[] {
  const random = generator(seed);
  const below = (n: number): number => Math.floor(n * random());
  return Array.from({ length: 1 + below(30) }, () => {
    const from = below(STEPS);
    return bufferOf(1 + below(400), from, from + below(STEPS - from));
  });
}

/** Assigns addresses. Returns the bytes that all of them take. */
const assign = (buffers: readonly Buffer[], separate = false): number => assignAddresses(buffers, separate);

/** The same, in words: a look at each of the others, in the order of their addresses. */
function assignSlowly(buffers: readonly Buffer[]): number[] {
  const assigned: { buffer: Buffer; address: number }[] = [];
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    let address = 0;
    for (const other of assigned.toSorted((a, b) => a.address - b.address)) {
      if (!inUseAtOnce(other.buffer, buffer)) continue;
      if (address + buffer.bytes <= other.address) break;
      address = Math.max(address, other.address + other.buffer.bytes);
    }
    assigned.push({ buffer, address });
  }
  return buffers.map((buffer) => assigned.find((each) => each.buffer === buffer)!.address);
}

const sumOf = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { bytes }) => sum + bytes, 0);
const inUseAtOnce = (a: Buffer, b: Buffer): boolean => a.from <= b.to && b.from <= a.to;
const overlap = (a: Buffer, b: Buffer): boolean => a.address < b.address + b.bytes && b.address < a.address + a.bytes;

/** The pairs of buffers that share memory. */
const sharing = (buffers: readonly Buffer[]): [Buffer, Buffer][] =>
  buffers.flatMap((a, i) => buffers.slice(i + 1).flatMap((b): [Buffer, Buffer][] => (overlap(a, b) ? [[a, b]] : [])));

describe("random intervals", () => {
  const cases = Array.from({ length: 200 }, (_, seed) => randomBuffers(seed + 1));
  const totals = cases.map((buffers) => assign(buffers));

  test("no two buffers that are in use at once overlap", () => {
    for (const buffers of cases) expect(sharing(buffers).filter(([a, b]) => inUseAtOnce(a, b))).toEqual([]);
  });

  test("each has the lowest address that is free while it is in use", () => {
    for (const buffers of cases) expect(buffers.map(({ address }) => address)).toEqual(assignSlowly(buffers));
  });

  test("the total is that of the step that needs most at least, and the sum of all at most", () => {
    cases.forEach((buffers, i) => {
      const peak = Math.max(
        ...Array.from({ length: STEPS }, (_, step) => sumOf(buffers.filter((b) => b.from <= step && step <= b.to))),
      );
      expect(totals[i]).toBeGreaterThanOrEqual(peak);
      expect(totals[i]).toBeLessThanOrEqual(sumOf(buffers));
    });
  });

  test("together they take less than 60 % of that sum, as memory is shared", () => {
    const sum = cases.reduce((total, buffers) => total + sumOf(buffers), 0);
    expect(totals.reduce((total, bytes) => total + bytes, 0)).toBeLessThan(0.6 * sum);
  });

  test("all of them are within the total, aligned to 64 bytes", () => {
    cases.forEach((buffers, i) => {
      for (const { address, bytes } of buffers) {
        expect(address % 64).toBe(0);
        expect(address + bytes).toBeLessThanOrEqual(totals[i]!);
      }
    });
  });

  test("separate: no two overlap, whenever they are in use, and the total is the sum", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const buffers = randomBuffers(seed);
      expect(assign(buffers, true)).toBe(sumOf(buffers));
      expect(sharing(buffers)).toEqual([]);
    }
  });
});

test("the largest is first, each at the lowest address that is free while it is in use", () => {
  const small = bufferOf(FLOATS, 0, 1);
  const large = bufferOf(4 * FLOATS, 2, 3);
  const middle = bufferOf(2 * FLOATS, 1, 2);
  const late = bufferOf(FLOATS, 3, 4);
  const always = bufferOf(FLOATS, 0, 9);
  const buffers = [small, large, middle, late, always];
  expect(assign(buffers)).toBe(7 * 64);
  // middle is beside large, small before both of them, late beside large where middle was, always after all
  const start = large.address;
  expect(buffers.map(({ address }) => (address - start) / 64)).toEqual([0, 0, 4, 4, 6]);
});

test("a gap between two others is used if it is large enough", () => {
  const low = bufferOf(8 * FLOATS, 0, 5);
  const early = bufferOf(7 * FLOATS, 0, 1); // after step 1 its memory is a gap
  const high = bufferOf(6 * FLOATS, 0, 5);
  const fits = bufferOf(5 * FLOATS, 2, 5);
  const tooLarge = bufferOf(3 * FLOATS, 2, 5); // for the two that are left
  const buffers = [tooLarge, fits, high, early, low];
  assign(buffers);
  expect(buffers.map(({ address }) => (address - low.address) / 64)).toEqual([21, 8, 15, 8, 0]);
});

test("a buffer's bytes are rounded up to 64, and it is in use until the last step that was said", () => {
  expect([1, 16, 17, 33].map((elements) => new Buffer(elements, 0).bytes)).toEqual([64, 64, 128, 192]);
  const buffer = new Buffer(1, 4);
  expect([buffer.from, buffer.to]).toEqual([4, 4]);
  for (const step of [7, 5, 2]) buffer.useUntil(step);
  expect([buffer.from, buffer.to]).toEqual([4, 7]);
});
