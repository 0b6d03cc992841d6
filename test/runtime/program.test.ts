// Programs: records in memory, and the control block that only Program writes.
import { describe, expect, test } from "vitest";
import * as abi from "../../build/abi.js";
import { Workspace } from "../../src/runtime/arena.ts";
import { createCore } from "../../src/runtime/core.ts";
import { LOG_FIELDS, LOG_ROWS, penaltyOf, Program, ProgramBuilder, RecordList } from "../../src/runtime/program.ts";
import { f64 } from "../../src/runtime/record.ts";

const core = await createCore("test");
const { arena } = core;
const workspace = new Workspace(arena, "test");
const newProgram = (seed = 0): Program => new Program(core, workspace, seed);
/** A word of the control block, as the kernels read it. */
const word = ({ address }: Program, field: number): number => arena.u32[(address + field) / 4]!;

describe("records", () => {
  const list = new RecordList();
  list.add("gradientZero", 4, { p: 11, g: 12, program: 13 }, { flags: 5 });
  list.add("batchCheckLoss", 1, { source: 21, target: 22, rate: f64(1), last: 23 });
  const [first, second] = list.place(core, workspace);

  test("are consecutive in memory: kernel, size, flags, elements per row, then the arguments", () => {
    expect(list.length).toBe(2);
    const words = (address: number, count: number): number[] => [
      ...arena.u32.subarray(address / 4, address / 4 + count),
    ];
    const size = (count: number): number => Math.ceil((abi.RECORD_ARGS + 4 * count) / 16) * 16;
    expect(words(first!.address, 7)).toEqual([core.kernel("gradientZero"), size(3), 5, 4, 11, 12, 13]);
    expect(words(second!.address, 9)).toEqual([
      core.kernel("batchCheckLoss"),
      size(5),
      0,
      1,
      21,
      22,
      0,
      0x3ff00000,
      23,
    ]);
    expect(first!.end - first!.address).toBe(size(3));
    expect(second!.address).toBe(first!.end);
  });

  test("belong to no layer and name nothing that they write unless that is said", () => {
    expect([first!.layer, first!.writes]).toEqual([-1, []]);
    const named = new RecordList();
    const writes = [{ name: "a1", address: 64, elements: 3, rows: true }];
    named.add("denseForward", 3, {}, { layer: 2, writes });
    expect(named.place(core, workspace)[0]).toMatchObject({ layer: 2, writes, kernel: "denseForward" });
  });
});

test("a builder makes ranges of records by their indices, the end excluded", () => {
  const builder = new ProgramBuilder(core, workspace, 0);
  for (let i = 0; i < 3; i++) builder.records.add("gradientZero", 4, { p: 0, g: 0, program: 0 });
  const { records, range } = builder.finish();
  const [a, b, c] = records;
  expect(range(0, 2)).toEqual({ first: a!.address, last: c!.address });
  expect(range(1)).toEqual({ first: b!.address, last: c!.end });
  expect(range(2, 2)).toEqual({ first: c!.address, last: c!.address });
  expect(range(3)).toEqual({ first: c!.end, last: c!.end });
  const empty = new ProgramBuilder(core, workspace, 0).finish();
  expect(empty.range(0)).toEqual({ first: 0, last: 0 });
});

describe("the control block", () => {
  test("has the seed's 53 bits in two words, and the address of the log", () => {
    const program = newProgram(2 ** 53 - 2);
    expect(word(program, abi.PROGRAM_SEED_LOW)).toBe(0xfffffffe);
    expect(word(program, abi.PROGRAM_SEED_HIGH)).toBe(0x1fffff);
    expect(word(newProgram(7), abi.PROGRAM_SEED_LOW)).toBe(7);
    expect(word(program, abi.PROGRAM_LOG)).toBe(program.address + abi.PROGRAM_BYTES);
  });

  test("has the records of a pass and of an update", () => {
    const program = newProgram();
    program.setRecords({ first: 160, last: 320 }, { first: 480, last: 640 }, 800);
    const fields = [
      abi.PROGRAM_PASS_FIRST,
      abi.PROGRAM_PASS_LAST,
      abi.PROGRAM_UPDATE_FIRST,
      abi.PROGRAM_UPDATE_LAST,
      abi.PROGRAM_LOSS,
    ];
    expect(fields.map((field) => word(program, field))).toEqual([160, 320, 480, 640, 800]);
    expect(program.records).toEqual({ first: 160, last: 640 });
  });

  test("begin sets what a run is on, and the counters; the rest is the default", () => {
    const program = newProgram();
    const counters = { updates: 3, passes: 5, epochs: 2 };
    const fields = [
      abi.PROGRAM_ROWS,
      abi.PROGRAM_BATCH,
      abi.PROGRAM_ACCUMULATE,
      abi.PROGRAM_ORDER,
      abi.PROGRAM_SHUFFLE,
      abi.PROGRAM_DROP_LAST,
      abi.PROGRAM_PASS_FIRST,
    ];
    const read = (): number[] => fields.map((field) => word(program, field));
    program.begin(counters, { rows: 10, batchSize: 4, first: 160, accumulate: 2, dropLast: true, order: 640 });
    expect(read()).toEqual([10, 4, 2, 640, 1, 1, 160]);
    expect(program.counters).toEqual(counters);
    program.begin(counters, { rows: 10, batchSize: 4, first: 160 });
    expect(read()).toEqual([10, 4, 1, 0, 0, 0, 160]);
  });

  test("begin starts a new epoch and a new update, whatever was done before", () => {
    const builder = new ProgramBuilder(core, workspace, 0);
    const { program } = builder;
    const g = workspace.allocate(16, "a gradient");
    builder.records.add("gradientZero", 4, { p: 0, g, program: program.address }); // the update
    const { range } = builder.finish();
    program.setRecords(range(0, 0), range(0), workspace.allocate(16, "the loss"));
    const counters = { updates: 0, passes: 0, epochs: 0 };
    const begin = (): void => program.begin(counters, { rows: 9, batchSize: 2, first: range(0).first, accumulate: 3 });
    begin();
    expect(core.exports.runPasses(program.address, 2)).toBe(2);
    expect(program.accumulated).toBe(2);
    expect(program.counters).toEqual({ updates: 0, passes: 2, epochs: 0 });
    begin();
    expect(program.accumulated).toBe(0);
    expect(program.counters).toEqual(counters);
    // 5 batches are an epoch: one update after three passes, one after the two that are left
    expect(core.exports.runPasses(program.address, 5)).toBe(5);
    expect(program.counters).toEqual({ updates: 2, passes: 5, epochs: 1 });
  });

  test("has the penalty of a pass", () => {
    const program = newProgram();
    expect(penaltyOf(program)[0]).toBe(0);
    penaltyOf(program)[0] = 0.1;
    expect(penaltyOf(program)[0]).toBe(0.1);
    expect(arena.f64[(program.address + abi.PROGRAM_PENALTY) / 8]).toBe(0.1);
  });

  test("says what halted a run", () => {
    const program = newProgram();
    const halt = (by: number): void => void (arena.u32[(program.address + abi.PROGRAM_HALT) / 4] = by);
    halt(abi.HALT_LOSS);
    expect(program.haltedBy).toBe("the loss");
    halt(abi.HALT_GRADIENT);
    expect(program.haltedBy).toBe("a gradient");
  });
});

describe("the log", () => {
  /** A row's field, as the kernels see it. */
  const at = ({ address }: Program, row: number, field: number): number =>
    (address + abi.PROGRAM_BYTES + row * abi.LOG_BYTES + field) / 8;

  test("has a row for each pass of a call: rates go in, losses come out", () => {
    const program = newProgram();
    let rate = 0;
    program.setRates(LOG_ROWS, () => (rate += 0.5));
    expect(rate).toBe(LOG_ROWS / 2);
    for (const row of [0, 1, LOG_ROWS - 1]) {
      expect(arena.f64[at(program, row, abi.LOG_RATE)]).toBe((row + 1) / 2);
      arena.f64[at(program, row, abi.LOG_TOTAL)] = row + 0.25;
      arena.f64[at(program, row, abi.LOG_DIVISOR)] = row + 2;
      arena.f64[at(program, row, abi.LOG_PENALTY)] = -row;
      arena.f64[at(program, row, abi.LOG_EPOCH_LOSS)] = row + 0.125;
    }
    // total, divisor, penalty, rate, epoch's loss
    expect([...program.readLog(2)]).toEqual([0.25, 2, -0, 0.5, 0.125, 1.25, 3, -1, 1, 1.125]);
    const log = program.readLog(LOG_ROWS);
    expect(log.length).toBe(LOG_ROWS * LOG_FIELDS);
    expect(log.slice(-LOG_FIELDS)).toEqual(
      Float64Array.of(LOG_ROWS - 0.75, LOG_ROWS + 1, 1 - LOG_ROWS, LOG_ROWS / 2, LOG_ROWS - 0.875),
    );
  });

  test("ends where the program's memory does", () => {
    const [a, b] = [newProgram(), newProgram()];
    expect(b.address).toBeGreaterThanOrEqual(at(a, LOG_ROWS, 0) * 8);
  });
});
