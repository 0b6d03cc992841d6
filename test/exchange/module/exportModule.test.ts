import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LIBRARY } from "../../../src/io/checkpointFile.ts";
import { exportModule, modelFromBytes, modelToBytes } from "../../../src/files.ts";
import { readWasm } from "../../../src/formats/wasmBinary.ts";
import * as w from "../../../src/index.ts";
import { expectRefusal } from "../../support/refusals.ts";
import { bytesIn, imported } from "./imported.ts";
import { NETWORKS, rowsFor } from "./models.ts";

const bits = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");

/** Bytes of a module: all, and what is there besides the weights; that gzipped. */
function sizes(text: string): { all: number; beyond: number; gzipped: number } {
  const rest = text.replace(/^const weights = ".*";$/m, 'const weights = "";');
  return { all: text.length, beyond: rest.length, gzipped: gzipSync(rest, { level: 9 }).length };
}

describe("the text", () => {
  const MOST: Readonly<Record<string, number>> = { mlp: 12_000, lenet: 19_000, lstm: 18_000, transformer: 27_000 };

  test.each(Object.entries(NETWORKS))("%s: few bytes beyond its weights", async (name, { make }) => {
    const model = await make();
    for (const weights of ["float32", "float16", "int8"] as const) {
      const text = exportModule(model, { weights });
      const { all, beyond, gzipped } = sizes(text);
      console.log(`${name}, ${weights}: ${all} bytes, ${beyond} beyond its weights, ${gzipped} of these gzipped`);
      expect(beyond).toBeLessThan(MOST[name]!);
      const bytes = { float32: 4, float16: 2, int8: 1 }[weights] * model.parameterCount;
      // padded to 16 bytes each; one scale for each output channel, and what isn't int8
      expect(bytesIn(text, "weights").length / bytes).toBeGreaterThanOrEqual(1);
      expect(bytesIn(text, "weights").length / bytes).toBeLessThan(weights === "int8" ? 1.7 : 1.02);
    }
  });

  test("a classifier of MNIST's digits that was trained, with its probabilities: at most 12 kB beyond its weights", async () => {
    const model = await NETWORKS["mlp"]!.make();
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
    await trainer.fit({ x: rowsFor(model, 4), y: [1, 2, 3, 4] });
    for (const weights of ["float32", "float16", "int8"] as const) {
      const text = exportModule(model, { weights });
      expect(text).toContain("export const probabilities =");
      expect(sizes(text).beyond).toBeLessThanOrEqual(12_000);
    }
  });

  test("names the library, its version and licence in a comment that bundlers keep, and imports nothing", async () => {
    const text = exportModule(await NETWORKS["mlp"]!.make());
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    const [, holder] = /^(Copyright .*)$/m.exec(readFileSync("LICENSE", "utf8"))!;
    expect(LIBRARY).toBe(version);
    expect(text.split("\n")[0]).toBe(`/*! Made by wasmgrad ${version}, with kernels of its: MIT License, ${holder} */`);
    expect(text).not.toMatch(/\bimport\b|\brequire\b|\bprocess\b|\bfetch\b/);
  });

  test("is the same for the same model, whatever it predicted before", async () => {
    const { make } = NETWORKS["lenet"]!;
    const [model, again] = [await make(), await make()];
    again.predict(rowsFor(again, 300));
    expect(exportModule(again)).toBe(exportModule(model));
  });

  test("its binary exports the memory and what runs, and has no function that nothing calls", async () => {
    const model = await NETWORKS["transformer"]!.make();
    const bytes = bytesIn(exportModule(model), "kernels");
    expect(WebAssembly.validate(bytes)).toBe(true);
    const its = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    expect(its).toEqual(["memory", "forward"]);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
    const { bodies, exports } = readWasm(bytes, "module");
    const all = new Set<number>();
    const { renamedBody } = await import("../../../src/formats/wasmBinary.ts");
    const visit = (index: number): void => {
      if (all.has(index)) return;
      all.add(index);
      renamedBody(bodies[index]!, (kind, callee) => (kind === "function" && visit(callee), callee), "module");
    };
    visit(exports.get("forward")!);
    expect(all.size).toBe(bodies.length);
  });

  test("names of layers can't become a part of the program", async () => {
    const bad = "a\u2028globalThis.broken = 1\n*/ globalThis.broken = 1; //</script>\"'`${0}";
    const given = w.inputs({ [bad]: 3, [`${bad}2`]: 1 });
    const model = await w.sequential({ input: given }, w.concat([w.dense(2, { name: `${bad}3` }), w.from(`${bad}2`)]));
    const text = exportModule(model, { weights: "int8" });
    expect(text).not.toContain("</script");
    const module = await imported(text);
    expect("broken" in globalThis).toBe(false);
    expect(Object.keys(module.inputs!)).toEqual([bad, `${bad}2`]);
    expect(Object.keys(module.weightErrors!)).toEqual([`${bad}3.weight`]);
    expect(module.predict([[1, 2, 3, 4]])).toHaveLength(3);
  });
});

describe("what a module takes and gives", () => {
  test("rows nested in any way, and typed arrays of any kind", async () => {
    const model = await w.sequential({ input: [2, 3], seed: 1 }, w.flatten(), w.dense(4), w.tanh());
    const { predict, inputShape, outputShape } = await imported(exportModule(model));
    expect([inputShape, outputShape]).toEqual([[2, 3], [4]]);
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const rows = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [7, 8, 9],
        [10, 11, 12],
      ],
    ];
    const expected = bits(model.predict(numbers));
    for (const x of [
      numbers,
      rows,
      rows.map((row) => row.flat()),
      rows.map((row) => Float64Array.from(row.flat())),
      rows.map((row) => row.map((part) => Uint8Array.from(part))),
      Float32Array.from(numbers),
      Float64Array.from(numbers),
      Uint8ClampedArray.from(numbers),
      Int16Array.from(numbers),
      Float32Array.from([0, ...numbers]).subarray(1),
    ]) {
      expect(bits(predict(x))).toBe(expected);
    }
  });

  test("several inputs follow one another in a row, as join makes them, or nested", async () => {
    const given = w.inputs({ picture: [2, 2], price: 1 });
    const model = await w.sequential(
      { input: given, seed: 2 },
      w.flatten(),
      w.concat([w.dense(3), w.from("price")]),
      w.dense(2),
    );
    const module = await imported(exportModule(model));
    expect(module.inputs).toEqual({ picture: [2, 2], price: [1] });
    const x = given.join({ picture: [1, 2, 3, 4, 5, 6, 7, 8], price: [9, 10] });
    expect(bits(module.predict(x))).toBe(bits(model.predict(x)));
    const nested = [
      [
        [
          [1, 2],
          [3, 4],
        ],
        9,
      ],
      [[5, 6, 7, 8], [10]],
    ];
    expect(bits(module.predict(nested))).toBe(bits(model.predict(x)));
  });

  test("labels, and probabilities where the model was trained with a loss that has some", async () => {
    const make = async (outputs: number, loss: w.Loss): Promise<w.Model> => {
      const model = await w.sequential({ input: 3, seed: 4 }, w.dense(8), w.tanh(), w.dense(outputs));
      await new w.Trainer(model, { loss, optimizer: w.adam() }).fit({
        x: [
          [1, 2, 3],
          [3, 2, 1],
        ],
        y: [loss.type === "hinge" ? -1 : 0, 1],
      });
      return model;
    };
    const x = Array.from({ length: 40 }, (_, i) => [((i * 7) % 11) - 5, ((i * 3) % 7) - 3, ((i * 5) % 13) - 6]);
    for (const [outputs, loss, likely] of [
      [2, w.softmaxCrossEntropy(), true],
      [1, w.binaryCrossEntropyWithLogits(), true],
      [1, w.meanSquaredError(), false],
      [1, w.hinge(), false],
    ] as const) {
      const model = await make(outputs, loss as w.Loss);
      const module = await imported(exportModule(model));
      expect([...module.classify!(x)]).toEqual([...model.classify(x)]);
      expect(new Set(module.classify!(x)).size).toBe(2);
      expect(bits(module.predict(x))).toBe(bits(model.predict(x)));
      expect("probabilities" in module).toBe(likely);
      if (likely) expect(bits(module.probabilities!(x))).toBe(bits(model.probabilities(x)));
      if (likely) expect(bits(module.probabilities!(x))).not.toBe(bits(model.predict(x)));
      // after probabilities were written over the output
      expect(bits(module.predict(x))).toBe(bits(model.predict(x)));
      // a file has the loss's way
      const read = await modelFromBytes(modelToBytes(model));
      if (likely) read.probabilities(x);
      expect(exportModule(read)).toBe(exportModule(model));
    }
  });

  test("each step of a sequence has a label; several outputs have none", async () => {
    const steps = await w.sequential({ input: [5, 2], seed: 6 }, w.simpleRnn(4, { returnSequences: true }), w.dense(3));
    const x = rowsFor(steps, 4);
    const module = await imported(exportModule(steps));
    expect([...module.classify!(x)]).toEqual([...steps.classify(x)]);
    expect(module.classify!(x)).toHaveLength(20);
    const mean = { shape: 2, loss: w.meanSquaredError() };
    const ends = w.outputs({ mean, kind: { shape: 3, loss: w.softmaxCrossEntropy() } });
    const parts = ends.layer({ mean: w.dense(2), kind: w.dense(3) });
    const several = await w.sequential({ input: 3 }, w.dense(4), w.relu(), parts);
    const its = await imported(exportModule(several));
    expect("classify" in its).toBe(false);
    expect(bits(its.predict([[1, 2, 3]]))).toBe(bits(several.predict([[1, 2, 3]])));
  });

  test("states go on from call to call, in more rows than a block has, until they are reset", async () => {
    const model = await w.sequential(
      { input: [3, 2], seed: 7 },
      w.lstm(5, { stateful: true, returnSequences: true }),
      w.gru(3, { stateful: true }),
      w.dense(2),
    );
    const module = await imported(exportModule(model));
    const x = rowsFor(model, 300);
    const calls = [x, x.toReversed(), x].map((each) => bits(model.predict(each)));
    expect(new Set(calls).size).toBe(3);
    expect([x, x.toReversed(), x].map((each) => bits(module.predict(each)))).toEqual(calls);
    expect(() => module.predict(x.subarray(6))).toThrow(
      new RangeError(
        "predict: rows go on from those of the call before, which were 300, but there are 299; call resetStates() to begin anew",
      ),
    );
    expect(() => module.predict(Float32Array.from(x, () => NaN))).toThrow(RangeError);
    module.resetStates!();
    model.resetStates();
    expect(bits(module.predict(x.subarray(6)))).toBe(bits(model.predict(x.subarray(6))));
    expect(bits(module.predict(x.subarray(6)))).toBe(bits(model.predict(x.subarray(6))));
  });

  test("load compiles beforehand, also while predict is called", async () => {
    const model = await NETWORKS["mlp"]!.make();
    const module = await imported(exportModule(model));
    const x = rowsFor(model, 2);
    const loading = [module.load(), module.load()];
    expect(bits(module.predict(x))).toBe(bits(model.predict(x)));
    expect(await Promise.all(loading)).toEqual([undefined, undefined]);
    expect(bits(module.predict(x))).toBe(bits(model.predict(x)));
  });

  test("of a model with large activations it runs fewer rows at a time", async () => {
    const model = await w.sequential(
      { input: [64, 64, 8], seed: 8 },
      w.conv2d(8, { kernelSize: 1 }),
      w.globalAvgPool2d(),
    );
    const text = exportModule(model);
    const [, block] = /^const block = (\d+);$/m.exec(text)!;
    expect([Number(block), Number(block) * 64 * 64 * 16 * 4 < 2 ** 24]).toEqual([32, true]);
    const x = rowsFor(model, 41);
    expect(bits((await imported(text)).predict(x))).toBe(bits(model.predict(x)));
  });

  test("what regularises while training is left out", async () => {
    const model = await w.sequential(
      { input: 4, seed: 9 },
      w.dense(4),
      w.dropout(0.5),
      w.gaussianNoise(1),
      w.batchNorm(),
    );
    const plain = await w.sequential({ input: 4, seed: 9 }, w.dense(4), w.batchNorm());
    expect(exportModule(model)).toBe(exportModule(plain));
  });

  test("a model of several threads gives a module of one", async () => {
    for (const [name, { make, whole }] of Object.entries(NETWORKS)) {
      const model = await make({ threads: 2 });
      expect(w.backend(model).threads).toBe(2);
      const module = await imported(exportModule(model));
      const x = rowsFor(model, 260, whole);
      expect(bits(module.predict(x)), name).toBe(bits((await make()).predict(x)));
    }
  });
});

describe("what a module refuses", () => {
  const made = async (): Promise<Awaited<ReturnType<typeof imported>>> => {
    const model = await w.sequential(
      { input: w.inputs({ words: [3], lengths: 1 }), seed: 1 },
      w.embedding(5, 2),
      w.lstm(2, { lengths: "lengths" }),
    );
    return imported(exportModule(model));
  };
  const calls: readonly (readonly [x: unknown, kind: typeof TypeError, message: string])[] = [
    [[], RangeError, "predict: x has 0 numbers, but a row takes 4"],
    [[1, 2, 3], RangeError, "predict: x has 3 numbers, but a row takes 4"],
    [new Float32Array(6), RangeError, "predict: x has 6 numbers, but a row takes 4"],
    [
      [
        [1, 2, 3, 3],
        [1, 2],
      ],
      RangeError,
      "predict: row 1 has 2 numbers, but a row takes 4",
    ],
    [[[1, 2, 3, 3, 3]], RangeError, "predict: row 0 has 5 numbers, but a row takes 4"],
    [
      [
        [1, 2, 3, 3],
        [1, NaN, 3, 3],
      ],
      RangeError,
      "predict: x must hold finite numbers, but row 1, column 1 is NaN",
    ],
    [[1, 2, 3e39, 3], RangeError, "predict: x must hold finite numbers, but row 0, column 2 is 3e+39"],
    [
      [1, 2, 5, 3],
      RangeError,
      "predict: x must hold whole numbers from 0 to 4 for what is looked up of embedding (layer 3), but row 0, column 2 is 5",
    ],
    [
      [1, 2, 3, 3, 1, 2, 3, 0.5],
      RangeError,
      "predict: x must hold whole numbers from 1 to 3 for the lengths of lstm (layer 4), but row 1, column 3 is 0.5",
    ],
    [[1, -1, 3, 3], RangeError, /what is looked up .* column 1 is -1$/.source],
    [["1", 2, 3, 3], TypeError, "predict: x must be made of numbers, got 1"],
    [[[1, 2, null, 3]], TypeError, "predict: x must be made of numbers, got null"],
    [[[1, 2, , 3]], TypeError, "predict: x must be made of numbers, got undefined"], // eslint-disable-line no-sparse-arrays
    ["1234", TypeError, "predict: x must be an array or a typed array"],
    [undefined, TypeError, "predict: x must be an array or a typed array"],
  ];
  test.each(calls)("%j", async (x, kind, message) => {
    const module = await made();
    await expectRefusal(() => module.predict(x), kind, message.includes(".*") ? new RegExp(message) : message);
  });

  test("and after that it predicts", async () => {
    const module = await made();
    expect(() => module.predict([1])).toThrow();
    expect(() => module.classify!([1])).toThrow("classify: x has 1 numbers, but a row takes 4");
    expect(module.predict([1, 2, 3, 3])).toHaveLength(2);
  });
});
