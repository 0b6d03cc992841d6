// What goes wrong on one rank of a training that mpirun has started ends the training of all, in words, and leaves no process behind.
import { describe, expect, test } from "vitest";
import { type Job, linesByRank, MPIS, mpirun } from "../../support/mpirun.ts";

const programs = "test/training/mpiRuns/programs";

interface Failing {
  readonly rank: number;
  readonly errors: Readonly<Record<string, string>>;
}

/** An attempt, or, of the last line, what the model is in the end. */
interface Refused {
  readonly rank: number;
  readonly name?: string;
  readonly error?: string;
  readonly fingerprint?: string;
}

/** What each rank has said of a job that ended well. */
function linesOf<T extends { readonly rank: number }>({ code, stdout, stderr, left }: Job): T[] {
  expect({ code, stderr, left }).toEqual({ code: 0, stderr: "", left: 0 });
  return linesByRank<T>({ stdout });
}

describe.each(MPIS)("%s", (kind) => {
  test("where a function of one rank throws, fit rejects on all, and the job ends", async () => {
    const job = await mpirun(kind, 3, `${programs}/throws.mjs`);
    const names = ["onTrainBegin", "onEpochBegin", "onBatchBegin", "map", "onBatchEnd", "onEpochEnd", "onTrainEnd"];
    const entries = (text: string): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, `${text}what ${name} says`]));
    const others = entries("Error: fit: rank 1 of the group failed: ");
    expect(linesByRank<Failing>(job)).toEqual([
      { rank: 0, errors: others },
      { rank: 1, errors: entries("TypeError: ") },
      { rank: 2, errors: others },
    ]);
    // of the one that wasn't caught: mpirun may end the others before they print theirs
    expect(job.stderr).toMatch(/^(?:TypeError|Error: fit: rank 1 of the group failed): what onBatchEnd says$/m);
    // of MPICH the code may be that of the signal by which it ended the others
    expect({ failed: job.code !== 0, left: job.left }).toEqual({ failed: true, left: 0 });
  });

  test("a rank that is stopped is waited for as long as the timeout says", async () => {
    const job = await mpirun(kind, 3, `${programs}/stopped.mjs`);
    expect(job.stderr).toMatch(
      /^Error: mpi: rank [02] of 3 has waited 10 s for the others: one of them hangs, was stopped, has ended, hasn't called fit or evaluate with the group as this one has, or computes for longer than that\. /m,
    );
    expect(job.code).toBeGreaterThan(0);
    // rank 1 may have gone on: mpirun wakes what it ends
    expect({ went: /rank [02] went on/.test(job.stdout), left: job.left }).toEqual({ went: false, left: 0 });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("%s to mpirun ends all", async (signal) => {
    const look = (stdout: string): NodeJS.Signals | undefined => (stdout.includes("training") ? signal : undefined);
    const job = await mpirun(kind, 3, `${programs}/endless.mjs`, [], { look });
    expect({ stdout: job.stdout.split("\n")[0], left: job.left }).toEqual({ stdout: "training", left: 0 });
    // MPICH hands the signal on, and may end with 0
    if (kind === "openmpi") expect(job.code).not.toBe(0);
  });
});

test("a number that overflows on one rank is the same error on all, and nothing was moved", async () => {
  const message =
    'fit: a layer\'s state became NaN or infinite in step 2; first seen in runningVariance of layer "batchNorm1", which is Infinity. ' +
    "Likely causes: a learning rate that is too large (it was 0.1), inputs that are not scaled (to about 0 to 1, or mean 0 and deviation 1), " +
    "or a loss on probabilities without a sigmoid or softmax before it. The weights are those of step 1";
  const error = { isNonFinite: true, message, step: 2, layer: "batchNorm1", tensor: "runningVariance" };
  const fingerprints = ["a3e0415a6da664c7", "5011ddafa4301364", 3];
  for (const ranks of [1, 3]) {
    const lines = linesOf(await mpirun("openmpi", ranks, `${programs}/nonFinite.mjs`));
    const each = { error, fingerprints, expected: fingerprints };
    expect(lines).toEqual(Array.from({ length: ranks }, (_, rank) => ({ rank, ...each })));
  }
});

describe("ranks that don't belong together", () => {
  const advice = "all ranks need the same model and seed, trainer, options, data and version of the library";
  const differs = (last: string, first: string): string =>
    `RangeError: fit: rank 2 has ${last}, where rank 0 has ${first}; ${advice}`;
  const tree = "batches of an update, whose gradients are summed in a tree, as groups do";
  const measuring = "all ranks need the same model, data and options";
  const data = (hash: string): string => `data of 24 rows, hash ${hash}, scale 1`;

  test("are refused on all, and still understand each other", async () => {
    const errors = {
      seed: differs("model: seed 2", "model: seed 1"),
      rate: differs("layer 1 dropout: options.rate 0.4", "layer 1 dropout: options.rate 0.3"),
      learningRate: differs("optimizer adam: learningRate 0.02", "optimizer adam: learningRate 0.01"),
      batchSize: differs("batchSize 5", "batchSize 4"),
      accumulate: differs(`4 ${tree}`, `3 ${tree}`),
      epochs: differs("epochs 3", "epochs 2"),
      x: differs(data("972b4a0dd2c9a2f1"), data("bac834c3a67651c8")),
      y: differs(data("d5a4967e9f7651c8"), data("bac834c3a67651c8")),
      "more ranks":
        "RangeError: fit: the group has 3 ranks, but an update has 2 batches to share out; set accumulate to 3 or more, best a multiple of the " +
        "ranks, and batchSize to the rows of each",
      "another model measured": `RangeError: evaluate: rank 2 has weights, hash 16a43108adf6a8a7, where rank 0 has weights, hash f17fcf62d6687313; ${measuring}`,
      "another batchSize measured": `RangeError: evaluate: rank 2 has batchSize 5, where rank 0 has batchSize 4; ${measuring}`,
    };
    const wrong = "evaluate: batchSize must be a whole number of 1 or more, got 0";
    const errorsOf = (rank: number): Readonly<Record<string, string>> => ({
      ...errors,
      "a wrong option measured":
        rank === 2
          ? `RangeError: ${wrong}`
          : `Error: ${wrong.replace("evaluate: ", "evaluate: rank 2 of the group failed: ")}`,
    });
    const lines = linesOf<Refused>(await mpirun("openmpi", 3, `${programs}/refused.mjs`));
    for (const rank of [0, 1, 2]) {
      const its = lines.filter((line) => line.rank === rank);
      const refused = its.filter(({ name }) => name !== undefined).map(({ name, error }) => [name, error]);
      expect(Object.fromEntries(refused), `rank ${rank}`).toEqual(errorsOf(rank));
      expect(its.at(-1)).toEqual({ rank, fingerprint: "5b3640a87de4ea34" });
    }
  });
});
