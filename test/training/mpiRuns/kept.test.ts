// Ranks of which one is killed: the checkpoints of rank 0, the only ones, are whole, and any number of ranks goes on from them to the bits, history and
// CSV file of a training that wasn't interrupted.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpoints, csvLogger, readCheckpoint } from "wasmgrad/files";
import { localGroups } from "wasmgrad/mpi";
import { type Job, linesByRank, type Mpi, mpirun } from "../../support/mpirun.ts";
import { bundle } from "./programs/bundle.ts";
import { EPOCHS, type Outcome, train } from "./programs/digits.ts";
import type { Line, Task } from "./programs/kept.ts";

/** In the middle of the third epoch: an epoch has three updates. */
const KILLED_AFTER = 8;
const FINGERPRINT = "3948dde0fcda4a9b";

let folder: string;
let program: string;
/** Of a training that isn't interrupted. */
let outcome: Outcome;
let csv: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasmgrad-ranks-"));
  program = await bundle("kept");
  const path = join(folder, "history.csv");
  outcome = await train("cnn", localGroups(1)[0]!, { fit: { epochs: EPOCHS, callbacks: [csvLogger(path)] } });
  csv = readFileSync(path, "utf8");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (kind: Mpi, ranks: number, task: Task): Promise<Job> =>
  mpirun(kind, ranks, program, [JSON.stringify(task)]);

test("one that isn't interrupted", () => {
  expect([outcome.fingerprint, outcome.updates]).toEqual([FINGERPRINT, 12]);
  expect(csv.split("\n").map((line) => line.split(",")[0])).toEqual(["epoch", "1", "2", "3", "4", ""]);
});

describe.each([
  { kind: "openmpi", resumed: 3, code: 137, says: /process rank 3 .* exited on signal 9 \(Killed\)/s },
  { kind: "mpich", resumed: 2, code: 9, says: /KILLED BY SIGNAL|EXIT CODE: 9/ },
] as const)("$kind", ({ kind, resumed, code, says }) => {
  test(`rank 3 of 4 is killed, and ${resumed} ranks go on`, async () => {
    const place = join(folder, kind);
    mkdirSync(place);
    const killed = await run(kind, 4, { folder: place, killedAfter: KILLED_AFTER });
    expect({ code: killed.code, left: killed.left, lines: linesByRank(killed) }).toEqual({ code, left: 0, lines: [] });
    expect(killed.stdout + killed.stderr).toMatch(says);

    const bytes = await checkpoints(join(place, "checkpoints-0")).latest();
    const { step, epoch, batch } = await readCheckpoint(bytes!);
    expect({ step, epoch, batch }).toEqual({ step: KILLED_AFTER, epoch: 2, batch: 16 });

    const job = await run(kind, resumed, { folder: place });
    expect({ code: job.code, stderr: job.stderr, left: job.left }).toEqual({ code: 0, stderr: "", left: 0 });
    const lines = Array.from({ length: resumed }, (_, rank): Line => ({ rank, made: 12 - KILLED_AFTER, outcome }));
    expect(linesByRank<Line>(job)).toEqual(lines);

    expect(readdirSync(place).toSorted()).toEqual(["checkpoints-0", "history-0"]);
    expect(readFileSync(join(place, "history-0"), "utf8")).toBe(csv);
  });
});
