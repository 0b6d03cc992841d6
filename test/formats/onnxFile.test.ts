// ONNX files: put together by hand, all of ONNX's node tests, and bad ones. PyTorch's are read in onnxWriter.test.ts.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readOnnx, readOnnxTensor } from "../../src/formats/onnxFile.ts";
import type { FileError } from "../../src/formats/fileError.ts";
import type { OnnxModel } from "../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../src/formats/onnxWriter.ts";
import { ARCHIVE, caseFolders, isThere } from "../onnx/archive.ts";
import { type Field, message, modelMessage, rawBytes, tensorMessage, varint } from "../support/protobufMessages.ts";
import { expectRefusal } from "../support/refusals.ts";

const emptyGraph = { name: "", doc: "", nodes: [], initializers: [], inputs: [], outputs: [], values: [] } as const;

const read = (bytes: Uint8Array): OnnxModel => readOnnx(bytes, "a.onnx");

describe("reads", () => {
  const type = (field: number, ...fields: readonly Field[]): Field => [2, message([field, message(...fields)])];
  const axes: readonly Field[] = [
    [1, message([2, "batch"])],
    [1, message([1, 0])],
    [1, message()],
    [1, message([3, "a denotation"])],
  ];
  const floats = rawBytes(Float32Array.of(0.5, -2));
  const attributes: readonly Field[] = [
    [5, message([1, "axis"], [20, 2], [3, -1])],
    [5, message([1, "none"], [20, 2])],
    [5, message([1, "mode"], [20, 3], [4, "edge"])],
    [5, message([1, "pads"], [20, 7], [8, 1], [8, -2])],
    [5, message([1, "packed"], [20, 7], [8, Uint8Array.from([...varint(300), ...varint(-(2 ** 53) + 1)])])],
    [5, message([1, "names"], [20, 8], [9, "Tanh"], [9, ""])],
    [5, message([1, "shares"], [20, 6], [7, floats])],
    [5, message([1, "value"], [20, 4], [5, tensorMessage([1], 6, [5, 7])])],
    [5, message([1, "values"], [20, 9], [10, tensorMessage([0], 1)])],
    [5, message([1, "body"], [20, 5], [6, message([2, "inner"])])],
    [5, message([1, "bodies"], [20, 10], [11, message([2, "a"])], [11, message()])],
  ];
  const float = Uint8Array.from([...message([1, "alpha"], [20, 1]), 2 * 8 + 5, ...rawBytes(Float32Array.of(0.1))]);
  const node = message(
    [1, "x"],
    [1, ""],
    [2, "y"],
    [3, "here"],
    [4, "Pad"],
    [6, "a doc"],
    [7, "of.others"],
    ...attributes,
    [5, float],
  );
  const file = message(
    [1, 9],
    [2, "a program"],
    [3, "1.2"],
    [4, "org.example"],
    [5, 3],
    [6, "a model"],
    [99, "from the future"],
    [7, message(
      [1, node],
      [2, "graph"],
      [5, message([1, 1], [2, 7], [7, -4], [8, "w"])],
      [10, "a graph"],
      [11, message([1, "x"], type(1, [1, 1], [2, message(...axes)]), [3, "an input"])],
      [11, message([1, "list"], type(4, [1, message([1, message([1, 8])])]))],
      [11, message([1, "none"])],
      [12, message([1, "y"], type(9, [1, message([4, message()])]))],
      [13, message([1, "v"], type(5, [1, 7], [2, message([8, message([1, 16], [2, message()])])]))],
      [13, message([1, "o"], type(7, [1, "org"], [2, "kind"]))],
      [14, message([1, "quantized"])],
    )],
    [8, message([1, "of.others"], [2, 3])],
    [8, message([2, 999])],
    [14, message([1, "key"], [2, "text"])],
    [20, message()],
  ); // prettier-ignore
  const expected: OnnxModel = {
    irVersion: 9,
    producer: "a program",
    producerVersion: "1.2",
    domain: "org.example",
    modelVersion: 3,
    doc: "a model",
    // an opset from the future is who uses the operators' business
    opsets: [
      { domain: "of.others", version: 3 },
      { domain: "", version: 999 },
    ],
    metadata: [["key", "text"]],
    graph: {
      name: "graph",
      doc: "a graph",
      nodes: [
        {
          name: "here",
          operator: "Pad",
          domain: "of.others",
          inputs: ["x", ""],
          outputs: ["y"],
          attributes: [
            { name: "axis", type: "int", value: -1 },
            { name: "none", type: "int", value: 0 }, // what is 0 may be left out
            { name: "mode", type: "string", value: "edge" },
            { name: "pads", type: "ints", value: [1, -2] },
            { name: "packed", type: "ints", value: [300, -(2 ** 53) + 1] },
            { name: "names", type: "strings", value: ["Tanh", ""] },
            { name: "shares", type: "floats", value: [0.5, -2] },
            { name: "value", type: "tensor", value: { name: "", type: "int32", shape: [1], data: Int32Array.of(7) } },
            {
              name: "values",
              type: "tensors",
              value: [{ name: "", type: "float", shape: [0], data: new Float32Array(0) }],
            },
            { name: "body", type: "graph", value: { ...emptyGraph, name: "inner" } },
            { name: "bodies", type: "graphs", value: [{ ...emptyGraph, name: "a" }, emptyGraph] },
            { name: "alpha", type: "float", value: Math.fround(0.1) },
          ],
        },
      ],
      initializers: [{ name: "w", type: "int64", shape: [1], data: BigInt64Array.of(-4n) }],
      inputs: [
        {
          name: "x",
          doc: "an input",
          type: { kind: "tensor", element: "float", shape: ["batch", 0, undefined, undefined] },
        },
        {
          name: "list",
          doc: "",
          type: { kind: "sequence", of: { kind: "tensor", element: "string", shape: undefined } },
        },
        { name: "none", doc: "", type: undefined },
      ],
      outputs: [{ name: "y", doc: "", type: { kind: "optional", of: { kind: "sequence", of: undefined } } }],
      values: [
        {
          name: "v",
          doc: "",
          type: { kind: "map", key: "int64", of: { kind: "sparse", element: "bfloat16", shape: [] } },
        },
        { name: "o", doc: "", type: { kind: "opaque", domain: "org", name: "kind" } },
      ],
    },
  };

  test("all fields, and skips those that it doesn't know", () => {
    expect(read(file)).toEqual(expected);
    const moved = new Uint8Array(file.length + 3);
    moved.set(file, 3);
    expect(read(moved.subarray(3))).toEqual(expected);
  });

  test("what is written is read as the same, twice the same bytes", () => {
    const written = writeOnnx(expected);
    expect(read(written)).toEqual(expected);
    expect(writeOnnx(read(written))).toEqual(written);
  });

  test("a graph within a graph, to the depth of protobuf's own readers", () => {
    // each is three messages deeper
    const nested = (depth: number): Uint8Array =>
      depth === 0
        ? message([2, "innermost"])
        : message([1, message([4, "If"], [5, message([1, "branch"], [20, 5], [6, nested(depth - 1)])])]);
    const model = (depth: number): Uint8Array => message([7, nested(depth)]);
    expect(JSON.stringify(read(model(32)))).toContain("innermost");
    expect(writeOnnx(read(model(32))).length).toBeGreaterThan(32);
    expect(() => read(model(33))).toThrow("has messages within each other deeper than 100");
  });
});

describe.skipIf(!isThere() && !process.env["CI"])("ONNX's node tests", () => {
  const folders = isThere() ? caseFolders() : [];

  test("are all there", () => {
    expect(isThere(), ARCHIVE).toBe(true);
    expect(folders).toHaveLength(444);
  });

  test("are written as they were read, to the byte but for empty domains, which ONNX's Python writes out", () => {
    const others: string[] = [];
    for (const folder of folders) {
      const bytes = readFileSync(join(folder, "model.onnx"));
      const model = readOnnx(bytes, folder);
      const written = writeOnnx(model);
      expect(readOnnx(written, folder)).toEqual(model);
      // eslint-disable-next-line no-control-regex -- an opset: its length, the empty domain, the version
      const without = bytes.toString("latin1").replace(/B([\x04\x05])\n\0\x10/, (_, length: string) =>
        `B${String.fromCharCode(length.charCodeAt(0) - 2)}\x10`,
      ); // prettier-ignore
      if (Buffer.from(written).toString("latin1") !== without) others.push(basename(folder));
    }
    // here a node's, too
    expect(others).toEqual(["test_clip_default_inbounds_expanded", "test_clip_default_int8_inbounds_expanded"]);
  });

  test("have tensors, which are written and read as the same", () => {
    const refused: string[] = [];
    let count = 0;
    for (const folder of folders) {
      for (const file of readdirSync(join(folder, "test_data_set_0"))) {
        const bytes = readFileSync(join(folder, "test_data_set_0", file));
        const { graph } = readOnnx(readFileSync(join(folder, "model.onnx")), folder);
        const [, side, index] = /^(input|output)_(\d+)\.pb$/.exec(file)!;
        const { type, name } = graph[side === "input" ? "inputs" : "outputs"][Number(index)]!;
        if (type?.kind !== "tensor") {
          refused.push(`${type?.kind} ${basename(folder)}`);
          continue;
        }
        const tensor = readOnnxTensor(bytes, file);
        expect([tensor.name, tensor.type, tensor.shape]).toEqual([name, type.element, type.shape]);
        const model = { ...read(modelMessage()), graph: { ...emptyGraph, initializers: [tensor] } };
        expect(read(writeOnnx(model)).graph.initializers).toEqual([tensor]);
        count++;
      }
    }
    expect(count).toBeGreaterThan(1600);
    expect(new Set(refused.map((text) => text.split(" ")[0]))).toEqual(new Set(["optional", "sequence"]));
  });
});

describe("refuses", () => {
  const at = (offset: number, reason: string): string => `a.onnx can't be read at byte ${offset}: ${reason}`;
  const attribute = (...fields: readonly Field[]): Uint8Array =>
    modelMessage([1, message([4, "Relu"], [5, message([1, "a"], ...fields)])]);

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), at(0, "the file is empty; is it an ONNX file?")],
    ["no graph", message([1, 8]), at(2, "there is no graph")],
    ["two graphs", message([1, 8], [7, message()], [7, message()]), at(4, "there is a second graph")],
    ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), at(0, "the ModelProto has field 1281 of 8 bytes, but 2 are left; is it an ONNX file?")],
    ["an end within a field", modelMessage().subarray(0, -1), at(4, "the ModelProto has field 8 of 2 bytes, but 1 are left")],
    ["an end within a varint", Uint8Array.of(8, 0x80), at(1, "it ends within a varint")],
    ["a varint without end", Uint8Array.from([8, ...Array.from({ length: 11 }, () => 0x80), 0]), at(1, "a varint has more than 64 bits")],
    ["a varint of 70 bits", Uint8Array.from([8, ...Array.from({ length: 9 }, () => 0xff), 2]), at(1, "a varint has more than 64 bits")],
    ["a length of 2^63", Uint8Array.from([58, ...varint(2n ** 63n)]), at(0, "the ModelProto has field 7 of 9223372036854776000 bytes, but 0 are left; is it an ONNX file?")],
    ["field 0", Uint8Array.of(0, 0), at(0, "the ModelProto has a field of a number that no field can have; is it an ONNX file?")],
    ["a group", Uint8Array.of(0x9b, 6, 0x9c, 6), at(0, "the ModelProto has a group as field 99; no field is one; is it an ONNX file?")],
    ["a wire type of the future", Uint8Array.of(15), at(0, "the ModelProto has field 1 with the unknown wire type 7; is it an ONNX file?")],
    ["a text where a graph is", message([7, 3]), at(0, "the ModelProto has field 7 as a varint, but it must be bytes with their length; is it an ONNX file?")],
    ["a text that isn't UTF-8", message([2, Uint8Array.of(0xff)]), at(0, "the ModelProto has field 2 as a text that isn't UTF-8; is it an ONNX file?")],
    ["a version beyond 2^53", message([1, 2n ** 53n]), at(1, "the whole number 9007199254740992 is beyond 2^53 - 1, up to which numbers are exact")],
    ["a function", message([1, 8], [25, message([1, "swish"])]), at(2, 'there is a function, "swish"; inline it first, by onnx.inliner of Python')],
    ["a sparse initializer", modelMessage([15, message([1, tensorMessage([1], 1, [8, "w"])])]), at(4, 'the initializer "w" is sparse; write it with all its numbers')],
    ["a node without operator", modelMessage([1, message([3, "n"])]), at(6, 'the node "n" has no operator')],
    ["an attribute without type", attribute(), at(14, 'the attribute "a" has no type; read are float, int, string, tensor, graph, floats, ints, strings, tensors, graphs')],
    ["an attribute of a sparse tensor", attribute([20, 11]), /the attribute "a" is of the type 11 \(sparse tensor\), which isn't read/.source],
    ["an attribute of the future", attribute([20, 77]), /the attribute "a" is of the type 77, which isn't read/.source],
    ["an attribute of a function", attribute([20, 1], [21, "alpha"]), at(14, 'the attribute "a" stands for an attribute of a function, "alpha"; inline functions first')],
    ["an attribute of no tensor", attribute([20, 4]), at(14, 'the attribute "a" must have one tensor, but has 0')],
    ["an attribute with half a float", attribute([20, 6], [7, Uint8Array.of(1, 2)]), at(14, 'the attribute "a" has 2 bytes of numbers of 4')],
    ["an attribute beyond 2^53", attribute([20, 7], [8, 2n ** 63n - 1n]), at(21, "the whole number 9223372036854775807 is beyond 2^53 - 1, up to which numbers are exact")],
    ["elements of the future", modelMessage([11, message([2, message([1, message([1, 99])])])]), at(10, "elements of the type 99 are unknown; known are 0 to 26")],
  ])("%s", (_, bytes, text) => {
    let error: unknown;
    try {
      read(bytes);
    } catch (thrown) {
      error = thrown;
    }
    const { message: whole, offset, reason, name } = error as FileError;
    if (text.startsWith("a.onnx")) expect(whole).toBe(text);
    else expect(whole).toMatch(new RegExp(text));
    expect(whole).toBe(at(offset, reason));
    expect(name).toBe("FileError");
    expect(offset).toBeLessThanOrEqual(bytes.length);
  }); // prettier-ignore

  test("what are no bytes", async () => {
    const wrong = new ArrayBuffer(3) as unknown as Uint8Array;
    await expectRefusal(() => read(wrong), TypeError, /^a\.onnx: the file must be a Uint8Array, got .*; new Uint8Array\(buffer\) makes one$/);
  }); // prettier-ignore

  test("every beginning of a file, and every byte of it changed: an error of its own, or another model", () => {
    const file = modelMessage(
      [1, message([1, "x"], [2, "y"], [4, "Relu"], [5, message([1, "a"], [20, 7], [8, 3])])],
      [5, tensorMessage([2], 1, [8, "w"], [9, rawBytes(Float32Array.of(1, 2))])],
      [11, message([1, "x"], [2, message([1, message([1, 1], [2, message([1, message([1, 2])])])])])],
    );
    let refused = 0;
    const attempt = (bytes: Uint8Array): void => {
      try {
        const model = read(bytes);
        expect(read(writeOnnx(model))).toEqual(model);
      } catch (error) {
        expect((error as FileError).name).toBe("FileError");
        refused++;
      }
    };
    for (let i = 0; i < file.length; i++) {
      attempt(file.subarray(0, i));
      for (const change of [1, 2, 4, 8, 0x80, 0xff]) attempt(file.with(i, file[i]! ^ change));
    }
    expect(refused).toBeGreaterThan(file.length);
  });
});
