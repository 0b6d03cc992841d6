// Runs of programs made by hand: rows are copied (batchGatherWords), or w of y = x w is learnt.
import { loadExtra } from "../../../build/loadExtra.js";
import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../build/abi.js";
import { Workspace } from "../../../src/runtime/arena.ts";
import { f32 } from "../../../src/runtime/record.ts";
import { createCore } from "../../../src/runtime/core.ts";
import { type AllocatedRecord, RecordList } from "../../../src/runtime/program.ts";
import { permutationOf } from "../../support/philox.ts";
import { ControlBlock, LOG_FIELDS } from "../../support/controlBlock.ts";

const core = await createCore("test");
loadExtra(core); // the penalty
const { arena, exports } = core;
let workspace = new Workspace(arena, "test");
let program = new ControlBlock(core, workspace);
beforeEach(() => {
  workspace.free();
  workspace = new Workspace(arena, "test");
  program = new ControlBlock(core, workspace);
});

const floats = (...values: number[]): number => {
  const address = workspace.allocate(values.length * 4 + 64, "numbers");
  arena.f32.set(values, address / 4);
  return address;
};
const read = (address: number, count: number): number[] => [...arena.read(address, count)];
/** A number of the log's row. */
const logged = (row: number, field: number): number => program.log[row * LOG_FIELDS + field / 8]!;
const setRate = (row: number, rate: number): void => {
  program.log[row * LOG_FIELDS + abi.LOG_RATE / 8] = rate;
};

describe("run", () => {
  /** A record that copies `rows` numbers. */
  const copy = (records: RecordList, source: number, target: number): void =>
    records.add("batchGatherWords", 1, { source, target, program: program.address });
  /** A record that halts the run if the float64 there is not finite. */
  const check = (records: RecordList, source: number): void =>
    records.add("batchCheckLoss", 1, { source, target: 0, program: program.address });

  test("runs the records in their order, on as many rows as it is given", () => {
    const [a, b, c] = [floats(1, 2, 3), floats(4, 5, 6), floats(7, 8, 9)];
    const records = new RecordList();
    copy(records, b, c);
    copy(records, a, b);
    const [first, second] = records.place(core, workspace);
    expect(exports.run(program.address, first!.address, second!.end, 2)).toBe(second!.end);
    expect(read(c, 3)).toEqual([4, 5, 9]);
    expect(read(b, 3)).toEqual([1, 2, 6]);
  });

  test("runs a part of the records", () => {
    const [a, b, c] = [floats(1), floats(2), floats(3)];
    const records = new RecordList();
    copy(records, a, b);
    copy(records, b, c);
    copy(records, c, a);
    const [first, second, third] = records.place(core, workspace);
    expect(exports.run(program.address, second!.address, third!.address, 1)).toBe(third!.address);
    expect([read(a, 1), read(b, 1), read(c, 1)]).toEqual([[1], [2], [2]]);
    expect(exports.run(program.address, first!.address, first!.address, 1), "an empty range").toBe(first!.address);
    expect(read(b, 1)).toEqual([2]);
  });

  test("a halt stops after the record, whose address is returned; the next run begins without it", () => {
    const [a, b, c] = [floats(1), floats(2), floats(3)];
    const loss = workspace.allocate(16, "the loss");
    arena.f64[loss / 8] = NaN;
    const records = new RecordList();
    copy(records, a, b);
    check(records, loss);
    copy(records, a, c);
    const placed = records.place(core, workspace);
    const last = placed.at(-1)!.end;
    expect(exports.run(program.address, placed[0]!.address, last, 1)).toBe(placed[1]!.address);
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_LOSS);
    expect([read(b, 1), read(c, 1)]).toEqual([[1], [3]]);

    arena.f64[loss / 8] = 1;
    expect(exports.run(program.address, placed[0]!.address, last, 1)).toBe(last);
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_NONE);
    expect(read(c, 1)).toEqual([1]);
  });
});

/** A program that learns w, with all its addresses. */
interface Learning {
  readonly w: number;
  readonly gradient: number;
  readonly order: number;
  readonly placed: readonly AllocatedRecord[];
}

const LAMBDA = 0.125;

/**
 * y = x w for x of one number per row; loss: the mean of (y - t)^2, penalty: w^2 / 8. Rows: x[i], t[i].
 * Without an update, w stays 1 and the loss shows which rows were in a batch.
 */
function learning(
  x: readonly number[],
  t: readonly number[],
  { w: start = 1, batch = 3, updates = true } = {},
): Learning {
  const [w, gradient, zero] = [floats(start), floats(0), floats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)];
  const empty = (): number => floats(...Array.from({ length: batch }, () => NaN));
  const [batchX, batchT, y, dy, each] = [empty(), empty(), empty(), empty(), empty()];
  const value = workspace.allocate(16, "the loss");
  const scratch = workspace.allocate(exports.gemmScratch(batch, 1, batch), "the scratch memory");
  const at = { program: program.address };
  const linear = { x: batchX, y, dx: 0, dy, w, dw: gradient, b: 0, db: 0, nIn: 1, nOut: 1, inner: 1, zero, scratch };
  const records = new RecordList();
  records.add("batchGatherWords", 1, { source: floats(...x), target: batchX, ...at });
  records.add("batchGatherWords", 1, { source: floats(...t), target: batchT, ...at });
  records.add("gradientZero", 4, { p: 0, g: gradient, ...at });
  records.add("denseForward", 1, linear);
  const shared = { target: batchT, dx: dy, value, weight: 0, each, reduction: abi.REDUCTION_MEAN };
  records.add("meanSquaredErrorLoss", 1, { x: y, ...shared });
  records.add("batchCheckLoss", 1, { source: value, target: 0, ...at });
  records.add("denseBackward", 1, linear);
  records.add("l2Penalty", 4, { p: w, g: gradient, ...at, lambda: f32(LAMBDA) });
  const pass = records.length;
  const update = { p: w, g: gradient, ...at, factor: workspace.allocate(16, "the factor") };
  const limits = { largestGradient: f32(1e38), largestRate: f32(Infinity), largestProduct: f32(Infinity) };
  records.add("gradientCheck", 4, { ...update, ...limits });
  records.add("sgdUpdate", 4, { ...update, velocity: 0, momentum: 0, nesterov: 0 });
  const placed = records.place(core, workspace);
  program.set(abi.PROGRAM_ROWS, x.length);
  program.set(abi.PROGRAM_BATCH, batch);
  program.set(abi.PROGRAM_LOSS, value);
  program.set(abi.PROGRAM_PASS_FIRST, placed[0]!.address);
  program.set(abi.PROGRAM_PASS_LAST, placed[pass]!.address);
  program.set(abi.PROGRAM_UPDATE_FIRST, placed[pass]!.address);
  program.set(abi.PROGRAM_UPDATE_LAST, updates ? placed.at(-1)!.end : placed[pass]!.address);
  const order = workspace.allocate(Math.ceil(x.length / 16) * 64 + 64, "the order");
  return { w, gradient, order, placed };
}

const counters = (): Record<string, number> => ({
  step: program.get(abi.PROGRAM_STEP),
  pass: program.get(abi.PROGRAM_PASS),
  epoch: program.get(abi.PROGRAM_EPOCH),
  cursor: program.get(abi.PROGRAM_CURSOR),
  micro: program.get(abi.PROGRAM_MICRO),
});
const passes = (count: number): number => exports.runPasses(program.address, count);

/** With w = 1 and t = 0 the loss is the sum of 4^row. */
const POWERS = [1, 2, 4, 8, 16, 32, 64];
const ZEROS = POWERS.map(() => 0);
/** The rows of a batch, from its logged loss. */
function rowsOf(logRow: number): number[] {
  const total = logged(logRow, abi.LOG_TOTAL);
  return POWERS.flatMap((_, row) => (Math.floor(total / 4 ** row) % 4 === 1 ? [row] : []));
}

describe("runPasses: batches", () => {
  test("goes through the rows batch by batch, the last one smaller, and begins again", () => {
    learning(POWERS, ZEROS, { updates: false });
    const expected = [
      { rows: [0, 1, 2], after: { pass: 1, epoch: 0, cursor: 3 } },
      { rows: [3, 4, 5], after: { pass: 2, epoch: 0, cursor: 6 } },
      { rows: [6], after: { pass: 3, epoch: 1, cursor: 0 } },
      { rows: [0, 1, 2], after: { pass: 4, epoch: 1, cursor: 3 } },
    ];
    for (const { rows, after } of expected) {
      expect(passes(1)).toBe(1);
      expect(rowsOf(0)).toEqual(rows);
      expect(logged(0, abi.LOG_DIVISOR)).toBe(rows.length);
      expect(counters()).toEqual({ ...after, step: 0, micro: 0 });
    }
  });

  test("several passes in one call, across the end of an epoch: a log row for each", () => {
    learning(POWERS, ZEROS, { updates: false });
    expect(passes(5)).toBe(5);
    expect([0, 1, 2, 3, 4].map(rowsOf)).toEqual([[0, 1, 2], [3, 4, 5], [6], [0, 1, 2], [3, 4, 5]]);
    expect(counters()).toEqual({ pass: 5, epoch: 1, cursor: 6, step: 0, micro: 0 });
    expect(passes(0)).toBe(0);
    expect(counters()).toEqual({ pass: 5, epoch: 1, cursor: 6, step: 0, micro: 0 });
  });

  test("a batch that fits the rows exactly, and one that is larger than all of them", () => {
    learning(POWERS.slice(0, 6), ZEROS.slice(0, 6), { updates: false });
    passes(3);
    expect([0, 1, 2].map(rowsOf)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [0, 1, 2],
    ]);
    learning(POWERS.slice(0, 2), ZEROS.slice(0, 2), { updates: false });
    program.set(abi.PROGRAM_CURSOR, 0);
    program.set(abi.PROGRAM_EPOCH, 0);
    passes(2);
    expect([0, 1].map(rowsOf)).toEqual([[0, 1], [0, 1]]); // prettier-ignore
    expect(program.get(abi.PROGRAM_EPOCH)).toBe(2);
  });

  test("the last batch is left out if it is not full and that is requested", () => {
    learning(POWERS, ZEROS, { updates: false });
    program.set(abi.PROGRAM_DROP_LAST, 1);
    passes(4);
    expect([0, 1, 2, 3].map(rowsOf)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(counters()).toEqual({ pass: 4, epoch: 2, cursor: 0, step: 0, micro: 0 });
  });

  test("a full last batch is never left out", () => {
    learning(POWERS.slice(0, 6), ZEROS.slice(0, 6), { updates: false });
    program.set(abi.PROGRAM_DROP_LAST, 1);
    passes(3);
    expect([0, 1, 2].map(rowsOf)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [0, 1, 2],
    ]);
  });

  test("a given order is kept", () => {
    const { order } = learning(POWERS, ZEROS, { updates: false });
    arena.u32.set([6, 5, 4, 3, 2, 1, 0], order / 4);
    program.set(abi.PROGRAM_ORDER, order);
    passes(4);
    expect([0, 1, 2, 3].map(rowsOf)).toEqual([[4, 5, 6], [1, 2, 3], [0], [4, 5, 6]]);
  });

  test("shuffling: each epoch has the permutation that its number gives", () => {
    const { order } = learning(POWERS, ZEROS, { updates: false });
    program.set(abi.PROGRAM_ORDER, order);
    program.set(abi.PROGRAM_SHUFFLE, 1);
    program.setSeed(123 + 456 * 2 ** 32);
    program.set(abi.PROGRAM_EPOCH, 7);
    const seen = new Set<string>();
    for (let epoch = 7; epoch < 12; epoch++) {
      const expected = permutationOf(7, [123, 456, abi.STREAM_ORDER, epoch]);
      expect(passes(3)).toBe(3);
      expect(Array.from(arena.u32.subarray(order / 4, order / 4 + 7))).toEqual(expected);
      for (const [i, from] of [0, 3, 6].entries())
        expect(rowsOf(i)).toEqual(expected.slice(from, from + 3).toSorted((a, b) => a - b));
      seen.add(expected.join());
    }
    expect(seen.size).toBe(5);
  });

  test("shuffling again from the same epoch gives the same batches, in one call or in many", () => {
    const { order } = learning(POWERS, ZEROS, { updates: false });
    program.set(abi.PROGRAM_ORDER, order);
    program.set(abi.PROGRAM_SHUFFLE, 1);
    passes(6);
    const together = [0, 1, 2, 3, 4, 5].map(rowsOf);
    program.set(abi.PROGRAM_EPOCH, 0);
    const single = together.map(() => {
      passes(1);
      return rowsOf(0);
    });
    expect(single).toEqual(together);
  });
});

describe("runPasses: updates", () => {
  const X = [0.5, -1.5, 2, 1, -0.25, 0.75, 3];
  const T = [1, 0.5, -1, 2, 0.25, -0.5, 1.5];

  /** The same in float64. */
  function simulate(count: number, rates: readonly number[], accumulate: number, batch = 3) {
    let [w, gradient, micro, step, cursor] = [1, 0, 0, 0, 0];
    const logs: { total: number; penalty: number; w: number; step: number; micro: number }[] = [];
    for (let pass = 0; pass < count; pass++) {
      if (micro === 0) gradient = 0;
      const rows = Math.min(batch, X.length - cursor);
      let total = 0;
      for (let r = cursor; r < cursor + rows; r++) {
        const d = X[r]! * w - T[r]!;
        total += d * d;
        gradient += (2 * d * X[r]!) / rows;
      }
      const penalty = LAMBDA * w * w;
      gradient += 2 * LAMBDA * w;
      micro++;
      cursor += rows;
      const ends = cursor === X.length;
      if (ends) cursor = 0;
      if (ends || micro === accumulate) {
        w -= (rates[pass]! * gradient) / micro;
        micro = 0;
        step++;
      }
      logs.push({ total, penalty, w, step, micro });
    }
    return logs;
  }

  const RATES = [0.1, 0.05, 0.2, 0.01, 0.15, 0.02, 0.3];
  /** A few roundings to float32 per pass, each 6e-8 of numbers up to 10. */
  const DIGITS = 5;

  test.each([1, 2, 3, 4])(
    "an update after every %s passes and at the end of the epoch, each at its own rate",
    (accumulate) => {
      const { w } = learning(X, T);
      program.set(abi.PROGRAM_ACCUMULATE, accumulate);
      for (const [pass, expected] of simulate(7, RATES, accumulate).entries()) {
        setRate(0, RATES[pass]!);
        expect(passes(1)).toBe(1);
        expect(logged(0, abi.LOG_TOTAL), `pass ${pass}: loss`).toBeCloseTo(expected.total, DIGITS);
        expect(logged(0, abi.LOG_PENALTY), `pass ${pass}: penalty`).toBeCloseTo(expected.penalty, DIGITS);
        expect(read(w, 1)[0], `pass ${pass}: w`).toBeCloseTo(expected.w, DIGITS);
        expect(counters(), `pass ${pass}`).toMatchObject({
          step: expected.step,
          micro: expected.micro,
          pass: pass + 1,
        });
      }
    },
  );

  test("seven passes in one call give the bits of seven calls; each row of the log has its rate", () => {
    const one = learning(X, T);
    program.set(abi.PROGRAM_ACCUMULATE, 2);
    for (const [pass, rate] of RATES.entries()) setRate(pass, rate);
    expect(passes(7)).toBe(7);
    const together = {
      w: read(one.w, 4),
      totals: RATES.map((_, pass) => logged(pass, abi.LOG_TOTAL)),
      rate: program.getDouble(abi.PROGRAM_RATE),
      counters: counters(),
    };
    expect(together.rate).toBe(0.02); // the seventh pass ends in no update: its rate is not taken over
    for (const [pass, { total }] of simulate(7, RATES, 2).entries())
      expect(together.totals[pass]).toBeCloseTo(total, DIGITS);

    program = new ControlBlock(core, workspace);
    const many = learning(X, T);
    program.set(abi.PROGRAM_ACCUMULATE, 2);
    const totals = RATES.map((rate) => {
      setRate(0, rate);
      expect(passes(1)).toBe(1);
      return logged(0, abi.LOG_TOTAL);
    });
    expect({ w: read(many.w, 4), totals, rate: program.getDouble(abi.PROGRAM_RATE), counters: counters() }).toEqual(
      together,
    );
  });

  test("what the padding of w held stays 0", () => {
    const { w } = learning(X, T);
    setRate(0, 0.1);
    passes(1);
    expect(read(w, 4).slice(1)).toEqual([0, 0, 0]);
  });

  test("an empty update range trains nothing and counts no step", () => {
    const { w } = learning(X, T, { updates: false });
    passes(7);
    expect(read(w, 1)).toEqual([1]);
    expect(counters()).toMatchObject({ step: 0, micro: 0, pass: 7, epoch: 2 });
  });
});

describe("runPasses: halts", () => {
  const log = (row: number): number[] =>
    [abi.LOG_TOTAL, abi.LOG_DIVISOR, abi.LOG_PENALTY].map((field) => logged(row, field));

  test.each([NaN, Infinity])("a loss of %s ends the run before the backward pass", (bad) => {
    const { w, gradient } = learning([1, 2, 3, 4, bad, 6, 7], ZEROS, { w: 0.5 });
    for (let row = 0; row < 4; row++) setRate(row, 0.01);
    expect(passes(4)).toBe(1);
    const after = counters();
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_LOSS);
    expect(after).toEqual({ step: 1, pass: 1, epoch: 0, cursor: 3, micro: 0 });
    expect(Number.isFinite(read(gradient, 1)[0])).toBe(true);
    const learnt = read(w, 1)[0]!;
    expect(learnt).toBeCloseTo(0.5 - 0.01 * (2 * 0.5 * (14 / 3) + 2 * LAMBDA * 0.5), 6); // one update in float32
    expect(log(1), "the log of the unfinished pass").toEqual([0, 0, 0]);

    // again: the same batch, which halts again and changes nothing
    expect(passes(1)).toBe(0);
    expect(counters()).toEqual(after);
    expect(read(w, 1)[0]).toBe(learnt);
  });

  test("a gradient that is not finite ends the run before the update", () => {
    // y = 3e38 * 1e-38 = 3, but dw = x dy is 3e38 * 2, which float32 can't hold
    const { w } = learning([1, 1, 1, 3e38, 0, 0, 1], ZEROS, { w: 1e-38 });
    for (let row = 0; row < 4; row++) setRate(row, 1e-3);
    expect(passes(1)).toBe(1);
    const learnt = read(w, 1)[0]!;
    expect(passes(3)).toBe(0);
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_GRADIENT);
    expect(counters()).toMatchObject({ step: 1, pass: 1, epoch: 0, cursor: 3 });
    expect(read(w, 1)[0]).toBe(learnt);
  });

  test("a halt in the second of two passes of an update applies neither", () => {
    const { w } = learning([1, 2, 3, 4, NaN, 6, 7], ZEROS, { w: 0.5 });
    program.set(abi.PROGRAM_ACCUMULATE, 2);
    setRate(0, 0.01);
    setRate(1, 0.01);
    expect(passes(2)).toBe(1);
    expect(counters()).toEqual({ step: 0, pass: 1, epoch: 0, cursor: 3, micro: 1 });
    expect(read(w, 1)).toEqual([0.5]);
  });
});

describe("runUpdate", () => {
  test("counts a step and begins a new sum of gradients", () => {
    const { w, gradient } = learning([1], [0]);
    arena.f32[gradient / 4] = 4;
    program.setDouble(abi.PROGRAM_RATE, 0.25);
    program.set(abi.PROGRAM_MICRO, 2); // the gradient is the sum of two passes
    expect(Boolean(exports.runUpdate(program.address))).toBe(true);
    expect(counters()).toMatchObject({ step: 1, micro: 0, pass: 0 });
    expect(read(w, 1)).toEqual([1 - 0.25 * 2]);
  });

  test.each([NaN, Infinity, -Infinity])("a gradient of %s: no step, no change", (bad) => {
    const { w, gradient } = learning([1], [0]);
    arena.f32[gradient / 4] = bad;
    program.setDouble(abi.PROGRAM_RATE, 0.25);
    program.set(abi.PROGRAM_STEP, 5);
    expect(Boolean(exports.runUpdate(program.address))).toBe(false);
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_GRADIENT);
    expect(counters()).toMatchObject({ step: 5 });
    expect(read(w, 1)).toEqual([1]);
  });
});
