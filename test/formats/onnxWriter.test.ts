// What is written as ONNX: PyTorch's files to the byte, whose fields are those that the protobuf library in it prints; and what is refused.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOnnx } from "../../src/formats/onnxFile.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxTensor, OnnxType } from "../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../src/formats/onnxWriter.ts";
import { refuses } from "../support/refusals.ts";
import { parseText, type Tree, treeOf } from "../support/textFormat.ts";
import { needsTorch, PYTHON, skipsTorch } from "../support/torch.ts";

const EMPTY: OnnxGraph = { name: "", doc: "", nodes: [], initializers: [], inputs: [], outputs: [], values: [] };
const MODEL: OnnxModel = {
  irVersion: 8,
  producer: "wasmgrad",
  producerVersion: "",
  domain: "",
  modelVersion: 0,
  doc: "",
  opsets: [{ domain: "", version: 13 }],
  graph: EMPTY,
  metadata: [],
};

describe.skipIf(skipsTorch)(`PyTorch${needsTorch}`, () => {
  const script = join(import.meta.dirname, "onnxWriter.torch.py");
  const folder = mkdtempSync(join(tmpdir(), "onnx-"));
  const python = (...words: readonly string[]): unknown =>
    JSON.parse(execFileSync(PYTHON, [script, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
  let numbers: Readonly<Record<string, readonly number[]>>;
  const file = (name: string): Buffer => readFileSync(join(folder, name));

  beforeAll(() => {
    numbers = python("export", folder) as typeof numbers;
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["types", "sequence11", "sequence17", "bag", "image"])(
    "writes %s: every field is what its protobuf library prints, and is written as the same bytes",
    (name) => {
      const bytes = file(`${name}.onnx`);
      const model = readOnnx(bytes, name);
      const printed = parseText(file(`${name}.txt`).toString("utf8"));
      // of 16 bits: what their numbers are is compared below
      const rawOf = (tensor: OnnxTensor): string => {
        const all = (printed["graph"]![0] as Tree)["initializer"] as readonly Tree[];
        return all.find((each) => each["name"]![0] === tensor.name)!["raw_data"]![0] as string;
      };
      // names of nodes and of what goes between them are other ones in what is printed: told apart by their places
      expect(renamed(treeOf(model, rawOf))).toEqual(renamed(printed));
      expect(Buffer.from(writeOnnx(model)).equals(bytes)).toBe(true);
    },
  );

  test("has numbers of ten types", () => {
    const { initializers } = readOnnx(file("types.onnx"), "types").graph;
    const names = { float32: "float", float64: "double" } as Readonly<Record<string, string>>;
    expect(Object.keys(numbers)).toHaveLength(10);
    for (const [name, values] of Object.entries(numbers)) {
      const tensor = initializers.find((each) => each.name === `of_${name}`)!;
      expect([tensor.type, tensor.shape]).toEqual([names[name] ?? name, [2, 3]]);
      expect(Array.from(tensor.data as ArrayLike<number | bigint>, Number)).toEqual(values);
    }
  });

  test("has ONNX's checker, which takes what is written here", () => {
    const constant = (name: string): OnnxModel => {
      const tensor = readOnnx(file("types.onnx"), "types").graph.initializers.find((each) => each.name === name)!;
      const { type, shape } = tensor;
      const node = { name: "", operator: "Identity", domain: "", inputs: [name], outputs: ["y"], attributes: [] };
      const y = { name: "y", doc: "", type: { kind: "tensor", element: type, shape } } as const;
      const graph = { ...EMPTY, name: "g", nodes: [node], initializers: [tensor], outputs: [y] };
      return { ...MODEL, metadata: [["a", "b"]], graph };
    };
    const files = Object.keys(numbers).map((name) => writeOnnx(constant(`of_${name}`)));
    files.push(files[0]!.subarray(0, -3));
    const paths = files.map((bytes, i) => {
      const path = join(folder, `written${i}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    expect(python("check", ...paths)).toEqual([...Object.keys(numbers).map(() => ""), "Invalid ONNX proto string."]);
  });
});

/** The same with names by their first use: `v0`, `v1`, ... */
function renamed(given: Tree): unknown {
  const names = new Map<string, string>();
  const name = (text: unknown): unknown => {
    if (typeof text !== "string" || text === "") return text;
    if (!names.has(text)) names.set(text, `v${names.size}`);
    return names.get(text);
  };
  const walk = (value: unknown, field: string): unknown => {
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value as Tree).map(([key, values]) => {
        const isName = key === "input" || key === "output" || (key === "name" && /^(?:node|input|output)$/.test(field));
        return [key, values.map((each) => (isName && typeof each === "string" ? name(each) : walk(each, key)))];
      }),
    );
  };
  return walk(given, "");
}

describe("refuses", () => {
  const graph = (changes: Partial<OnnxGraph>): OnnxModel => ({ ...MODEL, graph: { ...EMPTY, ...changes } });
  const node = { name: "n", operator: "Relu", domain: "", inputs: [], outputs: [], attributes: [] };
  const attribute = (given: unknown): OnnxModel =>
    graph({ nodes: [{ ...node, attributes: [given as OnnxAttribute] }] });
  const tensor = (changes: object): OnnxModel =>
    graph({ initializers: [{ name: "w", type: "float", shape: [2], data: new Float32Array(2), ...changes }] });
  const value = (type: unknown): OnnxModel => graph({ inputs: [{ name: "x", doc: "", type: type as OnnxType }] });
  const endless: { kind: "sequence"; of?: OnnxType } = { kind: "sequence" };
  endless.of = endless as OnnxType;
  const circle = { ...EMPTY, nodes: [{ ...node, attributes: [] as OnnxAttribute[] }] };
  circle.nodes[0]!.attributes.push({ name: "body", type: "graph", value: circle });
  const [W, known] = ["writeOnnx: the tensor \"w\"", "read are float, uint8, int8, uint16, int16, int32, int64, bool, float16, double, uint32, uint64, bfloat16"]; // prettier-ignore

  refuses([
    [() => writeOnnx(3 as unknown as OnnxModel), TypeError, "writeOnnx: the model must be an object with a graph, got 3"],
    [() => writeOnnx({ ...MODEL, irVersion: 1.5 }, "toOnnx"), RangeError, "toOnnx: irVersion must be a whole number up to 2^53 - 1, got 1.5"],
    [() => writeOnnx({ ...MODEL, opsets: [{ domain: "a", version: NaN }] }), RangeError, 'writeOnnx: the version of the opset "a" must be a whole number up to 2^53 - 1, got NaN'],
    [() => writeOnnx(graph({ nodes: [{ ...node, operator: "" }] })), RangeError, 'writeOnnx: the node "n" has no operator'],
    [() => writeOnnx(attribute({ name: "a", type: "ints", value: [1, 2 ** 53] })), RangeError, 'writeOnnx: the attribute "a" must be a whole number up to 2^53 - 1, got 9007199254740992'],
    [() => writeOnnx(attribute({ name: "a", type: "bool", value: true })), TypeError, 'writeOnnx: the attribute "a" is of the unknown type "bool"'],
    [() => writeOnnx(tensor({ type: "string" })), TypeError, `${W} is of the type "string"; ${known}`],
    [() => writeOnnx(tensor({ type: "constructor" })), TypeError, `${W} is of the type "constructor"; ${known}`],
    [() => writeOnnx(tensor({ type: "double" })), TypeError, `${W} of double needs a Float64Array, got a Float32Array of 2`],
    [() => writeOnnx(tensor({ type: "float16", data: new Uint16Array(2) })), TypeError, `${W} of float16 needs a Float32Array, got a Uint16Array of 2`],
    [() => writeOnnx(tensor({ shape: [3] })), RangeError, `${W} is 3, 3 in all, but has 2`],
    [() => writeOnnx(tensor({ shape: [-1, -2] })), RangeError, `${W} is -1 x -2, 2 in all, but has 2`],
    [() => writeOnnx(value({ kind: "tensor", element: "float32", shape: [] })), RangeError, 'writeOnnx: elements of the type "float32" are unknown'],
    [() => writeOnnx(value({ kind: "tensor", element: "float", shape: [0.5] })), RangeError, "writeOnnx: the size of an axis must be a whole number up to 2^53 - 1, got 0.5"],
    [() => writeOnnx(value({ kind: "list" })), TypeError, 'writeOnnx: values of the kind "list" are unknown'],
    [() => writeOnnx(value(endless)), RangeError, "writeOnnx: graphs and types are nested deeper than 100 messages"],
    [() => writeOnnx({ ...MODEL, graph: circle }), RangeError, "writeOnnx: graphs and types are nested deeper than 100 messages"],
  ]); // prettier-ignore
});

test("writes the same bytes for the same model, and lone halves of letters as the sign for what isn't known", () => {
  const model = { ...MODEL, doc: "\ud800", graph: { ...EMPTY, name: "g" } };
  const bytes = writeOnnx(model);
  expect(writeOnnx({ ...model })).toEqual(bytes);
  // by hand: irVersion 8, producer, doc, graph of a name, opset 13
  const text = "0808 1208 7761736d67726164 3203efbfbd 3a03 120167 4202 100d";
  expect(Buffer.from(bytes).toString("hex")).toBe(text.replaceAll(" ", ""));
});

test("writes no deeper than it reads", () => {
  // the model, its graph, an output, its type; two for each sequence; a tensor, its shape, and its axis
  const nested = (shape: readonly number[]): OnnxModel => {
    let type: OnnxType = { kind: "tensor", element: "float", shape };
    for (let i = 0; i < 47; i++) type = { kind: "sequence", of: type };
    return { ...MODEL, graph: { ...EMPTY, outputs: [{ name: "y", doc: "", type }] } };
  };
  expect(readOnnx(writeOnnx(nested([])), "a.onnx")).toEqual(nested([]));
  expect(() => writeOnnx(nested([1]))).toThrow("writeOnnx: graphs and types are nested deeper than 100 messages");
});
