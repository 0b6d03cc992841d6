// Models to files and back: the same bits, and refusals that say what is wrong with a file.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type FileError,
  loadModel,
  modelFromBytes,
  modelToBytes,
  readSafetensors,
  saveModel,
  writeSafetensors,
} from "../../src/files.ts";
import * as activations from "../../src/nn/activations/index.ts";
import * as w from "../../src/index.ts";
import * as initializers from "../../src/nn/initializers/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import * as regularizers from "../../src/nn/regularizers/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "wasmgrad-"))));
afterAll(() => rm(directory, { recursive: true }));

/** Every layer and activation, with options that aren't the default. */
async function large(): Promise<w.Model> {
  return w.sequential(
    { input: [4, 3], seed: 11 },
    w.dense(5, {
      name: "first",
      kernelInitializer: w.uniform({ low: -0.2, high: 0.3 }),
      kernelRegularizer: w.l2(0.01),
    }),
    w.leakyRelu({ slope: 0.3 }),
    w.dense(5, { biasInitializer: w.constant(0.125), biasRegularizer: w.l1(0.002) }),
    w.elu({ alpha: 0.7 }),
    w.gelu({ approximate: "tanh", name: "middle" }),
    w.dense(4, { useBias: false, kernelInitializer: w.orthogonal({ gain: 0.9 }) }),
    w.hardSigmoid({ slope: 0.2, offset: 0.4 }),
    w.hardSwish(),
    w.celu({ alpha: 0.6 }),
    w.clip({ low: -2 }),
    w.clip(-1, 1.5),
    w.shrink({ threshold: 0.01, bias: 0.005 }),
    w.thresholdedRelu({ threshold: -0.5 }),
    w.mish(),
    w.relu(),
    w.relu6(),
    w.selu({ alpha: 1.5, scale: 1.1 }),
    w.sigmoid(),
    w.silu(),
    w.softplus(),
    w.softsign(),
    w.tanh(),
    w.reshape([2, 8]),
    w.softmax(),
    w.flatten(),
    w.dropout(0.25),
    w.dense(6, { kernelInitializer: w.normal({ mean: 0.1, deviation: 0.2 }) }),
    w.logSoftmax(),
  );
}

describe("there and back", () => {
  test("every bit, every name and every option", async () => {
    const model = await large();
    const again = await modelFromBytes(modelToBytes(model));
    expect(again.fingerprint()).toBe(model.fingerprint());
    expect([again.inputShape, again.outputShape, again.seed]).toEqual([[4, 3], [6], 11]);
    const described = ({ nodes }: w.Model): unknown =>
      nodes.map(({ name, layer, input, output, outputName }) => ({
        name,
        type: layer.type,
        options: JSON.parse(JSON.stringify(layer.options)) as unknown,
        input,
        output,
        outputName,
      }));
    expect(described(again)).toEqual(described(model));
    expect(String(again.summary())).toBe(String(model.summary()));
    expect(again.parameters().map((p) => [p.name, p.shape])).toEqual(model.parameters().map((p) => [p.name, p.shape]));
    const x = normal(300 * 12, { seed: 1 });
    expectSameBits(again.predict(x), model.predict(x));
    expect(modelToBytes(again)).toEqual(modelToBytes(model));
  });

  test("training goes on with the same bits: penalties, dropout and the order of rows are kept", async () => {
    const model = await large();
    const again = await modelFromBytes(modelToBytes(model));
    const data = { x: normal(20 * 12, { seed: 2 }), y: Int32Array.from({ length: 20 }, (_, i) => i % 6) };
    const histories = [];
    for (const m of [model, again]) {
      const trainer = new w.Trainer(m, { loss: w.negativeLogLikelihood(), optimizer: w.adam() });
      histories.push(await trainer.fit(data, { epochs: 3, batchSize: 6 }));
    }
    expect(histories[1]).toEqual(histories[0]);
    expect(again.fingerprint()).toBe(model.fingerprint());
  });

  test("weights come from the file, not from the initializers", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(2));
    model.parameters()[0]!.set([1, 2, 3, 4, 5, 6]);
    const again = await modelFromBytes(modelToBytes(model));
    expect([...again.parameters()[0]!.get()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...again.predict([[1, 0, 0]])]).toEqual([1, 2]);
  });

  for (const [loss, outputs] of [
    [w.softmaxCrossEntropy(), 3],
    [w.binaryCrossEntropyWithLogits(), 1],
    [w.hinge(), 1],
    [w.meanSquaredError(), 1],
  ] as const) {
    test(`probabilities and classes agree after ${loss.type}`, async () => {
      const model = await w.sequential({ input: 4, seed: 2 }, w.dense(outputs));
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
      const again = await modelFromBytes(modelToBytes(trainer.model));
      const x = normal(80, { seed: 3 });
      expectSameBits(again.probabilities(x), model.probabilities(x));
      expect(again.classify(x)).toEqual(model.classify(x));
      expect(new Set(again.classify(x)).size).toBe(outputs === 3 ? 3 : 2);
    });
  }

  test("a model that was never trained has no link", async () => {
    const model = await w.sequential({ input: 4, seed: 2 }, w.dense(3));
    const again = await modelFromBytes(modelToBytes(model));
    const x = normal(8, { seed: 3 });
    expectSameBits(again.probabilities(x), model.predict(x));
  });

  test("into the memory of another model", async () => {
    const [a, b] = [await large(), await w.sequential({ input: 1 }, w.dense(1))];
    const again = await modelFromBytes(modelToBytes(a), { core: b.core });
    expect(again.core).toBe(b.core);
    expect(again.fingerprint()).toBe(a.fingerprint());
  });

  test("to work on several threads", async () => {
    const model = await large();
    const again = await modelFromBytes(modelToBytes(model), { threads: 2 });
    expect(w.backend(again).threads).toBe(2);
    expect(again.fingerprint()).toBe(model.fingerprint());
  });

  test("through a file", async () => {
    const model = await large();
    const path = join(directory, "model.safetensors");
    await saveModel(model, path);
    expect(new Uint8Array(await readFile(path))).toEqual(modelToBytes(model));
    expect((await loadModel(path)).fingerprint()).toBe(model.fingerprint());
  });
});

describe("the file", () => {
  test("is a safetensors file with weights [inputs, outputs] under their names", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(2), w.relu(), w.dense(4, { name: "head", useBias: false }));
    const { tensors, metadata } = readSafetensors(modelToBytes(model), "f");
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ["dense1.weight", [3, 2]],
      ["dense1.bias", [2]],
      ["head.weight", [2, 4]],
    ]);
    for (const p of model.parameters()) expect(tensors.get(p.name)!.data).toEqual(p.get());
    expect([metadata["format"], metadata["version"]]).toEqual(["wasmgrad", "1"]);
  });

  test("isn't made of a model whose parameters are not finite", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(2), w.relu(), w.dense(4, { name: "head" }));
    const before = modelToBytes(model);
    const path = join(directory, "broken.safetensors");
    for (const { name, size, address } of model.run.parameters) {
      const at = address / 4 + size - 1;
      for (const value of [NaN, Infinity, -Infinity]) {
        const good = model.core.arena.f32[at]!;
        model.core.arena.f32[at] = value;
        const message = `modelToBytes: parameters must be finite numbers, but value ${size - 1} of ${name} is ${value}`;
        await expectRefusal(() => modelToBytes(model), Error, message);
        await expectRefusal(() => saveModel(model, path), Error, message);
        await expectRefusal(() => readFile(path), Error, /^ENOENT/);
        model.core.arena.f32[at] = good;
      }
    }
    expect(modelToBytes(model)).toEqual(before);
  });

  test("doesn't depend on when or where it was written", async () => {
    expect(modelToBytes(await large())).toEqual(modelToBytes(await large()));
  });
});

/** A model's file with its metadata or tensors changed. */
async function changed(
  change: (parts: {
    tensors: Map<string, { shape: readonly number[]; data: Float32Array }>;
    metadata: Record<string, string>;
    architecture: { layers: { type: string; name: string; options: Record<string, unknown> }[] };
  }) => void,
): Promise<Uint8Array> {
  const model = await w.sequential(
    { input: 2 },
    w.dense(3, { kernelInitializer: w.heNormal(), kernelRegularizer: w.l2(0.1) }),
    w.relu(),
    w.dense(1, { name: "head" }),
  );
  const file = readSafetensors(modelToBytes(model), "f");
  const metadata = { ...file.metadata };
  const architecture = JSON.parse(metadata["model"]!) as Parameters<typeof change>[0]["architecture"];
  const tensors = new Map(file.tensors) as Parameters<typeof change>[0]["tensors"];
  const text = metadata["model"]!;
  change({ tensors, metadata, architecture });
  if (metadata["model"] === text) metadata["model"] = JSON.stringify(architecture);
  return writeSafetensors(tensors, metadata);
}

const load = (change: Parameters<typeof changed>[0]) => async (): Promise<w.Model> =>
  modelFromBytes(await changed(change), { name: "digits.safetensors" });

const COMPOSITES =
  "add average bidirectional chain concat cut divide dot from matmul maximum multiply outputs residual subtract timeDistributed withState".split(
    " ",
  );

describe("a file that can't be used", () => {
  const layer = (i: number, type: string): (() => Promise<w.Model>) =>
    load(({ architecture }) => void (architecture.layers[i]!.type = type));
  const initializer = (name: unknown): (() => Promise<w.Model>) =>
    load(
      ({ architecture }) =>
        void (architecture.layers[0]!.options["kernelInitializer"] = { initializer: name, options: {} }),
    );
  const regularizer = (name: string): (() => Promise<w.Model>) =>
    load(
      ({ architecture }) =>
        void (architecture.layers[0]!.options["kernelRegularizer"] = { regularizer: name, options: {} }),
    );

  test("unchanged it can be", async () => {
    expect((await load(() => {})()).outputShape).toEqual([1]);
  });

  /** What is said of a layer whose name the library doesn't know: it may be one of the user's. */
  const OWN =
    ". A layer of your own can't be made from a file: build the model in code, and copy the weights with " +
    "copyWeights(readSafetensors(bytes), model)";

  /** The start of the message; all known names come after it. */
  const knownAfter = (start: string): RegExp => {
    const escaped = (text: string): string => text.replaceAll(/[.?()]/g, "\\$&");
    const end = start.includes("unknown layer") ? escaped(OWN) : "";
    return new RegExp(`^digits\\.safetensors: ${escaped(start)} Known: \\w+(, \\w+)+${end}$`);
  };

  test("an unknown name is answered with all that are known", async () => {
    const namesOf = async (call: () => Promise<w.Model>): Promise<string[]> =>
      call().then(
        () => [],
        (error: Error) => error.message.split("Known: ")[1]!.split(". ")[0]!.split(", ").toSorted(),
      );
    expect(await namesOf(layer(0, "?"))).toEqual(
      [...Object.keys(layers), ...Object.keys(activations), ...COMPOSITES].toSorted(),
    );
    expect(await namesOf(initializer("?"))).toEqual(Object.keys(initializers).toSorted());
    expect(await namesOf(regularizer("?"))).toEqual(Object.keys(regularizers).toSorted());
  });

  refuses([
    [layer(1, "Relu"), Error, knownAfter('layer 2: unknown layer "Relu"; did you mean "relu"?')],
    [layer(0, "Linear"), Error, knownAfter('layer 1: unknown layer "Linear"; did you mean "dense"?')],
    [layer(0, "nn.Linear"), Error, knownAfter('layer 1: unknown layer "nn.Linear"; did you mean "dense"?')],
    [layer(1, "swish"), Error, knownAfter('layer 2: unknown layer "swish"; did you mean "silu"?')],
    [layer(1, "LeakyReLU"), Error, knownAfter('layer 2: unknown layer "LeakyReLU"; did you mean "leakyRelu"?')],
    [layer(1, "MaxPooling2D"), Error, knownAfter('layer 2: unknown layer "MaxPooling2D"; did you mean "maxPool2d"?')],
    [layer(1, "quantumFoam"), Error, knownAfter('layer 2: unknown layer "quantumFoam".')],
    [initializer(5), Error, knownAfter('layer 1: unknown initializer "5".')],
    [initializer(null), Error, knownAfter('layer 1: unknown initializer "null".')],
    [
      load(({ metadata }) => {
        metadata["model"] = JSON.stringify({ input: [1], seed: 0, link: "nonsense", layers: [] });
      }),
      RangeError,
      'digits.safetensors: link must be one of identity, sigmoid, softmax, exp, sign, got "nonsense"',
    ],
    [
      initializer("xavier_uniform"),
      Error,
      knownAfter('layer 1: unknown initializer "xavier_uniform"; did you mean "glorotUniform"?'),
    ],
    [
      initializer("kaiming_normal"),
      Error,
      knownAfter('layer 1: unknown initializer "kaiming_normal"; did you mean "heNormal"?'),
    ],
    [
      initializer("glorotUnifrom"),
      Error,
      knownAfter('layer 1: unknown initializer "glorotUnifrom"; did you mean "glorotUniform"?'),
    ],
    [
      regularizer("ridge"),
      Error,
      'digits.safetensors: layer 1: unknown regularizer "ridge"; did you mean "l2"? Known: l1, l2, rbfNorm',
    ],
    [
      regularizer("L1"),
      Error,
      'digits.safetensors: layer 1: unknown regularizer "L1"; did you mean "l1"? Known: l1, l2, rbfNorm',
    ],
    [
      load(({ tensors }) => void tensors.delete("dense1.bias")),
      Error,
      "digits.safetensors: parameter dense1.bias is missing; the file has dense1.weight, head.weight, head.bias",
    ],
    [
      load(({ tensors }) => void tensors.set("extra", { shape: [1], data: Float32Array.of(1) })),
      Error,
      "digits.safetensors: the architecture has no parameter extra",
    ],
    [
      load(({ tensors }) => void tensors.set("head.weight", { shape: [1, 3], data: new Float32Array(3) })),
      Error,
      "digits.safetensors: head.weight is 1x3, but the architecture needs 3x1",
    ],
    [
      load(({ metadata }) => void (metadata["version"] = "7")),
      Error,
      'digits.safetensors: written in version "7" of the format; this wasmgrad reads version 1',
    ],
    [
      load(({ metadata }) => void (metadata["version"] = "undefined")),
      Error,
      'digits.safetensors: written in version "undefined" of the format; this wasmgrad reads version 1',
    ],
    [
      load(({ metadata }) => void delete (metadata as { version?: string }).version),
      Error,
      "digits.safetensors: written in an unnamed version of the format; this wasmgrad reads version 1",
    ],
    [
      load(({ metadata }) => void (metadata["format"] = "pt")),
      Error,
      "digits.safetensors: a safetensors file, but not a model of wasmgrad; its metadata has no architecture",
    ],
    [
      load(({ metadata }) => void (metadata["model"] = "{")),
      Error,
      "digits.safetensors: the architecture in the metadata is not JSON",
    ],
    [
      async () => modelFromBytes(writeSafetensors([["x", { shape: [1], data: Float32Array.of(1) }]])),
      Error,
      "modelFromBytes: a safetensors file, but not a model of wasmgrad; its metadata has no architecture",
    ],
    [
      async () => modelFromBytes(new TextEncoder().encode("not a model at all")),
      Error,
      /^modelFromBytes: not a safetensors file; its header would have \d+ bytes$/,
    ],
  ]);

  test("each error of the file's content is a FileError, an option's isn't", async () => {
    const other = writeSafetensors([["x", { shape: [1], data: Float32Array.of(1) }]]);
    const reasonOf = async (call: () => Promise<unknown>): Promise<unknown> => {
      const { name, offset, reason, message } = (await call().catch((error: unknown) => error)) as FileError;
      expect(message.endsWith(`: ${reason}`)).toBe(true);
      return { name, offset, reason };
    };
    expect(await reasonOf(() => modelFromBytes(other))).toEqual({
      name: "FileError",
      offset: 0,
      reason: "a safetensors file, but not a model of wasmgrad; its metadata has no architecture",
    });
    const bad = [
      load(({ metadata }) => void (metadata["version"] = "7")),
      load(({ metadata }) => void (metadata["model"] = '{"layers":[],"input":[1],"seed":0,"link":"odd"}')),
      load(({ metadata }) => void (metadata["model"] = '{"layers":[],"input":[1],"seed":0}')),
      load(({ metadata }) => void (metadata["model"] = '{"layers":[null],"input":[1],"seed":0}')),
      load(({ tensors }) => void tensors.delete("dense1.bias")),
      layer(1, "Relu"),
    ];
    for (const call of bad) expect(await reasonOf(call)).toMatchObject({ name: "FileError", offset: 0 });
    const good = modelToBytes(await w.sequential({ input: 2 }, w.dense(1)));
    await expect(modelFromBytes(good, { threads: -1 })).rejects.not.toHaveProperty("offset");
  });

  /** Another architecture's text in the metadata. */
  const text = (architecture: unknown): (() => Promise<w.Model>) =>
    load(({ metadata }) => void (metadata["model"] = JSON.stringify(architecture)));
  const stack = (...all: unknown[]): (() => Promise<w.Model>) => text({ input: [2], seed: 0, layers: all });
  const incomplete = (place: number): string =>
    `digits.safetensors: layer ${place} of the architecture must have a type, a name and options`;
  const relu = { type: "relu", name: "relu1", options: {} };
  test("an architecture without layers", async () => {
    for (const architecture of [{}, null, [], 3, "layers", { layers: null }, { layers: {} }, { layers: "relu" }]) {
      const message = "digits.safetensors: the architecture in the metadata has no layers";
      await expectRefusal(text(architecture), Error, message);
    }
  });

  describe("architectures", () =>
    refuses([
      [stack(null), Error, incomplete(1)],
      [stack(relu, "relu"), Error, incomplete(2)],
      [stack({ ...relu, type: 3 }), Error, incomplete(1)],
      [stack(relu, relu, { ...relu, name: undefined }), Error, incomplete(3)],
      [stack({ ...relu, options: null }), Error, incomplete(1)],
      [stack(), Error, "digits.safetensors: sequential: at least one layer is needed, got none"],
      [
        text({ seed: 0, layers: [relu] }),
        Error,
        "digits.safetensors: sequential: input must be a number or the sizes of a row's axes, got undefined",
      ],
      [
        text({ input: [2, 0], layers: [relu] }),
        Error,
        "digits.safetensors: sequential: input[1] must be a whole number of 1 or more, got 0",
      ],
      [
        text({ input: [2], seed: -1, layers: [relu] }),
        Error,
        "digits.safetensors: sequential: seed must be a whole number from 0 to 2^53 - 1, got -1",
      ],
      [stack(relu, relu), Error, 'digits.safetensors: sequential: two layers are called "relu1"; names must differ'],
      [
        stack(relu, { type: "toString", name: "a", options: {} }),
        Error,
        /^digits\.safetensors: layer 2: unknown layer "toString"\. Known: /,
      ],
      [
        stack({ type: "__proto__", name: "a", options: {} }),
        Error,
        /^digits\.safetensors: layer 1: unknown layer "__proto__"\. Known: /,
      ],
    ]));

  describe("what layers say, with the file's name and the layer's place", () =>
    refuses([
      [
        stack({ type: "dense", name: "a", options: { units: 0 } }),
        Error,
        "digits.safetensors: layer 1: dense: units must be a whole number of 1 or more, got 0",
      ],
      [
        stack(relu, { type: "dense", name: "a", options: {} }),
        Error,
        "digits.safetensors: layer 2: dense: units must be a whole number of 1 or more, got undefined",
      ],
      [
        stack({ type: "dense", name: "a", options: { units: 1, useBiases: false } }),
        Error,
        'digits.safetensors: layer 1: dense: unknown option "useBiases". Known: units, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, trainable, name',
      ],
      [
        stack({ ...relu, options: { slope: 0.1 } }),
        Error,
        'digits.safetensors: layer 1: relu: unknown option "slope". Known: name',
      ],
      [
        stack({ type: "dropout", name: "a", options: { rate: 1 } }),
        Error,
        "digits.safetensors: layer 1: dropout: rate must be from 0 up to but not including 1, got 1",
      ],
      [
        stack({ type: "reshape", name: "a", options: { shape: [] } }),
        Error,
        "digits.safetensors: layer 1: reshape: shape must be a number or the sizes of a row's axes, got an array of 0",
      ],
      [
        stack(relu, { type: "reshape", name: "a", options: { shape: [3, 5] } }),
        Error,
        'digits.safetensors: reshape (layer 2, "a"): a row of 2 has 2 numbers, but 3x5 takes 15',
      ],
      [
        stack({ type: "dense", name: "a", options: { units: 1, kernelInitializer: "zeros" } }),
        Error,
        'digits.safetensors: layer 1: dense: kernelInitializer must be an initializer such as heNormal(), got the string "zeros"',
      ],
      [
        stack({ type: "dense", name: "a", options: { units: 1, kernelInitializer: {} } }),
        Error,
        "digits.safetensors: layer 1: dense: kernelInitializer must be an initializer such as heNormal(), got an object (Object)",
      ],
      [
        stack({
          type: "dense",
          name: "a",
          options: { units: 1, kernelInitializer: { initializer: "normal", options: { deviation: -1 } } },
        }),
        Error,
        "digits.safetensors: layer 1: normal: deviation must be above 0, got -1",
      ],
      [
        stack({
          type: "dense",
          name: "a",
          options: { units: 1, biasRegularizer: { regularizer: "l2", options: { lambda: "1" } } },
        }),
        Error,
        'digits.safetensors: layer 1: l2: lambda must be 0 or more, got "1"',
      ],
      [
        stack({
          type: "dense",
          name: "a",
          options: { units: 1, biasInitializer: { initializer: "orthogonal", options: {} } },
        }),
        Error,
        "digits.safetensors: orthogonal: the parameter must have two axes or more, got 1",
      ],
      [
        load(({ tensors }) => void (tensors.get("head.bias")!.data[0] = NaN)),
        Error,
        "digits.safetensors: head.bias: value 0 must be a finite number, got NaN",
      ],
      [
        load(({ tensors }) => void (tensors.get("dense1.weight")!.data[4] = -Infinity)),
        Error,
        "digits.safetensors: dense1.weight: value 4 must be a finite number, got -Infinity",
      ],
    ]));

  test("through a file, its path is the name", async () => {
    const path = join(directory, "odd.safetensors");
    await writeFile(path, await changed(({ architecture }) => void (architecture.layers[0]!.options["units"] = 1.5)));
    const message = `${path}: layer 1: dense: units must be a whole number of 1 or more, got 1.5`;
    await expectRefusal(() => loadModel(path), Error, message);
  });

  test("what is wrong is the cause of the error", async () => {
    const call = stack({ type: "dropout", name: "a", options: { rate: "half" } });
    const error = await call().catch((thrown: unknown) => thrown as Error);
    const messages: string[] = [];
    for (let at: unknown = error; at instanceof Error; at = at.cause) messages.push(at.message);
    const plain = 'dropout: rate must be from 0 up to but not including 1, got "half"';
    expect(messages).toEqual([`digits.safetensors: layer 1: ${plain}`, `layer 1: ${plain}`, plain]);
  });

  describe("what modelFromBytes is given", () => {
    const bytesText = "modelFromBytes: bytes must be a Uint8Array, got";
    const given =
      (bytes: unknown): (() => unknown) =>
      () =>
        modelFromBytes(bytes as Uint8Array);
    const options =
      (value: unknown): (() => unknown) =>
      async () =>
        modelFromBytes(await changed(() => {}), value as { name?: string });
    refuses([
      [given("model.safetensors"), TypeError, `${bytesText} the string "model.safetensors"`],
      [given(null), TypeError, `${bytesText} null`],
      [given(undefined), TypeError, `${bytesText} undefined`],
      [given(new ArrayBuffer(8)), TypeError, `${bytesText} an object (ArrayBuffer); new Uint8Array(buffer) makes one`],
      [given([1, 2, 3]), TypeError, `${bytesText} an array of 3`],
      [given(new Float32Array(8)), TypeError, `${bytesText} a Float32Array of 8`],
      [given(Promise.resolve(new Uint8Array(8))), TypeError, `${bytesText} a promise; did you forget await?`],
      [
        () => modelFromBytes("x" as never, { name: "digits.safetensors" }),
        TypeError,
        'digits.safetensors: bytes must be a Uint8Array, got the string "x"',
      ],
      [
        options({ file: "f" }),
        TypeError,
        'modelFromBytes: unknown option "file". Known: name, core, threads, createWorker',
      ],
      [
        options({ Name: "f" }),
        TypeError,
        'modelFromBytes: unknown option "Name"; did you mean "name"? Known: name, core, threads, createWorker',
      ],
      [options("f"), TypeError, 'modelFromBytes: options must be an object, got the string "f"'],
      [options(null), TypeError, "modelFromBytes: options must be an object, got null"],
      [
        options({ name: "f", core: "core.wasm" }),
        Error,
        'f: sequential: core must be another model\'s core, got the string "core.wasm"',
      ],
    ]);
  });

  test("cut short, at any place", async () => {
    const file = await changed(() => {});
    for (let length = 0; length < file.length; length += length < 16 ? 1 : 13) {
      const call = (): Promise<w.Model> => modelFromBytes(file.slice(0, length), { name: "part" });
      await expectRefusal(call, Error, /^part: (cut short; |not a safetensors file; it has \d bytes)/);
    }
  });

  test("a file that isn't there, with the system's code", async () => {
    const path = join(directory, "missing.safetensors");
    await expectRefusal(() => loadModel(path), Error, `loadModel: ${path} could not be read (ENOENT)`);
    await expectRefusal(() => loadModel(directory), Error, `loadModel: ${directory} could not be read (EISDIR)`);
  });

  test("a file of another kind, with its name", async () => {
    const path = join(directory, "note.txt");
    await writeFile(path, "hello");
    const message = `${path}: not a safetensors file; it has 5 bytes, and the header's length alone takes 8`;
    await expectRefusal(() => loadModel(path), Error, message);
  });

  test("in a shared memory it leaves nothing behind", async () => {
    const { core } = await w.sequential({ input: 1 }, w.dense(1));
    const { used } = core.arena;
    const bytes = await changed(({ metadata }) => void (metadata["version"] = "7"));
    await expectRefusal(() => modelFromBytes(bytes, { core }), Error, /version "7"/);
    expect(core.arena.used).toBe(used);
  });
});
