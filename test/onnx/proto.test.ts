// The reader of ONNX files, with messages put together by hand.
import { describe, expect, test } from "vitest";
import { readModel, readTensor } from "./proto.ts";

type Field = readonly [number: number, value: number | string | Uint8Array];

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};

/** A message: numbers are varints, texts and bytes have their length before them. */
function message(...fields: readonly Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([field, value]) => {
      if (typeof value === "number") return [...varint(field * 8), ...varint(value)];
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();

/** A tensor of a type, with a field of data. */
const tensor = (shape: readonly number[], type: number, ...data: readonly Field[]): Uint8Array =>
  message(...shape.map((n): Field => [1, n]), [2, type], ...data);

describe("tensors", () => {
  test.each([
    ["float32", 1, Float32Array.of(1.5, -2), [1.5, -2]],
    ["bytes", 2, Uint8Array.of(1, 255), [1, 255]],
    ["whole numbers", 6, Int32Array.of(-7, 8), [-7, 8]],
    ["int64", 7, BigInt64Array.of(-9n, 10n), [-9, 10]],
    ["booleans", 9, Uint8Array.of(0, 1), [0, 1]],
    ["float16", 10, Uint16Array.of(0x3c00, 0xc180), [1, -2.75]],
    ["float16, tiny and infinite", 10, Uint16Array.of(0x8001, 0x7c00), [-(2 ** -24), Infinity]],
    ["float64", 11, Float64Array.of(0.1, 2), [0.1, 2]],
  ] as const)("of %s as raw bytes, also from the middle of a buffer", (_, type, data, expected) => {
    const file = tensor([2], type, [9, bytesOf(data)]);
    const within = Buffer.concat([Uint8Array.of(1), file]).subarray(1);
    expect(Array.from(readTensor(within).data)).toEqual(expected);
  });

  test.each([
    ["float32", 1, [4, bytesOf(Float32Array.of(3, 4))], [3, 4]],
    ["whole numbers, packed", 6, [5, Uint8Array.from([...varint(-1), ...varint(300)])], [-1, 300]],
    ["int64, packed", 7, [7, Uint8Array.from([...varint(-(2 ** 40)), ...varint(5)])], [-(2 ** 40), 5]],
    ["float64", 11, [10, bytesOf(Float64Array.of(0.5, 7))], [0.5, 7]],
    ["float16", 10, [5, Uint8Array.from([...varint(0x3800), ...varint(0x4000)])], [0.5, 2]],
  ] as const)("of %s in a field of their own", (_, type, data, expected) => {
    expect(Array.from(readTensor(tensor([2], type, data)).data)).toEqual(expected);
  });

  test("of numbers that aren't packed, and of none", () => {
    expect(Array.from(readTensor(tensor([2], 7, [7, 3], [7, -4])).data)).toEqual([3, -4]);
    expect(readTensor(tensor([0, 3], 1))).toEqual({ shape: [0, 3], data: new Float32Array(0), type: "float" });
    expect(readTensor(tensor([], 7, [7, 0]))).toEqual({ shape: [], data: [0], type: "int64" });
  });

  test("that can't be read are refused", () => {
    expect(() => readTensor(tensor([3], 7, [7, 1]))).toThrow("onnx: a tensor of 3 numbers has 1");
    expect(() => readTensor(tensor([1], 8, [6, "text"]))).toThrow("onnx: a tensor of the type 8 is not read");
    expect(() => readTensor(Uint8Array.of(0x0a, 5, 1))).toThrow("protobuf: a field reaches beyond its message");
    expect(() => readTensor(Uint8Array.of(0x0b, 1))).toThrow("protobuf: wire type 3 is not read");
  });
});

describe("models", () => {
  const type = (field: number): Field => [2, message([field, message()])];
  const attributes: readonly Field[] = [
    [5, message([1, "axis"], [20, 2], [3, -1])],
    [5, message([1, "mode"], [20, 3], [4, "edge"])],
    [5, message([1, "pads"], [20, 7], [8, 1], [8, 2])],
    [5, message([1, "names"], [20, 8], [9, "Tanh"], [9, "Relu"])],
    [5, message([1, "none"], [20, 2])],
  ];
  const node = message([1, "x"], [1, ""], [2, "y"], [4, "Pad"], [7, "of.others"], ...attributes);
  const graph = message(
    [1, node],
    [5, message([1, 1], [2, 7], [7, 4], [8, "w"])],
    [11, message([1, "x"], type(1))],
    [11, message([1, "list"], type(4))],
    [12, message([1, "y"], type(9))],
  );
  const file = message([8, message([1, "of.others"], [2, 3])], [8, message([2, 21])], [7, graph]);

  test("have nodes, attributes, initializers, and what goes in and out", () => {
    const model = readModel(file);
    expect(model.opset).toBe(21);
    expect(model.nodes).toEqual([
      {
        operator: "Pad",
        domain: "of.others",
        inputs: ["x", ""],
        outputs: ["y"],
        attributes: new Map<string, unknown>([
          ["axis", -1],
          ["mode", "edge"],
          ["pads", [1, 2]],
          ["names", ["Tanh", "Relu"]],
          ["none", 0], // what is 0 may be left out
        ]),
      },
    ]);
    expect([...model.initializers]).toEqual([["w", { shape: [1], data: [4], type: "int64" }]]);
    expect(model.inputs).toEqual([
      { name: "x", kind: "tensor" },
      { name: "list", kind: "sequence" },
    ]);
    expect(model.outputs).toEqual([{ name: "y", kind: "optional" }]);
  });

  test("with an attribute of an unknown kind are refused", () => {
    const strange = message([7, message([1, message([4, "If"], [5, message([1, "then_branch"], [20, 5])])])]);
    expect(() => readModel(strange)).toThrow("onnx: attribute then_branch of the kind 5 is not read");
  });
});
