// Modules with rounded weights give the bits of models whose weights are rounded the same way, and say how far these are from the model's.
import { describe, expect, test } from "vitest";
import { exportModule } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectRefusal } from "../../support/refusals.ts";
import { imported } from "./imported.ts";
import { NETWORKS, rowsFor } from "./models.ts";

/** The nearest float16, of two that are as near the one with an even last digit. */
function half(value: number): number {
  let step = 2 ** -24;
  while (Math.abs(value) >= 2048 * step) step *= 2;
  const steps = value / step;
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 !== 0);
  return (below + Number(up)) * step;
}

/** Of each channel the nearest of 255 multiples of a scale. */
function bytes(values: Float32Array, channelOf: (i: number) => number): Float32Array {
  const most: number[] = [];
  values.forEach((value, i) => (most[channelOf(i)] = Math.max(most[channelOf(i)] ?? 0, Math.abs(value))));
  const scales = most.map((value) => Math.fround(value / 127));
  return values.map((value, i) => {
    const scale = scales[channelOf(i)]!;
    return scale === 0 ? 0 : Math.round(value / scale) * scale;
  });
}

/** Networks, and of the parameters that become int8 the axes of their output channels. */
const CASES: Readonly<
  Record<string, readonly [make: () => Promise<w.Model>, axes: Readonly<Record<string, readonly number[]>>]>
> = {
  "dense, with batch norm": [
    () => w.sequential({ input: 6, seed: 1 }, w.dense(9), w.batchNorm(), w.relu(), w.dense(3)),
    { "dense1.weight": [1], "dense2.weight": [1] },
  ],
  convolutions: [
    () =>
      w.sequential(
        { input: [7, 7, 4], seed: 2 },
        w.conv2d(6, { kernelSize: 3, groups: 2 }),
        w.depthwiseConv2d(3, { depthMultiplier: 2 }),

        w.separableConv2d(5, { kernelSize: 3, depthMultiplier: 2 }),
        w.conv2dTranspose(3, { kernelSize: 2 }),
        w.flatten(),
      ),
    {
      "conv2d1.kernel": [3],
      "depthwiseConv2d1.kernel": [2, 3],
      "separableConv2d1.depthwiseKernel": [2, 3],
      "separableConv2d1.pointwiseKernel": [3],
      "conv2dTranspose1.kernel": [2],
    },
  ],
  "words, with tied weights": [
    () =>
      w.sequential(
        { input: [5], seed: 3 },
        w.embedding(7, 4, { name: "words" }),
        w.lstm(4, { returnSequences: true }),
        w.tiedDense({ to: "words" }),
      ),
    { "words.weight": [1], "lstm1.weightIh": [1], "lstm1.weightHh": [1] },
  ],
};

type Round = (values: Float32Array, parameter: w.Parameter) => Float32Array;

/** A model whose weights of one axis aren't just zeros and ones. */
async function modelOf(make: () => Promise<w.Model>): Promise<w.Model> {
  const model = await make();
  model.parameters().forEach(({ shape, get, set }, p) => {
    if (shape.length === 1) set(get().map((value, i) => value + 0.1 + 0.013 * ((i * 7 + p) % 5)));
  });
  return model;
}

/** Rounds a model's weights. Gives their errors. */
function round(model: w.Model, rule: Round): Record<string, { largest: number; mean: number }> {
  const digits = (error: number): number => Number(error.toPrecision(3));
  const errors = model.parameters().map((parameter) => {
    const values = parameter.get();
    parameter.set(rule(values, parameter));
    const all = Array.from(parameter.get(), (value, i) => Math.abs(value - values[i]!));
    const range = Math.max(...values) - Math.min(...values) || Math.abs(values[0]!);
    const mean = all.reduce((sum, error) => sum + error, 0) / all.length;
    return [parameter.name, { largest: digits(Math.max(...all) / range), mean: digits(mean / range) }] as const;
  });
  return Object.fromEntries(errors);
}

describe.each(Object.entries(CASES))("%s", (name, [make, axes]) => {
  const x = (model: w.Model): Float32Array => rowsFor(model, 9, name.startsWith("words") ? 7 : undefined);

  /** The module's errors, once its outputs are those of the rounded model and not of the original one. */
  async function errorsOf(weights: "float16" | "int8", rule: Round): Promise<void> {
    const [model, rounded] = [await modelOf(make), await modelOf(make)];
    const text = exportModule(model, { weights });
    const module = await imported(text);
    const errors = round(rounded, rule);
    expect(module.predict(x(model))).toEqual(rounded.predict(x(model)));
    expect(module.predict(x(model))).not.toEqual(model.predict(x(model)));
    const known = Object.entries(errors).filter(([parameter]) => weights === "float16" || parameter in axes);
    expect(module.weightErrors).toEqual(Object.fromEntries(known));
    // in the comment as well
    for (const [parameter, { largest }] of known) {
      expect(text).toContain(`//   ${parameter}: ${Number((100 * largest).toPrecision(3))} %, `);
    }
  }

  test("float16", () => errorsOf("float16", (values) => values.map(half)));

  test("int8", () =>
    errorsOf("int8", (values, { name: parameter, shape }) => {
      const channels = axes[parameter];
      if (!channels) return values;
      // an index along each axis; those of the channel's count
      const indices = (i: number): number[] =>
        shape.map((size, axis) => Math.floor(i / shape.slice(axis + 1).reduce((product, n) => product * n, 1)) % size);
      const channelOf = (i: number): number =>
        channels.reduce((number, axis) => number * shape[axis]! + indices(i)[axis]!, 0);
      return bytes(values, channelOf);
    }));
});

test("int8: channels of zeros, and of numbers that have no scale of float32", async () => {
  const model = await w.sequential({ input: 2 }, w.dense(3, { useBias: false }));
  model.parameters()[0]!.set([0, 1e-44, 127, 0, -1e-44, -63.6]);
  const { predict, weightErrors } = await imported(exportModule(model, { weights: "int8" }));
  expect([...predict([1, 0, 0, 1])]).toEqual([0, 0, 127, 0, 0, -64]);
  expect(weightErrors).toEqual({ "dense1.weight": { largest: 0.0021, mean: 0.00035 } });
});

test("int8: numbers so small that float32 has no scale between", async () => {
  const least = 2 ** -149;
  const model = await w.sequential({ input: 1 }, w.dense(2, { useBias: false }));
  model.parameters()[0]!.set([190 * least, -190 * least]);
  const { predict } = await imported(exportModule(model, { weights: "int8" }));
  expect([...predict([1])]).toEqual([127 * least, -127 * least]);
});

test("float32: no errors are said", async () => {
  const module = await imported(exportModule(await NETWORKS["mlp"]!.make()));
  expect("weightErrors" in module).toBe(false);
});

describe("what is refused", () => {
  const model = (values: readonly number[]): Promise<w.Model> => modelWith(values);
  async function modelWith(values: readonly number[]): Promise<w.Model> {
    const made = await w.sequential({ input: 1 }, w.dense(2, { useBias: false }));
    const { arena } = made.core;
    arena.write(made.nodes[0]!.parameters[0]!.address, values);
    return made;
  }

  test("weights that aren't finite", async () => {
    for (const weights of ["float32", "float16", "int8"] as const) {
      const broken = await model([1, NaN]);
      await expectRefusal(
        () => exportModule(broken, { weights }),
        Error,
        "exportModule: parameters must be finite numbers, but value 1 of dense1.weight is NaN",
      );
    }
  });

  test("weights that float16 can't have", async () => {
    const large = await model([65_519, 65_520]);
    await expectRefusal(
      () => exportModule(large, { weights: "float16" }),
      Error,
      "exportModule: parameters must be at most 65504 as float16, or weights float32 or int8, but value 1 of dense1.weight is 65520",
    );
    const most = await imported(exportModule(await model([65_519, -65_519]), { weights: "float16" }));
    expect([...most.predict([1])]).toEqual([65_504, -65_504]);
  });

  test("other options, and what is no model", async () => {
    const made = await model([1, 2]);
    await expectRefusal(
      () => exportModule(made, { weights: "int4" as "int8" }),
      RangeError,
      /^exportModule: weights must be .*"int4"/,
    );
    await expectRefusal(
      () => exportModule(made, { weight: "int8" } as object),
      TypeError,
      'exportModule: unknown option "weight"; did you mean "weights"? Known: weights',
    );
    await expectRefusal(
      () => exportModule({} as w.Model),
      TypeError,
      "exportModule: the first argument must be a model, got an object (Object)",
    );
  });

  test("functions of JavaScript", async () => {
    const square = (): w.Layer =>
      w.lambda(
        (x) => x.map((v) => v * v),
        (dy, x) => x.map((v, i) => 2 * v * dy[i]!),
      );
    const custom = await w.sequential({ input: [2, 2] }, w.dense(2), w.residual(square()));
    await expectRefusal(
      () => exportModule(custom),
      RangeError,
      "exportModule: lambda (layer 2) is a function of JavaScript, which can't be written out; use layers of the library, or export the " +
        "parts before and after it, which cut() makes models of",
    );
  });
});

test("weights are base64 as others write it, whatever the number of bytes is divided by 3", async () => {
  const lengths = new Set<number>();
  for (const width of [1, 2, 3, 4, 5, 6, 7]) {
    const model = await w.sequential({ input: width, seed: width }, w.dense(16 * width + 1));
    const text = exportModule(model);
    for (const [, name, letters] of text.matchAll(/^const (weights|kernels) = "(.*)";$/gm)) {
      const read = Buffer.from(letters!, "base64");
      expect(read.toString("base64") === letters, name).toBe(true);
      if (name === "kernels") expect(WebAssembly.validate(read)).toBe(true);
      else {
        const kernel = new Uint8Array(model.parameters()[0]!.get().buffer);
        expect(read.subarray(0, kernel.length).equals(kernel)).toBe(true);
        lengths.add(read.length % 3);
      }
    }
  }
  expect(lengths.size).toBe(3);
});
