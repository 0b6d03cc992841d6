// The program that docs/ranks.md shows, as it stands there: its fingerprint alone and on several ranks, and after it was interrupted.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { codeIn } from "../support/documents.ts";
import { type Job, type Mpi, MPIS, mpirun } from "../support/mpirun.ts";
import { installed } from "../support/programs.ts";

const program = codeIn("docs/ranks.md", "A program", "ts");
const fingerprint = /\/\/ ([0-9a-f]{16})$/m.exec(program)?.[1];

// inside the project, so that "wasmgrad" is the project itself
const folder = join(import.meta.dirname, "../../build/test/ranksDocument");
const whole = join(folder, "train.mjs");
const begun = join(folder, "begun.mjs");
const cwd = join(folder, "place");

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(whole, program);
  expect(program).toContain("epochs: 10,");
  writeFileSync(begun, program.replace("epochs: 10,", "epochs: 3,"));
});
beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
});

/** What is printed last, and once: that a validation accuracy is at least 0.9, and the fingerprint. */
function expectDone({ code, stdout, left }: Job, hash: unknown): void {
  expect({ code, left }).toEqual({ code: 0, left: 0 });
  // before that is the progress, where mpirun gives rank 0 a terminal
  expect(stdout.trim().split(/\s+/).slice(-2)).toEqual([expect.stringMatching(/^0\.9\d*$/), hash]);
  expect(stdout.split(String(hash))).toHaveLength(2);
}

test("it says what everybody gets", () => {
  expect(fingerprint).toBeDefined();
});

/** Numbers of ranks; those that begin, and those that go on. MPICH's wait without yielding: more of them than cores take long. */
const SIZES = { openmpi: [1, 2, 3], mpich: [1, 2] };
const RESUMED = { openmpi: [3, 2], mpich: [2, 1] } as const;

describe.each(MPIS)("%s", (kind: Mpi) => {
  describe.skipIf(!process.env["CI"] && installed(`mpirun.${kind}`) === undefined)("by mpirun", () => {
    test.each(SIZES[kind])("%i ranks: its fingerprint; one of them writes", async (ranks) => {
      expectDone(await mpirun(kind, ranks, whole, [], { cwd }), fingerprint);
      expect(readdirSync(cwd).toSorted()).toEqual(["model.safetensors", "run", "training.csv"]);
      // a line of names, and one for each epoch
      expect(readFileSync(join(cwd, "training.csv"), "utf8").trim().split("\n")).toHaveLength(11);
    });

    test("begun by some ranks, it goes on with fewer, and ends with the same fingerprint", async () => {
      const [before, after] = RESUMED[kind];
      const first = await mpirun(kind, before, begun, [], { cwd });
      expect(first.code).toBe(0);
      expect(first.stdout).not.toContain(fingerprint);
      expectDone(await mpirun(kind, after, whole, [], { cwd }), fingerprint);
      expect(readFileSync(join(cwd, "training.csv"), "utf8").trim().split("\n")).toHaveLength(11);
    });
  });
});
