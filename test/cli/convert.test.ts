// `convert` as users run it: all that can be read becomes all that can be written, and others read it.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readNpz } from "../../src/data.ts";
import { loadModel, readSafetensors } from "../../src/files.ts";
import type { Model } from "../../src/index.ts";
import { foreignReader } from "../support/foreignReaders.ts";
import { images, makePlace, putModel, python } from "../support/converting.ts";
import { needsTorch, skipsTorch } from "../support/torch.ts";

const place = makePlace("convert");
const { output, json, path } = place;

let model: Model;
beforeAll(async () => {
  model = await putModel(place);
  if (!skipsTorch) python("make", place);
  await output("net.safetensors web/model.json");
  await output("net.safetensors own.onnx --layout channelsFirst");
}, 120_000);

/** The largest difference from what the model gives. */
const away = (values: ArrayLike<number>, wanted: ArrayLike<number>): number => {
  expect(values.length).toBe(wanted.length);
  return Array.from(wanted).reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0);
};

/** Everything that is read as a model, and where its images' channels are then. */
const MODELS = [
  ["net.safetensors", ""],
  ["own.onnx", " --layout channelsLast"],
  ["web", ""],
] as const;

describe.each(MODELS)("from %s", (input, option) => {
  const stem = input.replace(/\W/g, "-");
  const x = images(5);

  test("safetensors", async () => {
    const document = await json(`${input} ${stem}.out.safetensors --check in.npz${option}`);
    expect(document.check!.passed).toBe(true);
    const again = await loadModel(path(`${stem}.out.safetensors`));
    expect(away(again.predict(x), model.predict(x))).toBeLessThan(1e-6);
    expect(document.files).toEqual({ input, output: `${stem}.out.safetensors`, check: "in.npz" });
  });

  test("ONNX, which ONNX Runtime reads", async () => {
    const layout = input === "own.onnx" ? " --layout channelsLast" : "";
    const { check } = await json(`${input} ${stem}.out.onnx --check in.npz --opset 13${layout}`);
    expect(check!.passed).toBe(true);
    expect(check!.comparisons.map(({ what }) => what)).toEqual(["expected", "written"]);
    const { InferenceSession, Tensor } = foreignReader<{
      InferenceSession: {
        create(file: string): Promise<{ run(feeds: object): Promise<Record<string, { data: Float32Array }>> }>;
      };
      Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => object;
    }>("onnxruntime-node");
    const session = await InferenceSession.create(path(`${stem}.out.onnx`));
    const { output: scores } = await session.run({ input: new Tensor("float32", x, [5, 12, 10, 1]) });
    expect(away(scores!.data, model.predict(x))).toBeLessThan(1e-5);
  });

  test("TensorFlow.js, which reads it", async () => {
    const { check, output: out } = await json(`${input} ${stem}.web/ --check in.npz${option}`);
    expect(check!.passed).toBe(true);
    expect(out.files.map(({ name }) => name)).toEqual(["group1-shard1of1.bin", "model.json"]);
    const tf = foreignReader<{
      setBackend(name: string): Promise<boolean>;
      io: { fromMemory(artifacts: object): object };
      loadLayersModel(source: object): Promise<{ predict(x: object): { dataSync(): Float32Array } }>;
      tensor(values: Float32Array, shape: readonly number[]): object;
    }>("@tensorflow/tfjs");
    await tf.setBackend("cpu");
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync(path(`${stem}.web/model.json`), "utf8")) as {
      modelTopology: object;
      weightsManifest: [{ paths: string[]; weights: object[] }];
    };
    const shard = readFileSync(path(`${stem}.web/${weightsManifest[0].paths[0]}`));
    const weightData = new Uint8Array(shard).buffer;
    const source = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
    const theirs = await tf.loadLayersModel(tf.io.fromMemory(source));
    const y = theirs.predict(tf.tensor(x, [5, 12, 10, 1])).dataSync();
    expect(away(y, model.predict(x))).toBeLessThan(1e-5);
  });

  test("a module, which runs alone", async () => {
    const { check } = await json(`${input} ${stem}.out.mjs --check in.npz${option}`);
    expect(check!.comparisons.at(input === "own.onnx" ? 1 : -1)!.outputs[0]!.equal).toBe(true);
    const module = (await import(pathToFileURL(path(`${stem}.out.mjs`)).href)) as {
      predict(x: Float32Array): Float32Array;
    };
    expect(away(module.predict(x), model.predict(x))).toBeLessThan(1e-6);
  });

  test("npz and a state dict", async () => {
    await output(`${input} ${stem}.npz${option}`);
    const arrays = await readNpz(path(`${stem}.npz`));
    expect([...arrays.keys()]).toEqual(model.parameters().map(({ name }) => name));
    for (const { name, shape, get } of model.parameters()) {
      expect(arrays.get(name)).toMatchObject({ shape, dtype: "float32" });
      expect(arrays.get(name)!.data).toEqual(get());
    }
    await output(`${input} ${stem}.dict.safetensors --to state-dict --prefix model.${option}`);
    const { tensors } = readSafetensors(readFileSync(path(`${stem}.dict.safetensors`)));
    expect(Array.from(tensors, ([name, { shape }]) => `${name} ${shape.join("x")}`)).toContain(
      "model.dense1.weight 6x80",
    );
  });
});

describe(`weights alone${needsTorch}`, () => {
  const withTorch = test.skipIf(skipsTorch);

  withTorch("all pairs of formats keep names, types and numbers, for PyTorch and NumPy, too", async () => {
    await output("checkpoint.pth all.safetensors");
    await output("all.safetensors checkpoint.npz");
    await output("checkpoint.npz all2.safetensors");
    await output("checkpoint.pth half.safetensors --dtype F16");
    await output("checkpoint.pth half.npz --dtype F16");
    const [first, second] = ["all", "all2"].map(
      (name) => readSafetensors(readFileSync(path(`${name}.safetensors`))).tensors,
    );
    expect([...first!.keys()]).toEqual([...second!.keys()]);
    for (const [name, { data, shape, dtype }] of first!) {
      if (name !== "brain") expect(second!.get(name)).toEqual({ data, shape, ...(dtype ? { dtype } : {}) });
    }
    expect(first!.get("brain")).toMatchObject({ dtype: "BF16" });
    const half = readSafetensors(readFileSync(path("half.safetensors"))).tensors;
    expect(half.get("model.conv1.weight")!.dtype).toBe("F16");
    expect(half.get("steps")!.dtype).toBe("I64");
    expect((await readNpz(path("half.npz"))).get("model.conv1.weight")!.dtype).toBe("float16");
  });

  withTorch("they go into a model, from PyTorch's layouts, and back", async () => {
    for (const [weights, option] of [
      ["checkpoint.pth", " --prefix model. --leave-others"],
      ["weights.npz", ""],
    ] as const) {
      const into = await json(`${weights} filled.onnx --model net.safetensors${option} --check last.npz`);
      expect(into.check!.passed).toBe(true);
      const rows = into.mapping.read.filter(({ done }) => done !== "left");
      expect(rows.map(({ model: name, done }) => `${name} ${done}`)).toEqual([
        "conv1.kernel transposed",
        "conv1.bias copied",
        "dense1.weight reordered",
        "dense1.bias copied",
        "dense2.weight transposed",
        "dense2.bias copied",
      ]);
    }
    await output("net.pt filled.safetensors --model net.safetensors --check last.npz");
    await output("filled.safetensors state.npz --to state-dict");
    await output("all.safetensors checkpoint.npz");
    expect(python("check", place)).toBe("read\n");
  });

  withTorch("names of modules, and names of layers", async () => {
    const { code, err } = await place.wasmgrad("net.pt named.safetensors --model net.safetensors --names dense1=fc");
    expect([code, err]).toEqual([1, expect.stringContaining('there is no tensor "fc.weight" (6 x 80)')]);
    await output("net.safetensors own.npz");
    const { mapping } = await json("own.npz back.safetensors --model other.safetensors");
    expect(new Set(mapping.read.map(({ done }) => done))).toEqual(new Set(["copied"]));
    const [back, net] = await Promise.all(["back", "net"].map((name) => loadModel(path(`${name}.safetensors`))));
    expect(back!.fingerprint()).toBe(net!.fingerprint());
  });
});

describe(`what torch.onnx.export writes${needsTorch}`, () => {
  test.skipIf(skipsTorch).each([
    ["net.onnx", "first.npz"],
    ["fixed.onnx", "first.npz"],
    ["sequence.onnx", "words.npz"],
  ])("%s becomes each kind of model", async (input, check) => {
    for (const out of ["t.safetensors", "t.onnx", "t.mjs", ...(input === "sequence.onnx" ? ["t.web/"] : [])]) {
      const { check: checked, mapping } = await json(`${input} ${out} --check ${check}`);
      expect([out, checked!.passed, checked!.comparisons[0]!.what]).toEqual([out, true, "expected"]);
      const tensors = mapping.read.filter(({ done }) => done !== "layer");
      expect(tensors.length).toBeGreaterThan(5);
      expect(tensors.filter(({ done, file }) => done === "computed" || file === "-")).toEqual([]);
    }
  });
});
