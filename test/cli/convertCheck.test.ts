// `convert --check`: what is compared, what is said of it, and what becomes of OUT.
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compare, difference, readCheck } from "../../cli/convert/check.ts";
import { writeNpz } from "../../src/data.ts";
import { saveModel } from "../../src/files.ts";
import { add, dense, from, inputs, meanSquaredError, outputs, sequential } from "../../src/index.ts";
import { makePlace, putModel } from "../support/converting.ts";
import { foreignFolder } from "../support/foreignReaders.ts";

const place = makePlace("convert-check");
const { json, output, path, wasmgrad } = place;

beforeAll(async () => {
  await putModel(place);
});

describe("differences", () => {
  const of = (values: number[], wanted: number[]) =>
    difference("y", Float32Array.from(values), Float32Array.from(wanted));

  test("are 0 where all bits are the same, and not where signs of zeros differ", () => {
    expect(of([1, -2, NaN], [1, -2, NaN])).toEqual({ output: "y", equal: true, absolute: 0, relative: 0, measure: 0 });
    expect(of([0], [-0])).toEqual({ output: "y", equal: false, absolute: 0, relative: 0, measure: 0 });
  });

  test("are those of the worst numbers; relative ones of small numbers count nothing", () => {
    expect(of([1.5, 100, 0.001], [1, 101, 0.003])).toMatchObject({ absolute: 1, relative: 0.5, measure: 0.5 });
    expect(of([4000, 2, 0], [4000, 1, 1e-9]).relative).toBe(0);
    expect(of([4000, 2], [4000, 1]).measure).toBe(1);
  });

  test("are infinite where one is no number, and where their counts differ", () => {
    for (const each of [of([NaN], [1]), of([1], [NaN]), of([1, 2], [1]), of([Infinity], [1])]) {
      expect([each.absolute, each.measure]).toEqual([Infinity, Infinity]);
    }
  });

  test("of outputs by their names", () => {
    const wanted = new Map([["b", Float32Array.of(1)]]);
    expect(compare("expected", new Map([["a", Float32Array.of(9)], ["b", Float32Array.of(3)]]), wanted).outputs).toMatchObject([
      { output: "b", absolute: 2 },
    ]); // prettier-ignore
  });
});

describe("inputs", () => {
  const x = [{ name: "x", shape: [2, 2] }];
  const y = [{ name: "y", shape: [1] }];
  const read = async (shapes: Readonly<Record<string, readonly number[]>>, parts = x, ends = y) => {
    const arrays = Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, n) => product * n, 1);
      return [name, { shape, data: Float32Array.from({ length: count }, (_, i) => i) }] as const;
    });
    return readCheck("in.npz", await writeNpz(new Map(arrays)), parts, ends);
  };

  test.each([
    [{ x: [3, 2, 2] }, 3, 0],
    [{ x: [3, 4] }, 3, 0],
    [{ x: [2, 2] }, 1, 0],
    [{ anything: [3, 2, 2] }, 3, 0],
    [{ input: [3, 2, 2], expected: [3] }, 3, 1],
    [{ pictures: [3, 2, 2], y: [3, 1] }, 3, 1],
  ] as [Record<string, number[]>, number, number][])("%j", async (shapes, rows, expected) => {
    const given = await read(shapes);
    expect([given.rows, given.x.length, given.expected.size]).toEqual([rows, rows * 4, expected]);
  });

  test("several are laid one behind another in a row", async () => {
    const parts = [
      { name: "a", shape: [1] },
      { name: "b", shape: [2] },
    ];
    expect((await read({ b: [2, 2], a: [2] }, parts)).x).toEqual(Float32Array.of(0, 0, 1, 1, 2, 3));
  });

  test.each([
    [{ x: [3, 3, 2] }, "in.npz: x is 3x3x2, but must be rows x 2x2"],
    [
      { a: [3, 2, 2], b: [3, 2, 2] },
      "in.npz needs an array x, rows of what the model takes, but has a (3x2x2), b (3x2x2)",
    ],
    [{ x: [3, 2, 2], y: [2, 1] }, "in.npz: there are 3 rows of inputs, but y has 2"],
    [{ x: [3, 2, 2], z: [3] }, "in.npz has z, which is no input and no output of the model; outputs: y"],
    [{ x: [0, 2, 2] }, "in.npz: x has no rows"],
  ] as [Record<string, number[]>, string][])("%j is refused", async (shapes, message) => {
    await expect(read(shapes)).rejects.toThrow(`convert: --check: ${message}`);
  });
});

test("right outputs: what was compared is said, with the bits that are equal", async () => {
  const out = await output("net.safetensors right.onnx --check in.npz");
  expect(out).toContain("\nCheck  in.npz, 5 rows\n");
  expect(out).toMatch(/^ {2}IN, beside what is expected {2,}none: bits equal$/m);
  expect(out).toMatch(/^ {2}OUT, beside IN {2,}(?:none: bits equal|\d\.\de-\d+ {2,}\d\.\de-\d+)$/m);
  expect(out).toContain("onnxruntime-node isn't installed here");
  expect(out).toMatch(/\nVerdict {2}The same(?: within 1e-5: at most \d\.\de-\d+ apart|, to the bit)\.\n/);
  expect(out).toMatch(/\nright\.onnx {2}ONNX, [\d.]+ kB\n$/);
});

test("wrong outputs: exit code 1, and OUT is as it was", async () => {
  writeFileSync(path("kept.onnx"), "as it was");
  const before = place.state();
  const { code, out, err } = await wasmgrad("net.safetensors kept.onnx --check wrong.npz");
  expect([code, err]).toEqual([1, ""]);
  expect(out).toMatch(/\nVerdict {2}Differs by up to 1\.0e-3, more than the tolerance of 1e-5\.\n/);
  expect(out).toMatch(/\nkept\.onnx {2}not written: the comparison failed\n$/);
  expect(place.state()).toEqual(before);
  const again = await wasmgrad("net.safetensors kept.onnx --check wrong.npz --json");
  expect(again.code).toBe(1);
  expect(JSON.parse(again.out)).toMatchObject({ output: { written: false }, check: { passed: false } });
  expect(place.state()).toEqual(before);
  expect((await json("net.safetensors far.onnx --check wrong.npz --tolerance 0.01")).check!.passed).toBe(true);
});

test("rounded weights: the difference is said, and a limit only if there is one", async () => {
  for (const [out, option, type] of [
    ["h.safetensors", "--dtype F16", "F16"],
    ["b.safetensors", "--dtype BF16", "BF16"],
    ["h.mjs", "--weights float16", "float16"],
    ["i.mjs", "--weights int8", "int8"],
  ] as const) {
    const text = (await output(`net.safetensors ${out} ${option} --check in.npz`)).replaceAll(/\s+/g, " ");
    expect(text).toMatch(new RegExp(`Weights were rounded to ${type}: what is written is up to \\S+ apart`));
    const { check } = await json(`net.safetensors ${out} ${option} --check in.npz`);
    const { what, outputs: all } = check!.comparisons.at(-1)!;
    expect([what, check!.tolerance]).toEqual(["written", { expected: 1e-5 }]);
    expect(all[0]!.measure).toBeGreaterThan(1e-6);
    expect(all[0]!.measure).toBeLessThan(0.1);
    const strict = await wasmgrad(`net.safetensors strict-${out} ${option} --check in.npz --tolerance 1e-7`);
    expect([strict.code, existsSync(path(`strict-${out}`))]).toEqual([1, false]);
  }
});

test("ONNX Runtime runs what is read and written, where it is installed", async () => {
  symlinkSync(join(foreignFolder("onnxruntime-node"), ".."), path("node_modules"));
  for (const layout of ["channelsFirst", "channelsLast"]) {
    await output(`net.safetensors there.onnx --layout ${layout}`);
    const option = layout === "channelsFirst" ? "channelsLast" : "file";
    const { check } = await json(`there.onnx again.onnx --layout ${option} --check in.npz`);
    expect(check!.onnxRuntime).toMatch(/^\d+\.\d+\.\d+$/);
    expect(check!.comparisons.map(({ what }) => what)).toEqual(["expected", "written", "runtime-in", "runtime-out"]);
    expect(check!.passed).toBe(true);
  }
});

test("several inputs and outputs have their names", async () => {
  const ends = outputs({
    sum: { shape: 2, loss: meanSquaredError() },
    one: { shape: 1, loss: meanSquaredError() },
  });
  const model = await sequential(
    { input: inputs({ a: 3, b: 4 }), seed: 3 },
    dense(4, { name: "first" }),
    add([from("first"), from("b", dense(4))]),
    ends.layer({ sum: dense(2), one: dense(1) }),
  );
  await saveModel(model, path("ends.safetensors"));
  const [a, b] = [Float32Array.of(1, 2, 3, -1, 0, 1), Float32Array.from({ length: 8 }, (_, i) => i / 8)];
  const { sum, one } = ends.split(model.predict(model.inputs!.join({ a, b })));
  const shapeOfB = [2, ...model.inputs!.shapes["b"]!];
  const arrays = {
    a: { shape: [2, 3], data: a },
    b: { shape: shapeOfB, data: b },
    one: { shape: [2], data: one },
    sum: { shape: [2, 2], data: sum.map((value) => value + 1) },
  };
  writeFileSync(path("ends.npz"), await writeNpz(arrays));
  const { code, out } = await wasmgrad("ends.safetensors ends.onnx --check ends.npz --json");
  expect(code).toBe(1);
  const { check } = JSON.parse(out) as Awaited<ReturnType<typeof json>>;
  const [expected, written] = check!.comparisons;
  expect(expected!.outputs.map(({ output: name, equal }) => `${name} ${equal}`).toSorted()).toEqual([
    "one true",
    "sum false",
  ]);
  expect(written!.outputs.map(({ output: name }) => name)).toEqual(["sum", "one"]);
  expect(Math.max(...written!.outputs.map(({ measure }) => measure!))).toBeLessThan(1e-6);
});
