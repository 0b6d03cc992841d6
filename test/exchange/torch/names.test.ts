// A model's parameters by PyTorch's names and in its layouts: 17 networks, both ways and of every type, compared by their outputs.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNpz, writeNpz } from "../../../src/data.ts";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { loadStateDict, readTorch, stateDict } from "../../../src/torch.ts";
import { expectRefusal, refuses } from "../../support/refusals.ts";
import { needsTorch, PYTHON, skipsTorch } from "../../support/torch.ts";

/** What each network of names.py is here, and its modules by our layers. */
interface Network {
  readonly make: () => Promise<w.Model>;
  readonly names: Readonly<Record<string, string>>;
}

const NETWORKS: Readonly<Record<string, Network>> = {
  mlp: {
    make: () => w.sequential({ input: 4 }, w.dense(8), w.relu(), w.dense(3), w.layerNorm()),
    names: { dense1: "0", dense2: "2", layerNorm1: "3" },
  },
  lenet: {
    make: () =>
      w.sequential(
        { input: [12, 10, 1] },
        w.conv2d(6, { kernelSize: 3 }),
        w.tanh(),
        w.avgPool2d(2),
        w.conv2d(8, { kernelSize: 3, groups: 2 }),
        w.flatten(),
        w.dropout(0.1),
        w.dense(10),
      ),
    names: { conv2d1: "0", conv2d2: "3", dense1: "6" },
  },
  residual: {
    make: () =>
      w.sequential(
        { input: [4, 5, 3] },
        w.residual(
          w.conv2d(4, { kernelSize: 3, padding: "same", useBias: false, name: "conv1" }),
          w.batchNorm({ name: "bn1" }),
          w.relu(),
          w.conv2d(3, { kernelSize: 3, padding: "same", name: "conv2" }),
          w.batchNorm({ name: "bn2" }),
        ),
        w.relu(),
        w.flatten(),
        w.dense(2, { name: "fc" }),
      ),
    names: {},
  },
  rnn: {
    make: () => w.sequential({ input: [5, 3] }, w.simpleRnn(4, { name: "rnn" }), w.dense(2, { name: "head" })),
    names: {},
  },
  gru: {
    make: () => w.sequential({ input: [5, 3] }, w.gru(4, { name: "rnn" }), w.dense(2, { name: "head" })),
    names: {},
  },
  lstm: {
    make: () =>
      w.sequential(
        { input: [5, 3] },
        w.bidirectional(w.lstm(4, { returnSequences: true })),
        w.bidirectional(w.lstm(4, { returnSequences: true })),
        w.dense(2, { name: "head" }),
      ),
    names: { lstm1: "rnn", lstm2: "rnn_l0_reverse", lstm3: "rnn_l1", lstm4: "rnn_l1_reverse" },
  },
  encoder: {
    make: () =>
      w.sequential(
        { input: [5, 8] },
        w.residual(w.selfAttention({ heads: 2, name: "layer.self_attn" })),
        w.layerNorm({ name: "layer.norm1" }),
        w.residual(w.dense(16, { name: "layer.linear1" }), w.relu(), w.dense(8, { name: "layer.linear2" })),
        w.layerNorm({ name: "layer.norm2" }),
      ),
    names: {},
  },
  words: {
    make: () =>
      w.sequential(
        { input: 5 },
        w.embedding(11, 6, { name: "embedding" }),
        w.tiedDense({ to: "embedding", name: "head" }),
      ),
    names: {},
  },
  decoder: {
    make: () =>
      w.sequential(
        { input: 4 },
        w.dense(60),
        w.batchNorm(),
        w.relu(),
        w.reshape([4, 5, 3]),
        w.conv2dTranspose(2, { kernelSize: 3, strides: 2 }),
      ),
    names: { dense1: "0", batchNorm1: "1", conv2dTranspose1: "4" },
  },
  resnet: {
    make: () =>
      w.sequential(
        { input: [12, 12, 3] },
        w.conv2d(4, { kernelSize: 3, padding: "same", name: "0" }),
        w.relu(),
        w.maxPool2d(3, { strides: 2, padding: [1, 1, 1, 1] }),
        w.add([
          [
            w.conv2d(6, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1], useBias: false, name: "3.conv1" }),
            w.batchNorm({ name: "3.bn1" }),
            w.relu(),
            w.conv2d(6, { kernelSize: 3, padding: "same", useBias: false, name: "3.conv2" }),
            w.batchNorm({ name: "3.bn2" }),
          ],
          [
            w.conv2d(6, { kernelSize: 1, strides: 2, useBias: false, name: "3.downsample.0" }),
            w.batchNorm({ name: "3.downsample.1" }),
          ],
        ]),
        w.relu(),
        w.globalAvgPool2d(),
        w.dense(2, { name: "6" }),
      ),
    names: {},
  },
  autoencoder: {
    make: () =>
      w.sequential(
        { input: [8, 8, 1] },
        w.conv2d(4, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1], name: "0" }),
        w.relu(),
        w.conv2dTranspose(1, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1], outputPadding: 1, name: "2" }),
        w.sigmoid(),
      ),
    names: {},
  },
  encoders: {
    make: () => {
      const layer = (name: string): w.Layer[] => [
        w.residual(w.layerNorm({ name: `${name}.norm1` }), w.selfAttention({ heads: 2, name: `${name}.self_attn` })),
        w.residual(
          w.layerNorm({ name: `${name}.norm2` }),
          w.dense(16, { name: `${name}.linear1` }),
          w.relu(),
          w.dense(8, { name: `${name}.linear2` }),
        ),
      ];
      return w.sequential({ input: [5, 8] }, ...layer("layers.0"), ...layer("layers.1"), w.layerNorm({ name: "norm" }));
    },
    names: {},
  },
  bag: {
    make: () =>
      w.sequential(
        { input: 5 },
        w.embedding(11, 6, { name: "bag" }),
        w.globalAvgPool1d(),
        w.dense(3, { name: "head" }),
      ),
    names: {},
  },
  depthwise: {
    make: () =>
      w.sequential(
        { input: [6, 5, 3] },
        w.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, name: "depthwise" }),
        w.conv2d(2, { kernelSize: 1, name: "pointwise" }),
      ),
    names: {},
  },
  separable: {
    make: () => w.sequential({ input: [6, 5, 3] }, w.separableConv2d(4, { kernelSize: 2, depthMultiplier: 2 })),
    names: { separableConv2d1: "" },
  },
  sequences: {
    make: () =>
      w.sequential(
        { input: [5, 3] },
        w.conv1d(4, { kernelSize: 2 }),
        w.prelu(),
        w.conv1dTranspose(5, { kernelSize: 2 }),
        w.batchNorm(),
        w.flatten(),
        w.batchNorm(),
        w.dense(2),
      ),
    names: { conv1d1: "body.0", prelu1: "body.1", conv1dTranspose1: "body.2", batchNorm1: "body.3", batchNorm2: "fc.1", dense1: "fc.2" }, // prettier-ignore
  },
  groups: {
    make: () =>
      w.sequential(
        { input: [5, 6, 4] },
        w.groupNorm({ groups: 2, name: "0" }),
        w.instanceNorm({ name: "1" }),
        w.conv2d(8, { kernelSize: 2, groups: 4, name: "2" }),
      ),
    names: {},
  },
};

describe.skipIf(skipsTorch)(`networks of PyTorch${needsTorch}`, () => {
  let folder: string;
  const python = (todo: string): Record<string, number> =>
    JSON.parse(execFileSync(PYTHON, [join(import.meta.dirname, "names.py"), todo, folder], { encoding: "utf8" })) as Record<string, number>; // prettier-ignore

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wasmgrad-names-"));
    python("write");
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(NETWORKS))(
    "%s gives PyTorch's outputs with PyTorch's weights",
    async (name, { make, names }) => {
      const model = await make();
      loadStateDict(model, await readTorch(join(folder, `${name}.pt`)), { names });
      const given = await readNpz(join(folder, `${name}.npz`));
      const [x, y] = ["x", "y"].map((key) => Float32Array.from(given.get(key)!.data, Number));
      const out = model.predict(x!);
      const far = Math.max(...Array.from(y!, (value, i) => Math.abs(value - out[i]!)));
      expect(out.length).toBe(y!.length);
      expect(far).toBeLessThan(1e-5);
      // and back, in the same bits but for the two biases that are one here
      const again = await make();
      loadStateDict(again, { tensors: stateDict(model, { names }) }, { names });
      expect(again.fingerprint()).toBe(model.fingerprint());
      // the same of a file of safetensors
      const file = readSafetensors(readFileSync(join(folder, `${name}.torch.safetensors`)));
      loadStateDict(again, file, { names });
      expect(again.fingerprint()).toBe(model.fingerprint());
      // of every type, with the outputs that its weights have here
      for (const dtype of ["F32", "F16", "BF16"] as const) {
        const bytes = writeSafetensors(stateDict(model, { names }), {}, { dtype });
        loadStateDict(again, readSafetensors(bytes), { names });
        const { shape } = given.get("y")!;
        const arrays = {
          x: { ...given.get("x")!, dtype: "float32" as const, data: x! },
          y: { shape, data: again.predict(x!) },
        };
        writeFileSync(join(folder, `${name}.${dtype}.safetensors`), bytes);
        writeFileSync(join(folder, `${name}.${dtype}.npz`), await writeNpz(arrays));
      }
    },
  );

  test("PyTorch's load_state_dict takes what is written, all of it, and gives the same outputs", () => {
    const off = python("read");
    const types = ["F32", "F16", "BF16"];
    const all = Object.keys(NETWORKS).flatMap((name) => types.map((dtype) => `${name}.${dtype}`));
    expect(Object.keys(off).toSorted()).toEqual(all.toSorted());
    for (const [name, far] of Object.entries(off)) expect(far, name).toBeLessThan(1e-5);
  }, 300_000);
});

const mlp = (): Promise<w.Model> => w.sequential({ input: 4, seed: 1 }, w.dense(8), w.relu(), w.dense(3));
const model = await mlp();
const tensors = stateDict(model);
const changed = (name: string, to: { readonly shape: number[]; readonly data: Float32Array } | undefined) => {
  const all = new Map(tensors);
  if (to) all.set(name, to);
  else all.delete(name);
  return { tensors: all };
};

test("names and shapes are PyTorch's, and what was loaded is told", async () => {
  expect(
    Array.from(stateDict(model, { names: { dense2: "head.out" }, prefix: "m." }), ([name, { shape }]) => [name, shape]),
  ).toEqual([
    ["m.dense1.weight", [8, 4]],
    ["m.dense1.bias", [8]],
    ["m.head.out.weight", [3, 8]],
    ["m.head.out.bias", [3]],
  ]);
  const entries = loadStateDict(await mlp(), { tensors });
  expect(entries[0]).toEqual({ tensor: "dense1.weight", shape: [8, 4], parameters: ["dense1.weight"] });
  const first = tensors.get("dense1.weight")!.data;
  const own = model.parameters()[0]!.get();
  expect([first[0], first[1], first[4]]).toEqual([own[0], own[8], own[1]]);
});

test("what isn't under the prefix is left out, and with strict: false the rest, too", async () => {
  const checkpoint = new Map<string, SafeTensor>(
    Array.from(tensors, ([name, tensor]) => [`model.${name}`, tensor] as const),
  );
  checkpoint.set("optimizer.0", { shape: [1], data: new Float32Array(1) });
  const other = await mlp();
  loadStateDict(other, { tensors: checkpoint }, { prefix: "model." });
  expect(other.fingerprint()).toBe(model.fingerprint());
  checkpoint.set("model.more", { shape: [1], data: new Float32Array(1) });
  loadStateDict(other, { tensors: checkpoint }, { prefix: "model.", strict: false });
});

test("nothing is set if one tensor can't be", async () => {
  const other = await w.sequential({ input: 4, seed: 2 }, w.dense(8), w.relu(), w.dense(3));
  const before = other.fingerprint();
  expect(() =>
    loadStateDict(other, changed("dense2.bias", { shape: [3], data: Float32Array.of(0, NaN, 0) })),
  ).toThrow();
  expect(other.fingerprint()).toBe(before);
});

test("biases that are together no number of float32 are refused, before anything is set", async () => {
  const net = await w.sequential({ input: [2, 1] }, w.dense(1), w.lstm(1));
  const before = net.fingerprint();
  const large = new Map(stateDict(net));
  for (const [name, { shape, data }] of large)
    large.set(name, { shape, data: new Float32Array(data.length).fill(3e38) });
  await expectRefusal(
    () => loadStateDict(net, { tensors: large }),
    RangeError,
    'loadStateDict: value 0 of "lstm1.bias_hh_l0" and what it is added to, lstm1.bias, are together no finite float32',
  );
  expect(net.fingerprint()).toBe(before);
});

test("safetensors keep them", () => {
  expect(readSafetensors(writeSafetensors(tensors)).tensors).toEqual(tensors);
});

describe("refuses", () => {
  const load = (source: unknown, options = {}) => loadStateDict(model, source as { tensors: typeof tensors }, options);
  refuses([
    [() => stateDict(3 as unknown as w.Model), TypeError, /^stateDict: the first argument must be a model/],
    [() => load(tensors), TypeError, /^loadStateDict: the second argument must be what readTorch or readSafetensors gives/],
    [() => load({ tensors }, { strict: 1 }), TypeError, "loadStateDict: strict must be true or false, got number 1"],
    [() => load({ tensors }, { names: { dense3: "x" } }), RangeError, 'loadStateDict: there is no layer "dense3" with parameters; there are dense1, dense2'],
    [() => load({ tensors }, { names: { dense2: "dense1" } }), RangeError, 'loadStateDict: two layers have the tensor "dense1.weight"; give one another module'],
    [() => load(changed("dense2.bias", undefined)), RangeError, 'loadStateDict: there is no tensor "dense2.bias" (3), which dense2.bias would be; there are "dense1.weight", "dense1.bias", "dense2.weight". `names` says which module a layer is'],
    [() => load(changed("dense1.weight", { shape: [4, 8], data: new Float32Array(32) })), RangeError, 'loadStateDict: "dense1.weight" (8 x 4), which dense1.weight would be, is 4 x 8 in the file'],
    [() => load(changed("dense2.bias", { shape: [3], data: Float32Array.of(0, NaN, 0) })), RangeError, 'loadStateDict: value 1 of "dense2.bias" is NaN, no finite float32'],
    [() => load(changed("dense2.bias", { shape: [3], data: new Float32Array(2) })), RangeError, 'loadStateDict: "dense2.bias" (3), which dense2.bias would be, has 2 numbers'],
    [() => load({ tensors: new Map<string, unknown>(tensors).set("dense2.bias", 3) }), TypeError, 'loadStateDict: the tensor "dense2.bias" must be { shape, data }, got number 3'],
    [() => load(changed("more", { shape: [1], data: new Float32Array(1) })), RangeError, 'loadStateDict: "more" is no parameter of the model; strict: false leaves out what it doesn\'t have'],
    [async () => stateDict(await w.sequential({ input: 4 }, w.rbf({ centres: [[0, 0, 0, 1]], gamma: 1 }))), RangeError, "stateDict: rbf1 (rbf) is no layer that PyTorch has a module for"],
    [async () => stateDict(await w.sequential({ input: [5, 3] }, w.gru(3, { resetAfter: false }))), RangeError, "stateDict: gru1 resets the state before the product (resetAfter: false), which no module of PyTorch does"],
    [async () => stateDict(await w.sequential({ input: [2, 3, 2] }, w.flatten(), w.residual(w.relu()), w.dense(1))), RangeError, "stateDict: dense1 reads what was flattened and joined with other values"],
  ]); // prettier-ignore
});

test("a layer that is used twice is there once", async () => {
  const both = w.shared(w.dense(4, { name: "both" }));
  const twice = await w.sequential({ input: 4 }, both, w.relu(), both, w.dense(2));
  expect([...stateDict(twice).keys()]).toEqual(["both.weight", "both.bias", "dense3.weight", "dense3.bias"]);
});

test("tensors that are tied must be the same", async () => {
  const words = await NETWORKS["words"]!.make();
  const all = new Map(stateDict(words));
  all.set("head.weight", { shape: [11, 6], data: new Float32Array(66) });
  const message =
    'loadStateDict: "head.weight" isn\'t the tensor that it is tied to; the model has embedding.weight for both';
  await expectRefusal(() => loadStateDict(words, { tensors: all }), RangeError, message);
});

test("heads of another width, and joined values, have no counterpart", async () => {
  const wide = await w.sequential({ input: [5, 8] }, w.selfAttention({ heads: 2, keyWidth: 6, name: "own" }));
  await expectRefusal(
    () => stateDict(wide),
    RangeError,
    /^stateDict: own has heads that are together 6x\d wide, but its input is 8; PyTorch's/,
  );
});

test("attention to another input has matrices of their own where the widths differ", async () => {
  const pair = w.inputs({ x: [5, 8], memory: [4, 6] });
  const cross = await w.sequential(
    { input: pair },
    w.from("x"),
    w.attention({ heads: 2, memory: "memory", name: "a" }),
  );
  const shapes = Array.from(stateDict(cross), ([name, { shape }]) => `${name} ${shape.join(" x ")}`);
  expect(shapes).toEqual([
    "a.q_proj_weight 8 x 8",
    "a.k_proj_weight 8 x 6",
    "a.v_proj_weight 8 x 6",
    "a.in_proj_bias 24",
    "a.out_proj.weight 8 x 8",
    "a.out_proj.bias 8",
  ]);
});
