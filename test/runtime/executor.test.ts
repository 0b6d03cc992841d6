// The executor of the calling thread. Executors of several threads: test/runtime/threads.
import { describe, expect, test } from "vitest";
import { Workspace } from "../../src/runtime/arena.ts";
import { createCore } from "../../src/runtime/core.ts";
import { callingThread } from "../../src/runtime/executor.ts";
import { LOG_ROWS, ProgramBuilder } from "../../src/runtime/program.ts";

const core = await createCore("test");
const { arena } = core;
/** Passes here are shorter than any slice. */
const PACE = { slice: 8, long: false, yield: async () => {} };
const executor = callingThread(core.exports, "because");

/** A program of one record, which halts its run if the float64 at `loss` isn't finite. */
function checking() {
  const workspace = new Workspace(arena, "test");
  const builder = new ProgramBuilder(core, workspace, 0);
  const loss = workspace.allocate(16, "the loss");
  const { program } = builder;
  builder.records.add("batchCheckLoss", 1, { source: loss, target: 0, program: program.address });
  const { range } = builder.finish();
  program.setRecords(range(0), range(1), loss);
  program.begin({ updates: 0, passes: 0, epochs: 0 }, { rows: 8, batchSize: 2, first: range(0).first });
  return { program, setLoss: (value: number) => void (arena.f64[loss / 8] = value) };
}

describe("the calling thread", () => {
  test("says that it is one, and why", () => {
    expect(executor).toMatchObject({ binary: "strict", threads: 1, reason: "because" });
    expect(executor.share).toBeUndefined();
  });

  test("runs as many passes as it is asked to, at once", () => {
    const { program, setLoss } = checking();
    setLoss(2.5);
    const run = executor.runner(program);
    expect(run(3, false, PACE)).toBe(3);
    expect(program.counters).toEqual({ updates: 0, passes: 3, epochs: 0 }); // it has no records of an update
    expect(run(LOG_ROWS, false, PACE)).toBe(LOG_ROWS);
    expect(program.counters.passes).toBe(3 + LOG_ROWS);
    expect(run(0, false, PACE)).toBe(0);
    expect(program.counters.passes).toBe(3 + LOG_ROWS);
  });

  test("ends at a pass whose loss isn't finite, and says how many were finished", () => {
    const { program, setLoss } = checking();
    setLoss(NaN);
    expect(executor.runner(program)(5, false, PACE)).toBe(0);
    expect(program.haltedBy).toBe("the loss");
    setLoss(1);
    expect(executor.runner(program)(5, false, PACE)).toBe(5);
  });
});

test("every core has one for its own memory", async () => {
  expect(core.executor).toMatchObject({ binary: "strict", threads: 1, reason: "one thread was asked for" });
  const other = await createCore("test");
  const { program, setLoss } = checking();
  setLoss(1);
  // at this address the other core's memory has zeros: no row, so no pass changes this program
  other.arena.allocate(program.address + 65536, "test", "as much memory");
  const before = program.counters;
  expect(core.executor.runner(program)(1, false, PACE)).toBe(1);
  expect(program.counters.passes).toBe(before.passes + 1);
  expect(other.arena.u32[program.address / 4]).toBe(0);
});
