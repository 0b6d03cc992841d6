// Exports and imports of the binaries, and that both languages mean the same slots of a record.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { MEMORY_BASE, WIDE_TILES } from "../../build/abi.js";
import * as activations from "../../src/nn/activations/index.ts";
import * as composites from "../../src/nn/composites/index.ts";
import * as constraints from "../../src/nn/constraints/index.ts";
import { inputSlice } from "../../src/nn/layers/slice.ts";
import * as layers from "../../src/nn/layers/index.ts";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelArgs } from "../../src/runtime/record.ts";
import type { Loss } from "../../src/nn/losses/loss.ts";
import * as losses from "../../src/nn/losses/index.ts";
import type { Metric } from "../../src/nn/metrics/metric.ts";
import * as metrics from "../../src/nn/metrics/index.ts";
import { sequential } from "../../src/model/model.ts";
import type { Optimizer } from "../../src/nn/optimizers/optimizer.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import { RecordList } from "../../src/runtime/program.ts";
import { type Inputs, inputs } from "../../src/nn/composites/inputs.ts";
import { outputs } from "../../src/nn/composites/outputs.ts";
import * as regularizers from "../../src/nn/regularizers/index.ts";
import type { Shape } from "../../src/util/shape.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { ofOneThread, readBinary } from "../support/binaries.ts";
import { exportedFunctions, V128 } from "../support/wasm.ts";

const root = join(import.meta.dirname, "../..");
const NAMES = ofOneThread.map(({ name }) => name);
const BINARIES = NAMES.map(readBinary);
const functions = new Map(BINARIES.flatMap((binary) => [...exportedFunctions(binary)]));

/** The AssemblyScript sources by their path in assembly/. */
const sources = new Map(
  readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(root, "assembly", path), "utf8")]),
);
const definedIn = (name: string): string[] =>
  [...sources].flatMap(([path, text]) => (text.includes(`export function ${name}(`) ? [path] : []));
const stemOf = (path: string): string => basename(path, ".ts");

test("the only import is env.memory; sequence.wasm calls kernels of all binaries and imports their table, too", () => {
  BINARIES.forEach((binary, i) => {
    const memory = { module: "env", name: "memory", kind: "memory" };
    const table = { module: "env", name: "table", kind: "table" };
    const expected = NAMES[i] === "sequence" ? [memory, table] : [memory];
    expect(WebAssembly.Module.imports(new WebAssembly.Module(binary))).toEqual(expected);
  });
});

test("the data sections hold constants alone, each from its address up to the next one's", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const table = new WebAssembly.Table({ initial: 1, element: "anyfunc" });
  const bytes = new Uint8Array(memory.buffer);
  const begins = [...ofOneThread.map(({ constants }) => constants), 9216]; // from there on is left to kernels that users compile
  expect(Math.max(...begins)).toBeLessThan(MEMORY_BASE);
  for (const { name, constants } of ofOneThread) {
    bytes.fill(0);
    void new WebAssembly.Instance(new WebAssembly.Module(readBinary(name)), { env: { memory, table } });
    const next = Math.min(...begins.filter((begin) => begin > constants), name === "core" ? WIDE_TILES : Infinity);
    const first = bytes.findIndex((byte) => byte !== 0);
    if (first >= 0) expect(first, name).toBeGreaterThanOrEqual(constants); // one may have none
    expect(
      bytes.findLastIndex((byte) => byte !== 0),
      name,
    ).toBeLessThan(next);
  }
});

test("the exports besides functions are the memory and the table", () => {
  const others = WebAssembly.Module.exports(new WebAssembly.Module(BINARIES[0]!)).filter(
    ({ kind }) => kind !== "function",
  );
  expect(others.map(({ name }) => name).toSorted()).toEqual(["memory", "table"]);
  expect(functions.size).toBeGreaterThan(60); // the binary was read to its end
});

test("no exported function takes or returns a v128, which JavaScript couldn't call", () => {
  const vectors = [...functions].filter(([, type]) => [...type.parameters, ...type.results].includes(V128));
  expect(vectors).toEqual([]);
});

test("the binary for threads has all kernels of the others, and three functions of its own", () => {
  const threads = [...exportedFunctions(readBinary("threads")).keys()];
  expect(threads.toSorted()).toEqual([...functions.keys(), "poolJoin", "poolLead", "poolServe"].toSorted());
});

test("every exported function is defined in one file only, whose stem its name begins with", () => {
  for (const name of functions.keys()) {
    const paths = definedIn(name);
    expect(paths.length, `files that define ${name}: ${paths.join(", ")}`).toBe(1);
    expect(name.startsWith(stemOf(paths[0]!)), `${name} is defined in ${paths[0]}`).toBe(true);
  }
});

/** Functions that a record calls; `runUpdate` and `randomMask` only sound like it. */
const isKernel = (name: string): boolean =>
  /(?:Forward|Backward|Loss|Update|Metric|Penalty|Constraint|Mask)$|^gradient|^batchGather|^batchCheckLoss$/.test(
    name,
  ) && !/^(?:run|random)/.test(name);

test("every kernel in the sources is exported", () => {
  const defined = [...sources].flatMap(([path, text]) =>
    path === "runtime/pool.ts"
      ? []
      : [...text.matchAll(/^export function (\w+)\(record: usize, rows: u32\): void/gm)].map(([, name]) => name!),
  );
  expect(defined.length).toBeGreaterThan(50);
  expect(defined.filter((name) => !functions.has(name))).toEqual([]);
});

test("every kernel takes a record and a number of rows and returns nothing", () => {
  for (const [name, type] of functions) {
    if (isKernel(name)) expect(type, name).toEqual({ parameters: [0x7f, 0x7f], results: [] });
  }
});

describe("slots", () => {
  /** What the trainer's programs put into the records of each kernel. */
  const argsOf = new Map<string, KernelArgs>();

  beforeAll(async () => {
    const add = vi.spyOn(RecordList.prototype, "add");
    for (const parts of everything()) await train(parts);
    for (const [kernel, , args] of add.mock.calls) if (!argsOf.has(kernel)) argsOf.set(kernel, args);
    add.mockRestore();
  });

  test("every kernel is used by a description in src/", () => {
    const plumbing = /^(?:run|batch|gradient|random|gemm|math|hash|addFloats$)/;
    const unused = [...functions.keys()].filter((name) => !plumbing.test(name) && !argsOf.has(name));
    expect(unused).toEqual([]);
    for (const name of ["gradientCheck", "gradientNorm", "gradientZero", "batchCheckLoss", "batchGatherBytes"])
      expect([...argsOf.keys()]).toContain(name);
  });

  test.each([...functions.keys()].filter(isKernel))("%s: the constants are the places of the keys", (kernel) => {
    const slots = Object.entries(slotsOf(definedIn(kernel)[0]!));
    const constants = Object.fromEntries(slots.map(([name, place]) => [bare(name), place]));
    const args = argsOf.get(kernel);
    expect(args, `a record of ${kernel}`).toBeDefined();
    // kernels of lists have some slots for each thing in the list; other slots they need not know
    const listed = Math.min(...LISTS.map((name) => constants[bare(name)] ?? Infinity));
    for (const [name, place] of Object.entries(places(args!))) {
      if (place >= listed || (listed < Infinity && !Object.hasOwn(constants, name))) continue;
      expect(constants, `${kernel} has no constant ${name}`).toHaveProperty(name);
      expect(constants[name], `${kernel}: ${name}`).toBe(place);
    }
  });

  test("every slot constant is a key of a record", () => {
    let checked = 0;
    for (const path of sources.keys()) {
      if (!/^nn\/|^runtime\/batch\.ts$|^convolve\/(?:window|geometry)\.ts$/.test(path)) continue;
      checked++;
      const own = Object.keys(ownConstants(path)).filter((name) => !name.startsWith("FIRST_"));
      const shared = [...sources.keys()].filter((other) => imports(other).has(path));
      const known = [...argsOf].flatMap(([kernel, args]) =>
        [path, ...shared].includes(definedIn(kernel)[0]!) ? Object.keys(places(args)) : [],
      );
      for (const name of own) expect(known, `${path}: ${name}`).toContain(bare(name));
    }
    expect(checked).toBeGreaterThan(80);
  });
});

/** Where the slots of a list begin. */
const LISTS = ["FIRST_OTHER", "FIRST_PART", "FIRST_AXIS"];

/** `weightDecay` is WEIGHT_DECAY, `beta1` BETA_1 and `l1` L1: the underscores say nothing, so both sides go without. */
const bare = (name: string): string => name.replaceAll("_", "").toUpperCase();

/** The slot of each key; a float64 has two words. */
function places(args: KernelArgs): Record<string, number> {
  let place = 0;
  const found: Record<string, number> = {};
  for (const [key, word] of Object.entries(args)) {
    found[bare(key)] = place;
    place += typeof word === "number" ? 1 : 2;
  }
  return found;
}

/** The files that a file imports constants from, and which. */
function imports(path: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const text = sources.get(path)!;
  for (const [, names, space, from] of text.matchAll(/^import (?:\{([^}]*)\}|\* as (\w+)) from "([^"]+)";/gm)) {
    const target = join(path, "..", `${from}.ts`).replaceAll("\\", "/");
    const used = [...text.matchAll(new RegExp(`\\b${space}\\.(\\w+)`, "g"))].map(([, name]) => name!);
    const constants = names?.split(",").map((name) => name.trim()) ?? used;
    found.set(
      target,
      constants.filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name)),
    );
  }
  return found;
}

/** `const NAME: usize = 4;`, `= FIRST_STATE + 1;` and `= rnn.FIRST_OWN;` */
function ownConstants(path: string): Record<string, number> {
  const found: Record<string, number> = {};
  const declaration = /^(?:export )?const ([A-Z]\w*): usize = (?:(\d+)|(?:[a-z]\w*\.)?([A-Z]\w*)(?: \+ (\d+))?);/gm;
  for (const [, name, number, base, offset] of sources.get(path)!.matchAll(declaration)) {
    const start = base === undefined ? Number(number) : (found[base] ?? importedConstant(path, base));
    found[name!] = start + Number(offset ?? 0);
  }
  return found;
}

function importedConstant(path: string, name: string): number {
  for (const [from, names] of imports(path)) if (names.includes(name)) return ownConstants(from)[name]!;
  throw new Error(`${path}: where does ${name} come from?`);
}

/** The slots that a file's kernels know: its own, those of the file that its folder shares, those that either imports. */
function slotsOf(path: string): Record<string, number> {
  const sharedBy = (file: string): string[] =>
    [...imports(file).keys()].filter((from) =>
      /^(?:runtime\/record|(?:nn\/\w+|convolve)\/(?:reduce|gradient|score|penalty|norm|window|border|geometry|recurrent|mask))\.ts$/.test(
        from,
      ),
    );
  const shared = sharedBy(path).flatMap((file) => [...sharedBy(file), file]);
  const found: Record<string, number> = {};
  for (const file of [path, ...shared]) {
    if (file !== "runtime/record.ts") Object.assign(found, ownConstants(file));
    const fromRecord = imports(file).get("runtime/record.ts") ?? [];
    // a layer need not read all four of x, y, dx and dy, but they always have these places
    const isLayer = /^(?:nn\/(?:layers|activations)|convolve)\//.test(file);
    for (const [name, place] of Object.entries(ownConstants("runtime/record.ts")))
      if (isLayer || fromRecord.includes(name)) found[name] = place;
  }
  return found;
}

interface Parts {
  readonly layer?: Layer;
  readonly input?: Shape | Inputs;
  readonly loss?: Loss;
  readonly optimizer?: Optimizer;
  readonly metric?: Metric;
}

/** Every description in src/, with the options that bring other kernels with them. */
function* everything(): Generator<Parts> {
  yield { layer: layers.dense(3, { kernelRegularizer: regularizers.l1(), biasRegularizer: regularizers.l2() }) };
  for (const make of Object.values(constraints)) yield { layer: layers.dense(3, { kernelConstraint: make() }) };
  yield { layer: layers.dropout(0.5) };
  yield { layer: layers.flatten() };
  const images = [
    layers.augment2d(),
    layers.avgPool2d(),
    layers.globalAvgPool2d(),
    layers.maxPool2d(),
    layers.upsample2d(),
  ];
  for (const layer of images) yield { layer, input: [4, 4, 2] };
  for (const layer of [layers.globalAvgPool1d(), layers.globalMaxPool1d(), layers.maxPool1d(), layers.avgPool1d()])
    yield { layer, input: [4, 2] };
  yield { layer: layers.globalMaxPool2d(), input: [4, 4, 2] };
  yield { layer: layers.conv1dTranspose(3, { kernelSize: 2 }), input: [4, 2] };
  for (const make of [layers.conv2d, layers.conv2dTranspose, layers.separableConv2d])
    yield { layer: make(3, { kernelSize: 2 }), input: [4, 4, 2] };
  yield { layer: layers.depthwiseConv2d(2), input: [4, 4, 2] };
  yield { layer: layers.layerNorm() };
  yield { layer: layers.batchNorm() };
  yield { layer: layers.localResponseNorm() };
  yield { layer: layers.gaussianNoise(0.1) };
  yield { layer: layers.activityPenalty() };
  yield { layer: layers.spatialDropout2d(0.5), input: [4, 4, 2] };
  yield { layer: layers.spatialDropout1d(0.5), input: [4, 2] };
  for (const layer of [layers.groupNorm(3), layers.instanceNorm()]) yield { layer, input: [4, 2] };
  for (const layer of [layers.zeroPad2d(), layers.pad({ before: 1 }), layers.permute([2, 0, 1])])
    yield { layer, input: [4, 4, 2] };
  yield { layer: layers.repeatVector(2) };
  for (const layer of [layers.positionalEmbedding(), layers.sinusoidalEmbedding(), layers.selfAttention({ heads: 3 })])
    yield { layer, input: [4, 2] };
  yield { layer: layers.embedding(5, 2) };
  yield { layer: composites.chain(layers.dense(4, { name: "to" }), layers.tiedDense({ to: "to" })) };
  const { concat, residual } = composites;
  for (const layer of [residual(layers.dense(3)), concat([layers.dense(2), []]), inputSlice("a", [2], 1)])
    yield { layer };
  for (const make of [
    composites.multiply,
    composites.subtract,
    composites.divide,
    composites.maximum,
    composites.average,
  ])
    yield { layer: make([[], layers.dense(1)]) };
  for (const normalize of [false, true]) yield { layer: composites.dot([[], layers.dense(3)], { normalize }) };
  yield { layer: composites.matmul([[], []], { transposeB: true }), input: [4, 2] };
  yield { layer: layers.pick({ index: "lastValid", lengths: "n" }), input: inputs({ x: [4, 2], n: 1 }) };
  for (const layer of [layers.sum(), layers.mean(), layers.max(), layers.slice({ from: 1 }), layers.pick({ index: 0 })])
    yield { layer, input: [4, 2] };
  const ends = outputs({
    a: { shape: 2, loss: losses.meanSquaredError() },
    b: { shape: 1, loss: losses.huber(), missing: true },
  });
  yield { layer: ends.layer({ a: layers.dense(2), b: layers.dense(1) }), loss: ends.loss };
  for (const layer of [
    layers.simpleRnn(2),
    layers.lstm(2),
    layers.gru(2),
    layers.gru(2, { resetAfter: false }),
    layers.lstm(2, { stateful: true }),
  ])
    yield { layer, input: [4, 2] };
  yield { layer: layers.prelu() };
  const centres = [[1, 2, 3], [4, 5, 6]]; // prettier-ignore
  yield { layer: layers.rbf({ centres, gamma: 1 }) };
  yield {
    layer: layers.dense(2, { kernelRegularizer: regularizers.rbfNorm({ centres: [1, 2, 3], gamma: 1, lambda: 1 }) }),
  };
  yield { layer: layers.rmsNorm() };
  yield { layer: composites.timeDistributed(activations.relu()), input: [2, 3] };
  yield { layer: layers.reshape([3]) };
  const { clip, ...rest } = activations;
  for (const make of [...Object.values(rest), () => clip(0)]) yield { layer: make() };
  const { ctc, ...ofRows } = losses;
  for (const make of Object.values(ofRows)) yield { loss: make() };
  yield { loss: losses.quantile({ quantile: [0.1, 0.5, 0.9] }) };
  yield { loss: ctc({ lengths: true }), layer: layers.reshape([1, 3]) };
  for (const make of Object.values(optimizers)) yield { optimizer: make() };
  yield { optimizer: optimizers.sgd({ clipGlobalNorm: 1, l1: 0.1, learningRates: () => 0.5 }) };
  const { classificationReport: _report, confusionMatrix: _matrix, ...named } = metrics;
  const { rocCurve: _roc, precisionRecallCurve: _curve, rocAuc, prAuc, ...others } = named;
  for (const make of Object.values(others)) yield { metric: make() };
  for (const make of [rocAuc, prAuc])
    yield { metric: make(), layer: layers.dense(1), loss: losses.binaryCrossEntropyWithLogits() };
}

/** Makes the programs that training with these parts makes. */
async function train({ layer, input = [3], loss, optimizer = optimizers.sgd(), metric }: Parts): Promise<void> {
  const before = layer?.type !== "embedding" ? [layers.dense(3)] : []; // indices come from the input
  const model = await sequential({ input }, ...before, ...(layer ? [layer] : []));
  const standard = metric && metric.kernel !== "regression" ? losses.softmaxCrossEntropy() : losses.meanSquaredError();
  const trainer = new Trainer(model, { loss: loss ?? standard, optimizer, metrics: metric ? [metric] : [] });
  const labels = trainer.loss.target === "labels";
  const spec = { mode: "train", capacity: 2, labels, weighted: false, rows: 2 } as const;
  trainer.trainerState.program({ ...spec, bytes: false, accumulate: true }, "test");
  trainer.trainerState.program({ ...spec, bytes: true, accumulate: false }, "test");
  trainer.trainerState.program({ ...spec, mode: "trace", bytes: false, accumulate: false }, "test");
}
