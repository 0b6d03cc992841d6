// Ranks that mpirun starts, of Open MPI and of MPICH: what they get, how they wait, how they end, and what is refused.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mpi, type MpiOptions } from "../../src/mpi.ts";
import { linesByRank, MPIS, mpirun, plainVariables } from "../support/mpirun.ts";
import { refuses } from "../support/refusals.ts";

const root = join(import.meta.dirname, "../..");
const programs = "test/distributed/programs";
const collectives = "build/test/distributed/collectives.mjs";
const LIBRARIES = { openmpi: /^Open MPI v\d+\.\d+/, mpich: /^MPICH \d+\.\d+/ };
const FILES = { openmpi: "libmpi.so.40", mpich: "libmpich.so.12" };
const TIMEOUT =
  "mpi: rank 0 of 2 has waited 10 s for the others: one of them hangs, was stopped, has ended, hasn't called fit or evaluate with the group as this one has, or computes for longer than that. Look at the ranks " +
  "that don't report this; if they only take their time, give them more, mpi({ timeout: 20 })";

interface Answer {
  readonly rank: number;
  readonly size?: number;
  readonly library?: string;
  readonly error?: string;
}

let folder: string;
/** A project in which the package is installed, and koffi isn't. */
let without: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasmgrad-mpi-"));
  const entryPoints = [join(root, programs, "collectives.ts")];
  const outfile = join(root, collectives);
  await build({ entryPoints, outfile, bundle: true, packages: "external", format: "esm", logLevel: "error" });
  without = join(folder, "without");
  const installed = join(without, "node_modules/wasmgrad");
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  cpSync(join(root, "build"), join(installed, "build"), {
    recursive: true,
    filter: (path) => path === join(root, "build") || /build\/(?:cjs$|(?:cjs\/)?[\w.]+\.(?:js|json|wasm)$)/.test(path),
  });
  cpSync(join(root, programs, "asks.mjs"), join(without, "asks.mjs"));
  // folders above may have it: here it is a package without its file, as little to be found as none
  mkdirSync(join(without, "node_modules/koffi"));
  writeFileSync(join(without, "node_modules/koffi/package.json"), '{ "name": "koffi", "main": "none.js" }\n');
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(MPIS)("%s", (kind) => {
  test.each([1, 2, 3, 4])("%i ranks get what the others send, bit by bit, wherever the memory is", async (ranks) => {
    const job = await mpirun(kind, ranks, collectives);
    expect({ ...job, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "", left: 0 });
    const other = "Error: mpi: a process has one group, whose timeout is 600, got 5; give options in the first call";
    const library = expect.stringMatching(LIBRARIES[kind]) as string;
    expect(linesByRank(job)).toEqual(
      Array.from({ length: ranks }, (_, rank) => ({ rank, size: ranks, library, faults: [], same: true, other })),
    );
  });

  test.each(["gather", "exchange", "collect"])("the event loop runs while %s waits", async (which) => {
    const job = await mpirun(kind, 2, `${programs}/late.mjs`, [join(folder, `${kind}-${which}`), which]);
    expect({ ...job, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "", left: 0 });
    expect(linesByRank(job)).toEqual([
      { rank: 0, turns: 100, all: [1, 2] },
      { rank: 1, turns: 0, all: [1, 2] },
    ]);
  });

  test("a rank that is stopped ends the job, seen in gather and in exchange", async () => {
    // both wait at the same time
    const stopped = ["gather", "exchange"].map((which) => mpirun(kind, 2, `${programs}/stopped.mjs`, [which]));
    for (const job of await Promise.all(stopped)) {
      expect(job.stderr).toContain(`Error: ${TIMEOUT}\n`);
      expect(job.code).toBeGreaterThan(0);
      // rank 1 may have gone on: mpirun wakes what it ends
      expect({ zero: job.stdout.includes("rank 0 went on"), left: job.left }).toEqual({ zero: false, left: 0 });
    }
  });

  test("a rank that throws ends the job, and its error is printed", async () => {
    const job = await mpirun(kind, 3, `${programs}/throws.mjs`);
    expect(job.stderr).toContain("Error: what the program says\n");
    // of MPICH it may be that of the signal by which it ended the others
    expect({ failed: job.code !== 0, left: job.left }).toEqual({ failed: true, left: 0 });
  });

  test("an access out of bounds is still an error of WebAssembly's, and the heap's end isn't moved", async () => {
    const job = await mpirun(kind, 2, `${programs}/bounds.mjs`);
    expect({ ...job, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "", left: 0 });
    const error = "RuntimeError: memory access out of bounds";
    expect(linesByRank(job)).toEqual([0, 1].map((rank) => ({ rank, error, hooks: "none", signals: "" })));
  });

  test("but UCX does as a user says", async () => {
    const job = await mpirun(kind, 1, `${programs}/bounds.mjs`, [], { env: { UCX_ERROR_SIGNALS: "SIGFPE" } });
    expect(linesByRank(job)).toMatchObject([{ rank: 0, hooks: "none", signals: "SIGFPE" }]);
  });

  test("both builds are of one group in one process", async () => {
    const job = await mpirun(kind, 2, `${programs}/required.cjs`);
    expect({ ...job, stdout: "" }).toEqual({ code: 0, stdout: "", stderr: "", left: 0 });
    const expected = [0, 1].map((rank) => ({ rank, size: 2, other: [rank, 2], all: [0, 1] }));
    expect(linesByRank(job)).toEqual(expected);
  });

  /** What two ranks answer. */
  const answers = async (options: MpiOptions, program = `${programs}/asks.mjs`, cwd = root): Promise<Answer[]> =>
    linesByRank(await mpirun(kind, 2, program, [JSON.stringify(options)], { cwd }));

  test("the library may be named", async () => {
    const library = expect.stringMatching(LIBRARIES[kind]) as string;
    expect(await answers({ library: FILES[kind] })).toEqual([0, 1].map((rank) => ({ rank, size: 2, library })));
  });

  test("one that isn't there is refused", async () => {
    const error = expect.stringMatching(
      /^Error: mpi: MPI's library could not be loaded \(.*libnothing\.so.*\); install Open MPI \(Debian: openmpi-bin\) or MPICH \(mpich\), or say where it is, mpi\({ library }\)$/,
    ) as string;
    expect(await answers({ library: "libnothing.so" })).toEqual([0, 1].map(() => ({ rank: -1, error })));
  });

  test("that of the other MPI is refused", async () => {
    const other = kind === "openmpi" ? "mpich" : "openmpi";
    const variable = kind === "openmpi" ? "OMPI_COMM_WORLD_SIZE" : "PMI_SIZE";
    const version = other === "openmpi" ? "Open MPI v[\\w.]+" : "MPICH [\\w.]+";
    const text = `^Error: mpi: ${variable} says that there are 2 processes, but ${FILES[other]} \\(${version}\\) finds 1: it isn't the MPI whose mpirun has started them; use that one's mpirun, or say its library, mpi\\({ library }\\)$`;
    const error = expect.stringMatching(new RegExp(text)) as string;
    expect(await answers({ library: FILES[other] })).toEqual([0, 1].map(() => ({ rank: -1, error })));
  });

  test("without koffi it is refused", async () => {
    const error = "Error: mpi: the npm package koffi, which calls MPI, is not installed; run `npm install koffi`";
    expect(await answers({}, join(without, "asks.mjs"), without)).toEqual([0, 1].map(() => ({ rank: -1, error })));
  });
});

describe("a process that is alone", () => {
  const ask = (env: Readonly<Record<string, string>> = {}): unknown => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(without, "asks.mjs")], {
      cwd: without,
      encoding: "utf8",
      env: { ...plainVariables(), ...env },
    });
    expect(stderr).toBe("");
    return JSON.parse(stdout) as unknown;
  };

  test("is a group of one, for which koffi isn't needed", () => {
    expect(ask()).toEqual({ rank: 0, size: 1 });
    expect(ask({ SLURM_STEP_NUM_TASKS: "1", SLURM_NTASKS: "1" })).toEqual({ rank: 0, size: 1 });
  });

  test("though Slurm has started several is refused", () => {
    expect(ask({ SLURM_STEP_NUM_TASKS: "4" })).toEqual({
      rank: -1,
      error:
        "Error: mpi: Slurm started 4 processes (SLURM_STEP_NUM_TASKS) without what connects them, so that each would train alone; start them " +
        "with `srun --mpi=pmix` (`srun --mpi=list` says what this cluster has) or with mpirun",
    });
  });

  test("where Slurm has connected several, they are several", () => {
    const error = "Error: mpi: the npm package koffi, which calls MPI, is not installed; run `npm install koffi`";
    expect(ask({ SLURM_STEP_NUM_TASKS: "4", PMIX_RANK: "0" })).toEqual({ rank: -1, error });
  });
});

describe("options that are refused", () => {
  const call = (options: unknown): Promise<unknown> => mpi(options as MpiOptions);
  refuses([
    [() => call({ timeout: 0 }), RangeError, "mpi: timeout must be above 0, got 0"],
    [() => call({ timeout: NaN }), RangeError, "mpi: timeout must be above 0, got NaN"],
    [() => call({ timeout: "60" }), TypeError, 'mpi: timeout must be above 0, got "60"'],
    [() => call({ library: 40 }), TypeError, "mpi: library must be a file's name, got number 40"],
    [() => call({ libary: "x" }), TypeError, 'mpi: unknown option "libary". Known: library, timeout'],
    [() => call(null), TypeError, "mpi: options must be an object, got null"],
  ]);

  test("do not make the group: the next call does, and all after it give the same one", async () => {
    const group = await mpi({ timeout: 5 });
    expect([group.rank, group.size]).toEqual([0, 1]);
    expect(await mpi()).toBe(group);
    expect(await mpi({ library: "none", timeout: 1 })).toBe(group);
  });
});
