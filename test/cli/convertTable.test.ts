// The table of what became of what: what was done is seen by the numbers, and it fits the terminal.
import { beforeAll, describe, expect, test } from "vitest";
import { doneOf, doneOfType, type Row } from "../../cli/convert/mapping.ts";
import { mappingTable, shortened } from "../../cli/convert/mappingTable.ts";
import { width } from "../../cli/layout.ts";
import { makePlace, putModel } from "../support/converting.ts";

const count = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const made = (shape: readonly number[], of = (i: number): number => i + 1) => ({
  shape,
  data: Float32Array.from({ length: count(shape) }, (_, i) => of(i)),
});

describe("what was done", () => {
  test.each([
    ["copied", made([2, 3]), made([2, 3])],
    ["copied", made([6]), made([1, 6])],
    ["reshaped", made([2, 3]), made([3, 2])],
    ["transposed", made([2, 3]), made([3, 2], (i) => 1 + (i % 2) * 3 + Math.floor(i / 2))],
    ["transposed", made([2, 1, 3, 1]), made([3, 1, 1, 2], (i) => 1 + (i % 2) * 3 + Math.floor(i / 2))],
    ["reordered", made([4]), made([4], (i) => 4 - i)],
    ["part", made([6, 2]), made([2, 2], (i) => 5 + i)],
    ["part", made([2, 6]), made([2, 2], (i) => 3 + (i % 2) + 6 * Math.floor(i / 2))],
    ["added", made([1, 8]), made([4], (i) => 1 + i + 5 + i)],
    ["computed", made([4]), made([4], (i) => 2 * i)],
    ["computed", made([5]), made([4])],
  ])("%s", (done, there, here) => {
    expect(doneOf(there, here)).toBe(done);
  });

  test("whole numbers of 64 bits are compared, too", () => {
    expect(doneOf({ shape: [2], data: BigInt64Array.of(1n, 2n) }, made([2]))).toBe("copied");
  });

  test("of types", () => {
    expect(doneOfType("float32", "float32")).toBe("copied");
    expect(doneOfType("float32", "float16")).toBe("rounded");
    expect(doneOfType("float16", "bfloat16")).toBe("rounded");
    expect(doneOfType("bfloat16", "float32")).toBe("float32");
    expect(doneOfType("int64", "int64")).toBe("copied");
  });
});

test("names are cut at their beginning", () => {
  expect(shortened("encoder.layers.0.weight", 11)).toBe("…s.0.weight");
  expect(shortened("  encoder.layers.0.weight", 13)).toBe("  …s.0.weight");
  expect(shortened("short", 5)).toBe("short");
  expect(width(shortened("很长的层的名字没有尽头.weight", 12))).toBeLessThanOrEqual(12);
});

const rows = (n: number): Row[] =>
  Array.from({ length: n }, (_, i) => ({
    there: `module.encoder.layers.${i}.self_attn.out_proj.weight`,
    thereShape: [1024, 256],
    here: `encoder.layers.${i}.selfAttention.weightO`,
    hereShape: [256, 1024],
    done: "transposed",
  }));

test.each([36, 50, 80, 140])("%d columns are enough", (columns) => {
  const before = process.env["COLUMNS"];
  process.env["COLUMNS"] = String(columns);
  try {
    for (const language of ["en", "zh"] as const) {
      const text = mappingTable(rows(200), ["a.onnx", "b.safetensors"], { of: (words) => words[language] });
      const lines = text.split("\n");
      expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(columns);
      expect(text).toContain(language === "en" ? "… 152 more; --json has them all" : "…… 还有 152 行；--json 全部列出");
      if (columns === 140) expect(lines.at(-1)).toContain("module.encoder.layers.199.self_attn.out_proj.weight");
    }
  } finally {
    if (before === undefined) delete process.env["COLUMNS"];
    else process.env["COLUMNS"] = before;
  }
});

describe("as it is printed", () => {
  const place = makePlace("convert-table");
  beforeAll(async () => {
    await putModel(place);
  });

  test.each([
    [80, "en"],
    [120, "en"],
    [80, "zh"],
    [40, "zh"],
  ])("%d columns, %s", async (columns, lang) => {
    const out = await place.output(`net.safetensors t.onnx --check in.npz --lang ${lang}`, { columns });
    expect(Math.max(...out.split("\n").map(width))).toBeLessThanOrEqual(columns);
    expect(out).toMatch(/conv1\.kernel\s+3x3x1x4\s+→\s+conv1\.kernel\s+4x1x3x3\s+(?:transposed|转置)/);
    expect(/[\u4e00-\u9fff]/.test(out)).toBe(lang === "zh");
  });

  test("all of the table with --json, without a word besides", async () => {
    const { mapping } = await place.json("net.safetensors t.onnx");
    expect(mapping.read).toEqual([]);
    expect(mapping.written.filter(({ done }) => done !== "layer")).toEqual(
      [
        ["conv1.kernel", [4, 1, 3, 3], [3, 3, 1, 4], "transposed"],
        ["conv1.bias", [4], [4], "copied"],
        ["dense1.weight", [80, 6], [80, 6], "reordered"],
        ["dense1.bias", [6], [6], "copied"],
        ["dense2.weight", [6, 3], [6, 3], "copied"],
        ["dense2.bias", [3], [3], "copied"],
      ].map(([name, fileShape, modelShape, done]) => ({ file: name, fileShape, model: name, modelShape, done })),
    );
  });
});
