// Every option of every function has limits. The functions and their options are found by the messages about unknown ones, the
// kind of an option by what it answers to something that is none: an option that takes just anything fails here.
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type * as api from "../../src/index.ts";
import { ENTRIES, knownOptions } from "../compatibility/options.ts";
import { NEEDED } from "../support/needed.ts";

const w = ENTRIES["wasmgrad"] as unknown as typeof api;
const all = Object.assign({}, ...Object.values(ENTRIES)) as Record<string, (...values: unknown[]) => unknown>;

type Options = Readonly<Record<string, unknown>>;

const model = await w.sequential({ input: 1 }, w.dense(1, { name: "first" }), w.relu({ name: "second" }));
const newTrainer = (options: Options = {}): api.Trainer =>
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1e-6 }), ...options });
const data = { x: [[1], [2]], y: [[1], [1]] };
const measured = (): unknown => (all["table"]!({ size: [1.5, 2.5, 3.5, 4.5] }) as { infer(): unknown }).infer();
const homes = (): unknown =>
  (
    all["table"]!({
      size: [...Array(24).keys()].map((i) => i % 5),
      floor: [...Array(24).keys()].map((i) => i % 3),
    }) as {
      infer(options: Options): unknown;
    }
  ).infer({ types: { size: "number", floor: "number" } });
const small = { target: "size", layers: [], epochs: 1 };
const custom = { type: "mine", forward: () => {}, backward: () => {} };
const tableBytes = all["tableModelToBytes"]!(
  ((await all["trainTable"]!(homes(), small)) as { tableModel: unknown }).tableModel,
) as Uint8Array;
const bytes = all["modelToBytes"]!(await w.sequential({ input: 1 }, w.dense(1))) as Uint8Array;

/** Goes through all of a table. */
async function gone(rows: unknown): Promise<void> {
  for await (const _ of rows as AsyncIterable<unknown>);
}

/** Functions that take something before their options, or whose options count once they are used. */
const CALLS: Readonly<Record<string, (options: Options) => unknown>> = {
  above: (options) => void all["above"]!("sine", options),
  Trainer: newTrainer,
  "Trainer.evaluate": (options) => newTrainer().evaluate(data, options),
  "Trainer.fit": (options) => newTrainer().fit(data, { epochs: 1, ...options }),
  "Trainer.fit's data": (options) => newTrainer().fit({ ...data, ...options } as never),
  "Trainer.step": (options) => newTrainer().step(data.x, data.y, options),
  activations: (options) => w.activations(model, data.x, undefined, options),
  average: (options) => w.average([w.relu(), w.relu()], options),
  batches: (options) => newTrainer().fit(w.batches([data], options)),
  bidirectional: () => w.bidirectional(w.gru(2)),
  checkpoints: (options) => void all["checkpoints"]!("build/test/run", options),
  concat: (options) => w.concat([w.relu(), w.relu()], options),
  csvLogger: (options) => all["csvLogger"]!(devNull, options),
  ctcDecode: (options) => void w.ctcDecode([0, 1, 1, 0], { shape: [2, 2], ...options }),
  ctcTargets: (options) => void w.ctcTargets([[1], [2, 1]], options),
  curve: (options) => void all["curve"]!("sine", options),
  customLayer: (options) => w.customLayer({ ...custom, ...options } as never),
  customLoss: (options) => w.customLoss({ type: "mine", compute: () => {}, ...options } as never),
  customMetric: (options) =>
    w.customMetric({ name: "mine", start: () => 0, add: () => 0, result: () => 0, ...options } as never),
  customOptimizer: (options) => w.customOptimizer({ type: "mine", update: () => {}, ...options } as never),
  cut: (options) => void w.cut(model, "second", options),
  modelLayer: (options) => void w.modelLayer(model, options),
  dataset: (options) => newTrainer().fit(w.dataset({ ...data, ...options } as never)),
  divide: (options) => w.divide([w.relu(), [w.softplus()]], options),
  dot: (options) => w.dot([w.relu(), w.relu()], options),
  imageFolder: (options) => all["imageFolder"]!("test/data/pictures", options),
  fromLayersModel: (options) => all["fromLayersModel"]!(all["toLayersModel"]!(model), options),
  gradCheck: (options) => w.gradCheck(newTrainer(), data.x, data.y, options),
  lambda: (options) =>
    w.lambda(
      (x) => x,
      (dy) => dy,
      options,
    ),
  loadModel: (options) => all["modelFromBytes"]!(bytes, options),
  matmul: (options) => all["matmul"]!(all["matrix"]!(1, 1, [1]), all["matrix"]!(1, 1, [1]), options),
  maximum: (options) => w.maximum([w.relu(), w.relu()], options),
  modelFromBytes: (options) => all["modelFromBytes"]!(bytes, options),
  modelToBytes: (options) => all["modelToBytes"]!(model, options),
  mixup: (options) => w.mixup("outputs" in options ? options : { classes: 3, ...options }),
  multiply: (options) => w.multiply([w.relu(), w.relu()], options),
  outputs: (options) => {
    const ends = w.outputs({ a: { shape: 1, loss: w.meanSquaredError(), ...options } as never });
    return trained([ends.layer({ a: w.dense(1) })], { loss: ends.loss });
  },
  readCsv: (options) => gone(all["readCsv"]!({ text: "a,b\n1,2\n" }, options)),
  readJsonLines: (options) => gone(all["readJsonLines"]!({ text: '{ "a": 1 }' }, options)),
  readTable: (options) => gone(all["readTable"]!({ text: "a,b\n1,2\n" }, options)),
  saveModel: (options) =>
    all["saveModel"]!(model, join(tmpdir(), `wasmgrad-options-${process.pid}.safetensors`), options),
  writeSafetensors: (options) =>
    all["writeSafetensors"]!([["w", { shape: [1], data: new Float32Array(1) }]], {}, options),
  writeNpz: (options) => all["writeNpz"]!({ w: { shape: [1], data: Uint8Array.of(1) } }, options),
  crossValidate: (options) => all["crossValidate"]!(homes(), 2, { ...small, ...options }),
  tableModelFromBytes: (options) => all["tableModelFromBytes"]!(tableBytes, options),
  trainTable: (options) => all["trainTable"]!(homes(), { ...small, ...options }),
  kFold: (options) => all["kFold"]!(measured(), 2, options),
  qualityReport: (options) => void all["qualityReport"]!(measured(), options),
  split: (options) => all["split"]!(measured(), options),
  permutationImportance: (options) => all["permutationImportance"]!(measured(), ["size"], () => 1, options),
  worstRows: (options) =>
    all["worstRows"]!(
      measured(),
      "labels" in options ? options : { predicted: [1, 2, 3, 4], actual: [1, 2, 3, 5], ...options },
    ),
  exportModule: (options) => void all["exportModule"]!(model, options),
  stateDict: (options) => void all["stateDict"]!(model, options),
  toOnnx: (options) => void all["toOnnx"]!(model, options),
  table: (options) => void all["table"]!([[1], [2]], { columns: ["size"], ...options }),
  rows: (options) => newTrainer().fit(w.rows([{ x: [1], y: [1] }], options)),
  samples: (options) => newTrainer().fit({ x: w.samples(Uint8Array.of(1, 2), 1, options), y: data.y }),
  sequential: (options) => w.sequential({ input: 4, ...options }, w.dense(1)),
  subtract: (options) => w.subtract([w.relu(), w.relu()], options),
  sum: (options) => w.sum(options),
  vocabulary: (options) => void all["vocabulary"]!(["to be"], { by: "word", ...options }),
  trace: (options) => w.trace(newTrainer(), data.x, data.y, options),
};

/** What a message calls the function, and the option, where it has another name. */
const WHERE: Readonly<Record<string, string>> = {
  concat: "(?:concat|join)",
  "Trainer.evaluate": "evaluate",
  "Trainer.fit": "fit",
  "Trainer.fit's data": "fit",
  "Trainer.step": "step",
  customLayer: "(?:customLayer|mine)",
  customLoss: "(?:customLoss|mine)",
  customMetric: "(?:customMetric|mine)",
  customOptimizer: "(?:customOptimizer|mine)",
  dataset: "(?:dataset|fit)",
  loadModel: "(?:modelFromBytes|model)",
  modelFromBytes: "(?:modelFromBytes|model)",
  tableModelFromBytes: "(?:tableModelFromBytes|modelFromBytes|model)",
  "crossValidate.validation": "(?:validation|to validate)",
  "trainTable.validation": "(?:validation|to validate)",
  "customLayer.parameters": "parameter",
  "outputs.shape": "a must be",
  "split.validation": "(?:validation|to validate)",
  "stateDict.names": "(?:names|module)",
};

/** Options that another one makes count. */
const WITH: Readonly<Record<string, Options>> = {
  createWorker: { threads: 2 },
  "impute.value": { by: "constant" },
  ...Object.fromEntries(
    ["crossValidate", "trainTable"].flatMap((name) => [
      [`${name}.group`, { split: "group" }],
      [`${name}.horizon`, { task: "series" }],
      [`${name}.time`, { split: "time" }],
    ]),
  ),
  ...Object.fromEntries(
    ["split", "kFold"].flatMap((name) => [
      [`${name}.group`, { by: "group" }],
      [`${name}.target`, { by: "stratified" }],
      [`${name}.time`, { by: "time" }],
    ]),
  ),
};

/** What takes anything, and why. */
const ANYTHING: Readonly<Record<string, string>> = {
  "tableModelFromBytes.name": "what messages call the model",
  "modelFromBytes.name": "what messages call the model",
  "vocabulary.tokens": "what was kept has them: they are no option of texts",
};

/** Trains one step of a model of these layers, all of whose weights must then be finite. */
async function trained(
  layers: readonly api.Layer[],
  parts: Options = {},
  input: api.Shape = [4],
  targets?: readonly number[],
): Promise<void> {
  const net = await w.sequential({ input, seed: 1 }, ...layers);
  const numbers = input.reduce((product, n) => product * n, 1);
  const x = Float32Array.from({ length: 2 * numbers }, (_, i) => i % 3);
  const outputs = net.outputShape.reduce((product, n) => product * n, 1);
  const y = targets ?? new Float32Array(2 * outputs).fill(1);
  const optimizer = w.sgd({ learningRate: 1e-6 });
  const trainer = new w.Trainer(net, { loss: w.meanSquaredError(), optimizer, ...parts } as never);
  trainer.step(x, y);
  for (const { name, get } of net.parameters()) expect(get().every(Number.isFinite), name).toBe(true);
}

/** The first of several attempts that isn't refused; the error of the last if all are. */
async function firstOf(attempts: readonly (() => Promise<void>)[]): Promise<void> {
  let last: unknown;
  for (const attempt of attempts) {
    try {
      await attempt();
      return;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

const end = () => [w.flatten(), w.dense(1)];
const words = () => w.dense(4, { name: "words" });
/** Inputs, and the layers in front: one of them suits a layer. */
const FRONTS: readonly (readonly [api.Shape, () => readonly api.Layer[]])[] = [
  [[4], () => [words()]],
  [[3, 4], () => [words()]],
  [[4, 4, 4], () => [words()]],
  [[4], () => []],
];

/** Makes a model of what a function describes, trains it one step, and demands finite weights. */
async function use(made: unknown): Promise<void> {
  if (made === null || typeof made !== "object") return;
  if ("outputShape" in made && "kernel" in made) {
    const layer = made as api.Layer;
    await firstOf(
      FRONTS.map(
        ([input, front]) =>
          () =>
            trained([...front(), layer, ...end()], {}, input),
      ),
    );
  } else if ("outputShape" in made && "options" in made) {
    await firstOf(
      FRONTS.map(
        ([input, front]) =>
          () =>
            trained([...front(), made as api.Layer, ...end()], {}, input),
      ),
    );
  } else if ("initializer" in made) await trained([w.dense(2, { kernelInitializer: made as api.Initializer })]);
  else if ("regularizer" in made) await trained([w.dense(1, { kernelRegularizer: made as api.Regularizer })]);
  else if ("constraint" in made) await trained([w.dense(2, { kernelConstraint: made as api.Constraint })]);
  else if ("reduction" in made && "check" in made) {
    await firstOf([
      () => trained([w.dense(1)], { loss: made }),
      () => trained([w.dense(1), w.sigmoid()], { loss: made }),
      () => trained([w.reshape([2, 2]), w.dense(2)], { loss: made }, [4], [1, 0, 1, 0]),
      () => trained([w.reshape([2, 2]), w.dense(2)], { loss: made }, [4], [1, -1, 1, -1]), // labels, and -1 after them
      () => trained([w.dense(3)], { loss: made }, [4], [0, 0]), // three embeddings
      () => trained([w.dense(2)], { loss: made }, [4], [1, 0]),
    ]);
  } else if ("states" in made) await trained([w.dense(1)], { optimizer: made });
  else if ("start" in made) await trained([w.dense(1)], { schedule: made });
  else if ("stateSize" in made) {
    await firstOf([
      () => trained([w.dense(2)], { loss: w.softmaxCrossEntropy(), metrics: [made] }),
      () => trained([w.dense(1)], { loss: w.binaryCrossEntropyWithLogits(), metrics: [made] }),
    ]);
  } else if ("onEpochEnd" in made) await newTrainer().fit(data, { callbacks: [made as api.Callback] });
  else if ("layers" in made && "input" in made && !("fingerprint" in made)) {
    const { input, layers } = made as { input: number | api.Shape; layers: readonly api.Layer[] };
    await w.sequential({ input }, ...layers);
  }
}

/** What is answered to an option's value; undefined: it is taken. */
async function answer(name: string, options: Options): Promise<string | undefined> {
  const call = CALLS[name] ?? ((given: Options) => all[name]!({ ...NEEDED[name], ...given }));
  try {
    await use(await call(options));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A value that is no option's. */
const ODD = Object.freeze({ odd: true });

/** Options of which something else is asked than a number, a word, or true or false. */
const OTHERS =
  /must (?:be|hold|have) (?:an? |the |rows|"log"|labels|layers|\{|numbers|finite|true|a word|"auto"|"values"|another|an array|1, 3 or 4|\[height)|^mnist: unknown file in from|: costs: unknown option "odd"|: columns: unknown column "odd"|^fit: warnings: unknown option "odd"/;

/** The rules of numbers by how their messages begin: values that keep to them, though they are unusual, and why they work. */
const RULES: readonly (readonly [rule: RegExp, taken: readonly unknown[], why: string])[] = [
  [/a whole number/, [], "more than the memory holds"],
  [/a number or |one axis|1 or 2/, [], "sizes and axes are whole numbers"],
  [/from 0 up to but not including 1/, [], "only what float32 tells from 1"],
  [/above 0/, [5e9, 2 ** 53], "float32 holds them"],
  [/0 or more/, [5e9, 2 ** 53], "float32 holds them"],
  [/a finite number/, [-1, 5e9, 2 ** 53], "float32 holds them"],
];

/** Options whose limits are others than their rule's. */
const EXCEPTIONS: Readonly<Record<string, readonly [taken: readonly unknown[], why: string]>> = {
  ...Object.fromEntries(
    ["circles", "gaussians", "moons", "spirals", "xor"].flatMap((set) => [
      [`${set}.seed`, [[5e9], "random numbers take 53 bits of it"]],
      [`${set}.test`, [[], "a share, or fewer rows than there are"]],
    ]),
  ),
  "Trainer.evaluate.batchSize": [[5e9], "no batch has more rows than the data"],
  "Trainer.fit.batchSize": [[5e9], "no batch has more rows than the data"],
  "augment2d.rotate": [[], "degrees"],
  "focal.alpha": [[], "a share"],
  "crossValidate.validation": [[], "a share, or fewer rows than there are"],
  "trainTable.validation": [[], "a share, or fewer rows than there are"],
  "minMax.low": [[-1], "the default of high is above it"],
  "minMax.high": [[5e9, 2 ** 53], "the default of low is below it"],
  "quantile.quantile": [[], "a share, neither 0 nor 1"],
  "alexnet.width": [[], "a factor of the number of units"],
  "customOptimizer.slots": [[], "an object, by names"],
  ...Object.fromEntries(
    "concat.axis sum.axis mean.axis max.axis slice.axis slice.from slice.to pick.axis pick.index"
      .split(" ")
      .map((key) => [key, [[-1], "counts from the end"]] as const),
  ),
  "localResponseNorm.beta": [[], "a power"],
  "normal.mean": [[-1], "the default of the deviation is too small for larger ones"],
  "sequential.seed": [[5e9], "random numbers take 53 bits of it"],
  "split.seed": [[5e9], "random numbers take 53 bits of it"],
  "kFold.seed": [[5e9], "random numbers take 53 bits of it"],
  "permutationImportance.seed": [[5e9], "random numbers take 53 bits of it"],
  "split.test": [[], "a share, or fewer rows than there are"],
  "split.validation": [[], "a share, or fewer rows than there are"],
  "spirals.turns": [[], "points would be on each other"],
  "uniform.low": [[-1], "the default of high is above it"],
  "uniform.high": [[5e9, 2 ** 53], "the default of low is below it"],
  "clip.high": [[5e9, 2 ** 53], "it is given a low of 0, which is below it"],
};

const NUMBERS = [1e-50, 1e39, 5e9, 2 ** 53, NaN, -1, "1", true];

const known = await knownOptions();
delete known["useCore"]; // its options are binaries: test/runtime/binaries.test.ts

for (const [name, options] of Object.entries(known)) {
  describe(name, () => {
    test("takes what it needs", async () => {
      expect(await answer(name, {})).toBeUndefined();
    });
    for (const option of options) {
      test(option, async () => {
        const key = `${name}.${option}`;
        const odd = await answer(name, { ...(WITH[`${name}.${option}`] ?? WITH[option]), [option]: ODD });
        if (key in ANYTHING) return;
        if (option === "name") {
          expect(odd).toMatch(/name/);
          return;
        }
        const named = new RegExp(
          `^(?:${WHERE[name] ?? name}|sequential|evaluate)\\b.*\\b${WHERE[key] ?? option}\\b`,
          "s",
        );
        expect(odd, "takes just anything").toMatch(named);
        const refusesAll = async (values: readonly unknown[], rule: RegExp): Promise<void> => {
          for (const value of values) {
            const said = await answer(name, { [option]: value });
            expect(said, String(value)).toMatch(named);
            expect(said, String(value)).toMatch(rule);
          }
        };
        if (odd!.includes("must be true or false")) {
          await refusesAll(["false", 0, 1, null], /must be true or false, got/);
        } else if (odd!.includes("must be one of")) {
          await refusesAll(["nonsense", 0, null], /must be one of/);
        } else {
          const rule = RULES.find(([text]) => text.test(odd!));
          if (!rule) {
            expect(odd).toMatch(OTHERS);
            return;
          }
          const [taken, why] = EXCEPTIONS[key] ?? rule.slice(1);
          for (const value of NUMBERS) {
            const said = await answer(name, { [option]: value });
            if ((taken as readonly unknown[]).includes(value)) {
              // the option can be had, but with it the first update may be too large: it is the update that is refused then
              const works =
                said === undefined || /^(?:step|fit): the update became too large for float32 numbers/.test(said);
              expect(works, `${String(value)} works: ${String(why)}, but: ${said}`).toBe(true);
            } else expect(said, String(value)).toMatch(named);
          }
        }
      });
    }
  });
}
