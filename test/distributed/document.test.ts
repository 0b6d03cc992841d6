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
  expect(program).toContain("epochs: 20,");
  writeFileSync(begun, program.replace("epochs: 20,", "epochs: 3,"));
});
beforeEach(() => {
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
});

/** What is printed, once: that a validation accuracy is above 0.7, and the fingerprint. */
function expectDone({ code, stdout, left }: Job, hash: unknown): void {
  expect({ code, left }).toEqual({ code: 0, left: 0 });
  expect(stdout.trim().split(/\s+/)).toEqual([expect.stringMatching(/^0\.[789]\d*$/), hash]);
}

test("it says what everybody gets", () => {
  expect(fingerprint).toBeDefined();
});

describe.each(MPIS)("%s", (kind: Mpi) => {
  describe.skipIf(!process.env["CI"] && installed(`mpirun.${kind}`) === undefined)("by mpirun", () => {
    test.each([1, 2, 3])("%i ranks: its fingerprint; one of them writes", async (ranks) => {
      expectDone(await mpirun(kind, ranks, whole, [], { cwd }), fingerprint);
      expect(readdirSync(cwd).toSorted()).toEqual(["model.safetensors", "run", "training.csv"]);
      // a line of names, and one for each epoch
      expect(readFileSync(join(cwd, "training.csv"), "utf8").trim().split("\n")).toHaveLength(21);
    });

    test("begun by 3 ranks, it goes on with 2, and ends with the same fingerprint", async () => {
      const first = await mpirun(kind, 3, begun, [], { cwd });
      expect(first.code).toBe(0);
      expect(first.stdout).not.toContain(fingerprint);
      expectDone(await mpirun(kind, 2, whole, [], { cwd }), fingerprint);
      expect(readFileSync(join(cwd, "training.csv"), "utf8").trim().split("\n")).toHaveLength(21);
    });
  });
});
