// Finds out which options a function of the public API takes, from its message about an unknown one.
import * as w from "wasmgrad";
import * as data from "wasmgrad/data";
import * as datasets from "wasmgrad/datasets";
import * as files from "wasmgrad/files";
import * as matrix from "wasmgrad/matrix";
import * as models from "wasmgrad/models";
import * as mpi from "wasmgrad/mpi";

/** The public entries, by the names that programs import them by. */
export const ENTRIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  wasmgrad: w,
  "wasmgrad/data": data,
  "wasmgrad/datasets": datasets,
  "wasmgrad/files": files,
  "wasmgrad/matrix": matrix,
  "wasmgrad/models": models,
  "wasmgrad/mpi": mpi,
};

const UNKNOWN = { notAnOption: 1 };

/** The names after "Known:" in the message that the call ends with; none if it ends in another way. */
async function namesFrom(call: () => unknown): Promise<string[]> {
  try {
    await call();
    return [];
  } catch (error) {
    const known = /unknown option "notAnOption".* Known: (\w+(?:, \w+)*)$/.exec((error as Error).message);
    return known ? known[1]!.split(", ") : [];
  }
}

const model = await w.sequential({ input: 1 }, w.dense(1, { name: "first" }), w.relu({ name: "second" }));
const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
const one = matrix.matrix(1, 1, [1]);
await matrix.init();

/** What stands before the options, where it isn't one of `FIRST`. */
const SPECIAL: Readonly<Record<string, () => unknown>> = {
  Trainer: () => new w.Trainer(model, { ...UNKNOWN, loss: w.meanSquaredError(), optimizer: w.sgd() } as never),
  "Trainer.evaluate": () => trainer.evaluate({ x: [1], y: [1] }, UNKNOWN as never),
  "Trainer.fit": () => trainer.fit({ x: [1], y: [1] }, UNKNOWN as never),
  "Trainer.fit's data": () => trainer.fit({ x: [1], y: [1], ...UNKNOWN } as never),
  "Trainer.step": () => trainer.step([1], [1], UNKNOWN as never),
  cut: () => w.cut(model, "second", UNKNOWN as never),
  customLayer: () => w.customLayer({ type: "a", forward() {}, backward() {}, ...UNKNOWN } as never),
  customLoss: () => w.customLoss({ type: "a", compute() {}, ...UNKNOWN } as never),
  dataset: () => w.dataset({ x: [1], y: [1], ...UNKNOWN } as never),
  gradCheck: () => w.gradCheck(trainer, [1], [1], UNKNOWN as never),
  outputs: () => w.outputs({ a: { shape: 1, loss: w.meanSquaredError(), ...UNKNOWN } as never }),
  samples: () => w.samples([1] as never, 1, UNKNOWN as never),
  sequential: () => w.sequential({ input: 1, ...UNKNOWN } as never, w.relu()),
  trace: () => w.trace(trainer, [1], [1], UNKNOWN as never),
  useCore: () => w.useCore(new Uint8Array(8), UNKNOWN as never),
  matmul: () => matrix.matmul(one, one, UNKNOWN as never),
  modelFromBytes: () => files.modelFromBytes(new Uint8Array(8), UNKNOWN as never),
  crossValidate: () => data.crossValidate([] as never, 2, UNKNOWN as never),
  permutationImportance: () => data.permutationImportance([] as never, [], () => 1, UNKNOWN as never),
  loadModel: () => files.loadModel("no such file", UNKNOWN as never),
};

const FIRST: readonly unknown[] = [1, 0.5, [1], "a", w.relu(), [w.relu(), w.relu()], model];

/** The options of every function of the public API that takes some. */
export async function knownOptions(): Promise<Record<string, string[]>> {
  const found: Record<string, Set<string>> = {};
  const ask = async (name: string, call: () => unknown): Promise<void> => {
    const set = (found[name] ??= new Set());
    for (const option of await namesFrom(call)) set.add(option);
  };
  for (const entry of Object.values(ENTRIES)) {
    for (const [name, value] of Object.entries(entry)) {
      if (typeof value !== "function" || name in SPECIAL || /^[A-Z]/.test(name)) continue;
      const call = value as (...values: unknown[]) => unknown;
      await ask(name, () => call(UNKNOWN));
      for (const first of FIRST) {
        await ask(name, () => call(first, UNKNOWN));
        await ask(name, () => call(first, first, UNKNOWN));
      }
    }
  }
  for (const [name, call] of Object.entries(SPECIAL)) await ask(name, call);
  const lists = Object.entries(found).map(([name, set]) => [name, [...set].toSorted()] as const);
  return Object.fromEntries(lists.filter(([, names]) => names.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
