import { describe, expect, test } from "vitest";
import * as abi from "../../../build/abi.js";
import type { Sharing } from "../../../src/runtime/record.ts";
import { isWorthSharing, shareRecord } from "../../../src/runtime/threads/sharedRecords.ts";

/** A layer of 100 rows of `perRow` bytes, with a constant and an address that is 0: a tensor that isn't there. */
const layer = (perRow: number, more: Partial<Sharing> = {}): Sharing => ({
  kind: "rows",
  units: 100,
  work: 1000,
  args: (rows, thread) => ({ x: 4096 + rows * perRow, scratch: 8192 + thread * 256, size: 7, mask: rows * perRow }),
  ...more,
});
const words = [4096, 8192, 7, 0];
const share = (sharing: Sharing, least = 1000) => shareRecord(sharing, { flags: abi.FLAG_OVERWRITE, words }, least);
const flagsOf = (sharing: Sharing, least?: number): number => share(sharing, least)!.flags;
const leastRowsOf = (flags: number): number => 2 ** (flags >>> abi.FLAG_ROWS_SHIFT);

describe("shareRecord", () => {
  test("after the arguments come the slots that move, how far per row, and how far per thread", () => {
    expect(share(layer(64))!.words).toEqual(words.concat([abi.RECORD_ARGS, 64, 0], [abi.RECORD_ARGS + 4, 0, 256]));
  });

  test("an argument may move down", () => {
    const args: Sharing["args"] = (rows) => ({ x: 4096 - rows * 64, scratch: 8192, size: 7, mask: 0 });
    expect(share(layer(64, { args }))!.words.slice(words.length)).toEqual([abi.RECORD_ARGS, 2 ** 32 - 64, 0]);
  });

  test("the flags: what they were, the kind, and how many words and moves follow", () => {
    const counts = (4 << abi.FLAG_ARGS_SHIFT) | (2 << abi.FLAG_MOVES_SHIFT);
    for (const [kind, flag] of [
      ["rows", abi.FLAG_ROWS],
      ["elements", abi.FLAG_ELEMENTS],
      ["kernel", abi.FLAG_KERNEL],
    ] as const)
      expect(flagsOf(layer(64, { kind }))).toBe(abi.FLAG_OVERWRITE | flag | counts);
  });

  test("rows that aren't a number of vectors are said to be", () => {
    expect(flagsOf(layer(64)) & abi.FLAG_FOURS).toBe(0);
    expect(flagsOf(layer(20)) & abi.FLAG_FOURS).toBe(abi.FLAG_FOURS);
  });

  test("not what is too little work", () => {
    expect(share(layer(64), 1001)).toBeUndefined();
    expect(share(layer(64), 1000)).toBeDefined();
  });

  test("where rows vary, the power of two from which on there is enough work", () => {
    // 10 operations per row
    for (const [least, rows] of [
      [1000, 128],
      [640, 64],
      [10, 1],
      [0, 1],
    ] as const)
      // prettier-ignore
      expect(leastRowsOf(flagsOf(layer(64, { varies: true }), least))).toBe(rows);
    expect(leastRowsOf(flagsOf(layer(64)))).toBe(1);
  });

  test("not what a thread's copy has no capacity for", () => {
    const most = (abi.POOL_COPY_BYTES - 16 - abi.RECORD_ARGS) / 4;
    const shared = (count: number) => {
      const constants = Array.from({ length: count }, () => 1);
      const args = () => Object.fromEntries(constants.entries());
      return shareRecord(layer(0, { args }), { flags: 0, words: constants }, 0);
    };
    expect(shared(most)).toBeDefined();
    expect(shared(most + 1)).toBeUndefined();
  });
});

describe("isWorthSharing", () => {
  const FIRST = 64;
  const KERNELS = 10;
  /** Is a program of these records? Each has a length of its own. */
  const isWorth = (...records: { kernel: number; flags: number }[]): boolean => {
    const u32 = new Uint32Array(1000);
    let last = FIRST;
    records.forEach(({ kernel, flags }, i) => {
      const bytes = abi.RECORD_ARGS + 8 * i;
      u32[(last + abi.RECORD_KERNEL) / 4] = kernel;
      u32[(last + abi.RECORD_FLAGS) / 4] = flags;
      u32[(last + abi.RECORD_BYTES) / 4] = bytes;
      last += bytes;
    });
    // a record of another program
    u32[(last + abi.RECORD_FLAGS) / 4] = abi.FLAG_ROWS;
    u32[(last + abi.RECORD_BYTES) / 4] = abi.RECORD_ARGS;
    return isWorthSharing(u32, { first: FIRST, last }, KERNELS);
  };
  const alone = { kernel: KERNELS - 1, flags: abi.FLAG_OVERWRITE };

  test("if threads share one of the records, whatever the kind", () => {
    expect(isWorth()).toBe(false);
    expect(isWorth(alone, alone)).toBe(false);
    for (const flags of [abi.FLAG_ROWS, abi.FLAG_ELEMENTS, abi.FLAG_KERNEL])
      expect(isWorth(alone, { ...alone, flags }, alone)).toBe(true);
  });

  test("not if one has a kernel that other threads don't have", () => {
    const shared = { kernel: 0, flags: abi.FLAG_ROWS };
    expect(isWorth(shared, { ...alone, kernel: KERNELS }, shared)).toBe(false);
    expect(isWorth(shared, { ...alone, kernel: KERNELS - 1 }, shared)).toBe(true);
  });
});
