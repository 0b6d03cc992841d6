// Wrong arguments for every function of the library: which calls are right, what is put in place of each of their arguments, and
// what an answer in the library's words is.
import { runInNewContext } from "node:vm";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as data from "../../src/data.ts";
import * as datasets from "../../src/datasets.ts";
import * as files from "../../src/files.ts";
import * as w from "../../src/index.ts";
import * as matrix from "../../src/matrix.ts";
import * as models from "../../src/models.ts";
import * as mpi from "../../src/mpi.ts";
import * as onnx from "../../src/onnx.ts";
import * as tfjs from "../../src/tfjs.ts";
import * as torch from "../../src/torch.ts";
import * as web from "../../src/web.ts";
import { writeCheckpoint } from "../../src/io/checkpointFile.ts";
import { NPY, NPZ } from "./numpyFiles.ts";
import { archive, pickle, tensor } from "./torchFiles.ts";

/** The entries of the package; `package/package.test.ts` knows that there are no others. */
export const ENTRIES = { wasmgrad: w, data, datasets, files, matrix, models, mpi, onnx, tfjs, torch, web } as const;

/** A right call: what is called, with which arguments, and the names that its errors begin with. */
export interface RightCall {
  readonly call: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  /** What a message may begin with. */
  readonly names: readonly string[];
}

/** What is put in place of an argument, by kind. Each is made anew: a call may change what it gets. */
export const WRONG: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  number: () => 3,
  negative: () => -1.5,
  NaN: () => NaN,
  bigint: () => 3n,
  string: () => "text",
  digits: () => "3",
  symbol: () => Symbol("mark"),
  promise: () => Promise.resolve(3),
  thenable: () => Object.defineProperty({}, ["th", "en"].join(""), { value: () => {}, enumerable: true }) as object,
  "empty object": () => ({}),
  "object without prototype": () => Object.create(null) as object,
  "empty array": () => [],
  "array of null": () => [null],
  "ragged array": () => [[1, 2], [3]],
  "array of strings": () => ["a"],
  "array with a hole": () => Object.assign([], { 1: 1 }),
  "array of itself": () => {
    const all: unknown[] = [];
    all.push(all);
    return all;
  },
  function: () => () => 3,
  class: () => Date,
  date: () => new Date(0),
  map: () => new Map([[1, 2]]),
  set: () => new Set([1]),
  regexp: () => /x/,
  error: () => new Error("mark"),
  bigints: () => BigInt64Array.of(1n, 2n),
  view: () => new DataView(new ArrayBuffer(8)),
  buffer: () => new ArrayBuffer(8),
  "object of another realm": () => runInNewContext("({})") as object,
  "array of another realm": () => runInNewContext("[]") as object,
  "promise of another realm": () => runInNewContext("Promise.resolve(3)") as object,
  tensor: () => ({ shape: [2], dtype: "float32", dataSync: () => new Float32Array(2) }),
  "proxy that throws": () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error("the proxy's own");
        },
        has: () => {
          throw new Error("the proxy's own");
        },
        ownKeys: () => {
          throw new Error("the proxy's own");
        },
      },
    ),
};

/** Words of engines (V8, SpiderMonkey, JavaScriptCore) for what a library didn't check. */
const ENGINE =
  /cannot (read|set|destructure|convert|assign|mix|access|perform|serialize)|do not know how|can't (access|convert)|is not (a function|iterable|a constructor|an object|defined|extensible|a valid|callable)|undefined is not|null is not|invalid (array|typed array|string) |out of bounds|call stack|too much recursion|^internal|object is not|is read[- ]only|property description|object prototype|prototype may|the proxy's own.*the proxy's own|\[object |symbol value|allocation failed|out of memory|unreachable|undefined of|reduce of empty|the "\w+" argument|is not an instance|offset is|source is too large|incompatible receiver|unexpected (token|end)/i;

/** What is wrong with how a call was answered; undefined: nothing. */
export function faultOf(error: unknown, names: readonly string[]): string | undefined {
  if (Object.prototype.toString.call(error) !== "[object Error]") return `threw ${String(error)}, which is no Error`;
  const { message } = error as Error;
  if (message === "the proxy's own") return undefined; // the user's own error goes through
  if (ENGINE.test(message)) return `in an engine's words: ${message}`;
  const begins = names.some((name) => message.startsWith(name) && /^[:. ([]/.test(message.slice(name.length)));
  return begins ? undefined : `doesn't begin with ${names.join(" or ")}: ${message}`;
}

/** Is it an object that the user writes, whose values may be wrong too? */
const isWritten = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !Object.isFrozen(value) &&
  !["type", "initializer", "regularizer", "kernel"].some((key) => key in value && !("forward" in value));

/** The places of a value, to a depth: indices and keys. */
function placesOf(value: unknown, depth: number): (readonly (string | number)[])[] {
  if (depth === 0) return [];
  const keys = Array.isArray(value) ? value.slice(0, 2).map((_, i) => i) : isWritten(value) ? Object.keys(value) : [];
  return keys.flatMap((key) => [
    [key],
    ...placesOf((value as Record<string | number, unknown>)[key], depth - 1).map((rest) => [key, ...rest]),
  ]);
}

/** A copy with another value at a place. */
function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

/** The options that the last argument doesn't have: a function names all that it knows when it is given an unknown one. */
async function moreOptions({ call, args }: RightCall): Promise<(readonly (string | number)[])[]> {
  const all: (readonly (string | number)[])[] = [];
  for (let i = 0; i <= args.length; i++) {
    const old = args[i];
    if (old !== undefined && !isWritten(old)) continue;
    try {
      await call(...(replaced([...args], [i], { ...old, nonsense: 1 }) as unknown[]));
    } catch (error) {
      const known = /Known: (.*)$/.exec((error as Error).message)?.[1]?.split(", ") ?? [];
      all.push(...known.filter((key) => !old || !(key in old)).map((key) => [i, key]));
    }
  }
  return all;
}

/** Every argument, and every value within the objects and arrays that are written there. */
export async function wrongPlaces(right: RightCall): Promise<(readonly (string | number)[])[]> {
  const places = [...placesOf(right.args, 4), ...(await moreOptions(right))];
  // one more argument than the right call has; a function that has none ignores it, as is usual in JavaScript
  const further = [right.args.length];
  const options = places.some(([i]) => i === right.args.length);
  return options || !(await ignores(right)) ? [...places, further] : places;
}

/** Does a further argument change nothing, whatever it is? */
async function ignores(right: RightCall): Promise<boolean> {
  for (const make of Object.values(WRONG)) {
    if ((await tryWrong(right, [right.args.length], make)) !== "works") return false;
  }
  return true;
}

/** The call with one value replaced. Gives what is wrong with the answer, "works", or undefined if it was refused well. */
export async function tryWrong(
  { call, args, names }: RightCall,
  place: readonly (string | number)[],
  wrong: () => unknown,
): Promise<string | undefined> {
  try {
    await call(...(replaced(args, place, wrong()) as unknown[]));
  } catch (error) {
    return faultOf(error, names);
  }
  return "works";
}

/** Right calls of all functions and methods, by entry or kind of object; what they must not change; and the files that they write. */
export async function rightCalls(): Promise<{
  readonly calls: ReadonlyMap<string, RightCall>;
  state(this: void): string;
  readonly written: readonly string[];
}> {
  const calls = new Map<string, RightCall>();
  const add = (key: string, call: unknown, args: readonly unknown[], ...names: string[]): void => {
    calls.set(key, {
      call: call as RightCall["call"],
      args,
      names: [key.slice(key.lastIndexOf(".") + 1), ...names],
    });
  };

  const x = [
    [1, 2],
    [3, 4],
  ];
  const y = [0, 1];
  const measured = data.table({ size: [1.5, 2.5, 3.5, 4.5] }).infer();
  const numbers = data.table({
    size: Float64Array.from({ length: 24 }, (_, i) => i % 5),
    floor: [...Array(24).keys()].map((i) => i % 3),
  });
  const homes = numbers.infer({ types: { size: "number", floor: "number" } });
  const small = { target: "size", layers: [], epochs: 1 } as const;
  const { tableModel } = await data.trainTable(homes, small);
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3, { name: "head" }));
  const trainer = new w.Trainer(model, {
    loss: w.softmaxCrossEntropy(),
    optimizer: w.sgd({ learningRate: 1e-30 }),
    metrics: [w.accuracy()],
  });
  await trainer.fit({ x, y }, { progress: false });
  model.backward(model.forward(x));
  const saved = path.join(tmpdir(), `wasmgrad-arguments-${process.pid}.safetensors`);
  await files.saveModel(model, saved);
  const bytes = files.modelToBytes(model);
  const runs = path.join(tmpdir(), `wasmgrad-arguments-${process.pid}`);
  const counts = { step: 1, epoch: 1, best: false };
  const of = { of: [], ...counts, batch: 0, ended: false, history: {}, state: trainer.state() };
  const kept = writeCheckpoint(of);
  const { write, latest, best } = files.checkpoints(runs);
  const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 8);
  await matrix.init();

  const inner = (): w.Layer => w.dense(3);
  const branches = [[w.dense(3)], w.dense(3)];
  const ends = w.outputs({
    a: { shape: 1, loss: w.meanSquaredError() },
    b: { shape: 3, loss: w.softmaxCrossEntropy() },
  });
  const starts = w.inputs({ a: 2, b: [1, 2] });
  const custom = { type: "own", forward: () => {}, backward: () => {} };

  /** The arguments of functions that can't be called without; one word or more says what its errors may begin with besides its name. */
  const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
    // models
    sequential: [{ input: 2 }, inner(), w.relu()],
    backend: [model],
    engine: [model],
    copyWeights: [model, await w.sequential({ input: 2, seed: 2 }, w.dense(3, { name: "head" }))],
    cut: [model, "head"],
    modelLayer: [model],
    copyOptimizerState: [trainer, new w.Trainer(model, { loss: trainer.loss, optimizer: trainer.optimizer })],
    stepper: [await w.sequential({ input: [2, 3] }, w.lstm(2))],
    useCore: [await WebAssembly.compile(await readFile(new URL("../../build/core.wasm", import.meta.url))), {}],
    inputs: [{ a: 2, b: [1, 2] }],
    outputs: [
      {
        a: { shape: 1, loss: w.meanSquaredError(), weight: 1, labels: false },
        b: { shape: 3, loss: w.softmaxCrossEntropy() },
      },
    ],
    // data
    dataset: [{ x, y, sampleWeights: [1, 1] }],
    mixup: [{ classes: 3 }],
    samples: [new Uint8Array(4), [2], { scale: 1 }],
    batches: [[{ x, y }], { stepsPerEpoch: 1 }],
    rows: [[{ x: [1, 2], y: 1 }], { shuffleBuffer: 1, stepsPerEpoch: 1 }],
    // layers
    clip: [-2, 2, {}],
    pad: [{ before: [1], after: [1], value: 0 }],
    dense: [3, {}],
    embedding: [3, 2, {}],
    dropout: [0.5, {}],
    gaussianNoise: [0.1, {}],
    spatialDropout1d: [0.5, {}],
    spatialDropout2d: [0.5, {}],
    groupNorm: [2, {}],
    reshape: [[3], {}],
    permute: [[1, 0], {}],
    repeatVector: [2, {}],
    conv1d: [3, { kernelSize: 2 }],
    conv1dTranspose: [3, { kernelSize: 2 }],
    conv2d: [3, { kernelSize: [2, 2], strides: [1, 1], dilation: [1, 1] }],
    conv2dTranspose: [3, { kernelSize: [2, 2] }],
    separableConv2d: [3, { kernelSize: [2, 2] }],
    depthwiseConv2d: [[2, 2], {}],
    maxPool1d: [2, {}],
    maxPool2d: [[2, 2], {}],
    avgPool1d: [2, {}],
    avgPool2d: [[2, 2], {}],
    zeroPad2d: [1, {}],
    crop2d: [1, {}],
    upsample2d: [2, { interpolation: "bilinear", coordinates: "halfPixel" }],
    attention: [{ memory: "a", heads: 2 }],
    selfAttention: [{ heads: 2 }],
    tiedDense: [{ to: "head" }],
    rbf: [
      {
        centres: [
          [1, 2],
          [3, 4],
        ],
        gamma: 1,
      },
    ],
    gru: [2, {}],
    lstm: [2, {}],
    simpleRnn: [2, {}],
    // composites
    add: [branches],
    concat: [branches, { axis: -1 }],
    "wasmgrad.matmul": [branches, { transposeA: true }],
    "wasmgrad.sum": [{ axis: -1 }],
    average: [branches, {}],
    pick: [{ index: 0 }],
    divide: [branches, {}],
    dot: [branches, { normalize: false }],
    maximum: [branches, {}],
    multiply: [branches, {}],
    subtract: [branches, {}],
    chain: [inner(), inner()],
    residual: [inner(), inner()],
    timeDistributed: [inner(), inner()],
    shared: [inner()],
    frozen: [inner()],
    from: ["a", inner()],
    bidirectional: [w.gru(2), w.gru(3)],
    withState: [w.lstm(2), { initialState: "a", finalCell: "b" }],
    // losses, metrics, optimizers, schedules, initializers, regularizers, constraints
    softmaxCrossEntropy: [{ classWeights: [1, 1] }],
    ctcDecode: [[0, 1, 1, 0], { shape: [2, 2], lengths: [2] }],
    ctcTargets: [[[1], [2, 1]], { lengths: [2, 3] }],
    confusionMatrix: [[0, 1], [1, 1], 2],
    rocCurve: [
      [0, 1],
      [0.2, 0.9],
    ],
    precisionRecallCurve: [
      [0, 1],
      [0.2, 0.9],
    ],
    classificationReport: [[0, 1], [1, 1], 2],
    stepDecay: [{ stepSize: 2 }],
    exponentialDecay: [{ gamma: 0.5 }],
    cosineDecay: [{ period: 2 }],
    cosineWarmRestarts: [{ period: 2 }],
    linearWarmup: [{ length: 2 }],
    scheduleSequence: [[w.linearWarmup({ length: 2 }), 2], w.stepDecay({ stepSize: 2 })],
    oneCycle: [{ length: 2 }],
    constant: [0.5],
    rbfNorm: [
      {
        centres: [
          [1, 2],
          [3, 4],
        ],
        gamma: 1,
        lambda: 0.1,
      },
    ],
    maxNorm: [2, { axis: [0, 1] }],
    unitNorm: [{ axis: [0] }],
    // training and looking into it
    activations: [model, x, ["Z1"], {}],
    Trainer: [
      model,
      {
        loss: w.softmaxCrossEntropy(),
        optimizer: w.sgd(),
        metrics: [w.accuracy()],
        schedule: w.cosineDecay({ period: 2 }),
      },
    ],
    trace: [trainer, x, y, { sampleWeights: [1, 1] }],
    explain: [w.trace(trainer, x, y)],
    gradCheck: [trainer, x, y, {}],
    customLayer: [
      { ...custom, outputShape: [2], parameters: { p: { shape: [2], initializer: w.ones() } }, saved: { s: 2 } },
    ],
    customLoss: [{ type: "own", compute: () => {} }],
    checkpoint: [{ write: async () => {}, latest: async () => undefined }, {}],
    customMetric: [{ name: "own", start: () => 0, add: () => 0, merge: () => 0, result: () => 0 }],
    customOptimizer: [{ type: "own", slots: { m: 0 }, update: () => {} }],
    lambda: [(row: Float32Array) => row, (dy: Float32Array) => dy, { values: branches, outputShape: [2] }],
    // files
    loadModel: [saved, {}],
    saveModel: [model, saved, {}],
    openSafetensors: [bytes],
    csvLogger: ["training.csv", { separator: ";" }],
    modelFromBytes: [bytes, {}],
    modelToBytes: [model, {}],
    exportModule: [model, { weights: "int8" }],
    fromOnnx: [onnx.toOnnx(model), {}],
    readSafetensors: [bytes, "model.safetensors"],
    readCheckpoint: [kept, "run.safetensors"],
    checkpoints: [runs, {}],
    stateDict: [model, { names: {}, prefix: "model." }],
    toOnnx: [model, { opset: 21, layout: "channelsFirst" }],
    loadStateDict: [model, { tensors: torch.stateDict(model) }, { strict: true }],
    writeSafetensors: [[["w", { shape: [2], data: new Float32Array(2) }]], { made: "by hand" }, {}],
    readCsv: [{ text: "a,b\n1,2\n" }, {}],
    readJsonLines: [{ text: '{ "a": 1 }' }, {}],
    readTable: [{ text: "a,b\n1,2\n" }, {}],
    readNpy: [NPY.int8],
    readNpz: [NPZ.savez],
    readIdxFile: [idx],
    toLayersModel: [model],
    fromLayersModel: [tfjs.toLayersModel(model).files, {}],
    readTorch: [archive(pickle(tensor()))],
    writeNpy: [{ shape: [2], data: new Float32Array(2) }],
    writeNpz: [{ w: { shape: [2], data: new Float32Array(2) } }, { compress: true }],
    table: [{ a: [1, 2], b: ["x", "y"] }, {}],
    split: [measured, { test: 1 }],
    kFold: [measured, 2, {}],
    evaluateClassification: [{ probabilities: [0.2, 0.9], labels: [0, 1], classes: ["a", "b"], costs: {} }],
    evaluateRegression: [{ predicted: [1, 2], actual: [1, 3], times: [0, 1] }],
    permutationImportance: [measured, ["size"], (some: data.Table) => some.rows, { repeats: 1 }],
    worstRows: [measured, { predicted: [1, 2, 3, 4], actual: [1, 2, 3, 5] }, 2],
    qualityReport: [measured, { target: "size", features: 2, parameters: 3 }],
    lag: [{ steps: [1, 7] }],
    window: [{ length: 3, of: ["mean", "max"] }],
    ordinal: [{ order: ["low", "high"] }],
    dateParts: [{ parts: ["month", "hour"] }],
    pipelineFromJSON: [JSON.parse(JSON.stringify(tableModel.pipeline))],
    trainTable: [homes, small],
    crossValidate: [homes, 2, small],
    tableModelToBytes: [tableModel, {}],
    tableModelFromBytes: [data.tableModelToBytes(tableModel), {}],
    readIdx: [idx, "labels"],
    mnist: [{}],
    imageFolder: ["test/data/pictures", {}],
    labelEncoder: [["dog", "cat"]],
    vocabulary: [["dog", "cat"], { by: "character", size: 6, marks: ["<end>"] }],
    gate: ["xor"],
    above: ["sine", {}],
    curve: ["sine", {}],
    // pages
    fromPixels: [{ data: new Uint8Array(16), width: 2, height: 2 }, { size: [1, 2] }],
    "web.loadModel": [new Blob([bytes]), {}],
    indexedDBCheckpoints: ["run", {}],
    // matrices
    init: [],
    matrix: [1, 2, [1, 2]],
    matmul: [matrix.matrix(1, 2, [1, 2]), matrix.matrix(2, 1, [1, 2]), {}],
    scale: [matrix.matrix(1, 2, [1, 2]), 2],
    transpose: [matrix.matrix(1, 2, [1, 2])],
    sum: [matrix.matrix(1, 2, [1, 2]), 0],
    // ranks
    localGroups: [2],
    mpi: [{}],
    // networks
    charRnn: [{ vocabulary: 3, units: [2] }],
    seq2seq: [{ sourceVocabulary: 3, targetVocabulary: 3, sourceSteps: 2, targetSteps: 2, units: 2 }],
    tinyTransformer: [{ vocabulary: 3 }],
    alexnet: [{ input: [67, 67, 3], width: 1 / 16 }],
    mlp: [{ hidden: [2] }],
  };
  /** What else messages begin with: the type of one's own layer, a file's name. */
  const NAMES: Readonly<Record<string, readonly string[]>> = {
    customLayer: ["own"],
    customLoss: ["own"],
    customMetric: ["own"],
    customOptimizer: ["own"],
    readSafetensors: ["model.safetensors"],
    readCheckpoint: ["run.safetensors", "text", "3", "readSafetensors"],
    loadModel: [saved],
    modelFromBytes: ["text", "3"],
    tableModelFromBytes: ["text", "3"],
    engine: ["backend"],
  };
  const MATRIX_ADD = [matrix.matrix(1, 2, [1, 2]), matrix.matrix(1, 2, [1, 2])];

  const HIDDEN = [
    // made by the library alone: their constructors are @internal, or take its message
    "wasmgrad.Trace",
    "wasmgrad.NonFiniteError",
    // they need a page: test/web
    "web.saveModel",
    "web.removeModel",
    "web.defineElements",
  ];
  for (const [entry, exports] of Object.entries(ENTRIES)) {
    for (const [name, value] of Object.entries(exports) as [string, unknown][]) {
      if (typeof value !== "function" || HIDDEN.includes(`${entry}.${name}`)) continue;
      const args =
        entry === "matrix" && name === "add" ? MATRIX_ADD : (ARGUMENTS[`${entry}.${name}`] ?? ARGUMENTS[name] ?? []);
      const isClass = /^class\b/.test(Function.prototype.toString.call(value));
      const call = isClass ? (...all: unknown[]) => Reflect.construct(value, all) as object : value;
      add(`${entry}.${name}`, call, args, ...(NAMES[name] ?? []));
    }
  }

  // each call needs the forward pass of a model that nothing else uses
  const another = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
  another.forward(x);

  /** The objects that users call methods of, and the arguments of their methods. */
  const OBJECTS: Readonly<Record<string, readonly [object, Readonly<Record<string, readonly unknown[]>>]>> = {
    Model: [
      model,
      {
        predict: [x],
        predictAsync: [x, {}],
        probabilities: [x],
        classify: [x],
        classifyAsync: [x, {}],
        forward: [x],
        backward: [new Float32Array(6)],
      },
    ],
    Trainer: [
      trainer,
      {
        fit: [
          { x, y },
          { callbacks: [{}], progress: false },
        ],
        evaluate: [{ x, y }, {}],
        step: [x, y, { sampleWeights: [1, 1] }],
        restore: [trainer.state()],
      },
    ],
    Parameter: [model.parameters()[0]!, { set: [new Float32Array(6)], setGradient: [new Float32Array(6)] }],
    Trace: [w.trace(trainer, x, y), { get: ["loss"] }],
    Summary: [model.summary(), {}],
    labelEncoder: [datasets.labelEncoder(["a", "b"]), { encode: [["a"]], decode: [[0]] }],
    vocabulary: [
      datasets.vocabulary(["ab"]),
      {
        split: ["ab"],
        indexOf: ["a"],
        encode: ["ab", { length: 3, padding: "after", truncation: "after" }],
        decode: [[2, 3]],
      },
    ],
    checkpoints: [{ write, latest, best }, { write: [kept, counts] }],
    inputs: [starts, { join: [{ a: x, b: [[[1, 2]], [[3, 4]]] }], split: [new Float32Array(8)] }],
    outputs: [
      ends,
      {
        layer: [{ a: w.dense(1), b: [w.dense(3), w.tanh()] }],
        targets: [{ a: [1, 2], b: [0, 1] }],
        split: [new Float32Array(8)],
      },
    ],
  };
  for (const [kind, [object, args]] of Object.entries(OBJECTS)) {
    for (const name of methodsOf(object)) {
      const call = (...all: unknown[]): unknown =>
        ((name === "backward" ? another : object) as Record<string, (...a: unknown[]) => unknown>)[name]!(...all);
      if (INTERNAL.includes(name)) continue;
      add(
        `${kind}.${name}`,
        call,
        Object.hasOwn(args, name) ? args[name]! : [],
        `${kind}.${name}`,
        "checkpoints",
        "head.weight",
        "trace",
      );
    }
  }
  // it changes what models are made of from then on
  const useCore = calls.get("wasmgrad.useCore")!;
  calls.delete("wasmgrad.useCore");
  calls.set("wasmgrad.useCore", useCore);
  const state = (): string =>
    `${model.fingerprint()} ${trainer.updates} ${trainer.epochs} ${model.passes} ${model.inTraining}`;
  return { calls, state, written: [saved, runs, "text", "3"] };
}

/** Methods that users don't see: the declarations leave them out (`@internal`). */
const INTERNAL = ["gradientOffset", "checkRules", "checkBatch", "loadRows"];

/** The names of the functions of an object: its own, and its class's. */
function methodsOf(object: object): string[] {
  const own = Object.keys(object);
  const proto = Object.getPrototypeOf(object) as object;
  const inherited = proto === Object.prototype ? [] : Object.getOwnPropertyNames(proto);
  return [...own, ...inherited].filter(
    (name) =>
      name !== "constructor" &&
      typeof Object.getOwnPropertyDescriptor(own.includes(name) ? object : proto, name)?.value === "function",
  );
}
