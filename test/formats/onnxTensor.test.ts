// Tensors of ONNX files: of every type, as bytes, in fields of their own, and in other files; and those that lie about their size.
import { describe, expect, test } from "vitest";
import { readOnnx, readOnnxTensor } from "../../src/formats/onnxFile.ts";
import type { FileError } from "../../src/formats/fileError.ts";
import type { OnnxModel, OnnxNumbers, OnnxTensor } from "../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../src/formats/onnxWriter.ts";
import {
  type Field,
  message,
  modelMessage,
  rawBytes,
  tensorMessage,
  varint,
  varints,
} from "../support/protobufMessages.ts";
import { uniform } from "../support/seeded.ts";

const read = (bytes: Uint8Array): OnnxTensor => readOnnxTensor(bytes, "a.pb");

/** What it is written and read as again. */
function again(tensor: OnnxTensor): OnnxTensor {
  const model = readOnnx(modelMessage(), "a.onnx");
  const written = writeOnnx({ ...model, graph: { ...model.graph, initializers: [tensor] } });
  return readOnnx(written, "a.onnx").graph.initializers[0]!;
}

const BITS = Uint16Array.of(0x3f80, 0xc0a0, 0x7f80, 0x0001, 0x8000);
const BITS_ARE = Float32Array.of(1, -5, Infinity, 2 ** -133, -0);

describe("tensors", () => {
  test.each<[OnnxNumbers, number, ArrayBufferView, OnnxTensor["data"]]>([
    ["float", 1, Float32Array.of(1.5, -2, NaN), Float32Array.of(1.5, -2, NaN)],
    ["uint8", 2, Uint8Array.of(1, 255), Uint8Array.of(1, 255)],
    ["int8", 3, Int8Array.of(1, -128), Int8Array.of(1, -128)],
    ["uint16", 4, Uint16Array.of(1, 65535), Uint16Array.of(1, 65535)],
    ["int16", 5, Int16Array.of(1, -32768), Int16Array.of(1, -32768)],
    ["int32", 6, Int32Array.of(-7, 8), Int32Array.of(-7, 8)],
    ["int64", 7, BigInt64Array.of(-9n, 2n ** 63n - 1n), BigInt64Array.of(-9n, 2n ** 63n - 1n)],
    ["bool", 9, Uint8Array.of(0, 1, 7), Uint8Array.of(0, 1, 1)],
    ["float16", 10, Uint16Array.of(0x3c00, 0xc180, 0x8001, 0x7c00), Float32Array.of(1, -2.75, -(2 ** -24), Infinity)],
    ["double", 11, Float64Array.of(0.1, 2), Float64Array.of(0.1, 2)],
    ["uint32", 12, Uint32Array.of(2 ** 32 - 1), Uint32Array.of(2 ** 32 - 1)],
    ["uint64", 13, BigUint64Array.of(2n ** 64n - 1n), BigUint64Array.of(2n ** 64n - 1n)],
    ["bfloat16", 16, BITS, BITS_ARE],
  ])("of %s as bytes, also from the middle of a buffer", (type, number, bits, data) => {
    const file = tensorMessage([data.length], number, [8, "w"], [9, rawBytes(bits)]);
    const expected = { name: "w", type, shape: [data.length], data };
    for (const at of [0, 1, 2, 3]) {
      const moved = new Uint8Array(at + file.length + 1);
      moved.set(file, at);
      expect(read(moved.subarray(at, at + file.length))).toEqual(expected);
    }
    expect(again(read(file))).toEqual(expected);
    // numbers are copies
    const tensor = read(file);
    file.fill(0);
    expect(tensor).toEqual(expected);
  });

  const doubles = Float64Array.of(0.5, 7);
  test.each<[OnnxNumbers, number, Field, OnnxTensor["data"]]>([
    ["float", 1, [4, rawBytes(Float32Array.of(3, 4))], Float32Array.of(3, 4)],
    ["uint8", 2, [5, varints(0, 255)], Uint8Array.of(0, 255)],
    ["int8", 3, [5, varints(-128, 127)], Int8Array.of(-128, 127)],
    ["uint16", 4, [5, varints(0, 65535)], Uint16Array.of(0, 65535)],
    ["int16", 5, [5, varints(-32768, 32767)], Int16Array.of(-32768, 32767)],
    ["int32", 6, [5, varints(-(2 ** 31), 2 ** 31 - 1)], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ["int64", 7, [7, varints(-(2n ** 63n), 2n ** 63n - 1n)], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
    ["bool", 9, [5, varints(1, 0)], Uint8Array.of(1, 0)],
    ["float16", 10, [5, varints(0x3800, 0x4000)], Float32Array.of(0.5, 2)],
    ["double", 11, [10, rawBytes(doubles)], doubles],
    ["uint32", 12, [11, varints(0, 2 ** 32 - 1)], Uint32Array.of(0, 2 ** 32 - 1)],
    ["uint64", 13, [11, varints(0, 2n ** 64n - 1n)], BigUint64Array.of(0n, 2n ** 64n - 1n)],
    ["bfloat16", 16, [5, varints(...BITS)], BITS_ARE],
  ])("of %s in a field of their own, the type behind it", (type, number, field, data) => {
    const expected = { name: "", type, shape: [data.length], data };
    expect(read(message(field, [1, data.length], [2, number]))).toEqual(expected);
    // an empty field of bytes is none
    expect(read(message(field, [1, data.length], [2, number], [9, new Uint8Array(0)]))).toEqual(expected);
  });

  test("of numbers that aren't packed, in several pieces, and of none", () => {
    expect(read(tensorMessage([3], 7, [7, 3], [7, varints(-4, 5)])).data).toEqual(BigInt64Array.of(3n, -4n, 5n));
    const single = Uint8Array.from([...tensorMessage([1], 1), 4 * 8 + 5, ...rawBytes(Float32Array.of(9))]);
    expect(read(single).data).toEqual(Float32Array.of(9));
    const packedShape = message([1, varints(2, 1)], [2, 6], [5, 1], [5, 2]);
    expect(read(packedShape)).toEqual({ name: "", type: "int32", shape: [2, 1], data: Int32Array.of(1, 2) });
    expect(read(tensorMessage([0, 3], 1))).toEqual({
      name: "",
      type: "float",
      shape: [0, 3],
      data: new Float32Array(0),
    });
    expect(read(tensorMessage([2 ** 40, 2 ** 40, 0], 1)).data).toHaveLength(0);
    expect(read(tensorMessage([], 7, [7, 0]))).toEqual({
      name: "",
      type: "int64",
      shape: [],
      data: BigInt64Array.of(0n),
    });
    // a varint may be longer than it has to be
    expect(read(Uint8Array.of(8, 0x81, 0x80, 0, 16, 6, 40, 0x85, 0)).data).toEqual(Int32Array.of(5));
  });

  test("all bfloat16 stay as they are, and what lies between two goes to the nearer one, of two as near the even one", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const tensor = read(tensorMessage([65536], 16, [9, rawBytes(bits)]));
    expect(again(tensor)).toEqual(tensor);
    const words = Uint32Array.of(0x3f807fff, 0x3f808000, 0x3f818000, 0x3f808001, 0xbf80ffff, 0x7f7fffff, 0x7fffffff);
    const data = new Float32Array(words.buffer);
    const rounded = again({ name: "", type: "bfloat16", shape: [7], data }).data as Float32Array;
    const expected = Uint32Array.of(0x3f800000, 0x3f800000, 0x3f820000, 0x3f810000, 0xbf810000, 0x7f800000);
    expect(rounded.subarray(0, 6)).toEqual(new Float32Array(expected.buffer));
    expect(rounded[6]).toBeNaN();
  });

  test("of a million numbers", () => {
    const data = uniform(1e6, { seed: 3 });
    const file = tensorMessage([1000, 1000], 1, [9, rawBytes(data)]);
    expect(Buffer.compare(rawBytes(read(file).data), rawBytes(data))).toBe(0);
  });
});

describe("refuses", () => {
  const at = (offset: number, reason: string): string => `a.onnx can't be read at byte ${offset}: ${reason}`;
  const initializer = (tensor: Uint8Array): Uint8Array => modelMessage([5, tensor]);
  const external = (location: string, ...more: readonly Field[]): Uint8Array => {
    const place: Field = [13, message([1, "location"], [2, location])];
    return initializer(tensorMessage([2], 1, [8, "w"], place, ...more, [14, 1]));
  };
  const entry = (key: string, text: string): Field => [13, message([1, key], [2, text])];
  const named = (shape: readonly number[], type: number, ...data: readonly Field[]): Uint8Array =>
    initializer(tensorMessage(shape, type, [8, "w"], ...data));

  test.each<[string, Uint8Array, string]>([
    ["a tensor of 4 TB of 4 bytes", initializer(tensorMessage([1e6, 1e6], 1, [8, "w"], [9, new Uint8Array(4)])), at(6, 'the tensor "w" is 1000000 x 1000000 of float, which are 4000000000000 bytes, but has 4; is the file damaged?')],
    ["a tensor in another file", external("w.bin"), at(6, 'the tensor "w" is in another file, "w.bin", which isn\'t read; save the model as one file (save_as_external_data=False)')],
    ["a tensor outside of the folder", external("../w.bin"), at(6, 'the tensor "w" is in the file "../w.bin"; it must be one in the model\'s folder, without ".."')],
    ["a tensor of the system", external("/etc/passwd"), at(6, 'the tensor "w" is in the file "/etc/passwd"; it must be one in the model\'s folder, without ".."')],
    ["a tensor nowhere", external(""), at(6, 'the tensor "w" is in the file ""; it must be one in the model\'s folder, without ".."')],
    ["a tensor that isn't all of it", external("w.bin", entry("length", "7")), at(6, 'the tensor "w" is said to be "7" bytes from byte "0" of the file "w.bin", but needs 8 bytes')],
    ["a place that is no number", external("w.bin", entry("offset", "-1")), at(6, 'the tensor "w" is said to be "" bytes from byte "-1" of the file "w.bin", but needs 8 bytes')],
    ["a tensor of more than all files", named([2 ** 50, 2 ** 50], 1, [9, new Uint8Array(4)]), at(6, 'the tensor "w" is 1125899906842624 x 1125899906842624 of float, which are 5.070602400912918e+30 bytes, but has 4; is the file damaged?')],
    ["a tensor with too few numbers", named([3], 7, [7, 1]), at(6, 'the tensor "w" is 3 of int64, 3 in all, but has 1; is the file damaged?')],
    ["a tensor without numbers", named([3], 1), at(6, 'the tensor "w" is 3 of float, 3 in all, but has 0; is the file damaged?')],
    ["a tensor with too many numbers", named([0], 1, [4, new Uint8Array(4)]), at(6, 'the tensor "w" is 0 of float, 0 in all, but has 1; is the file damaged?')],
    ["a size below 0", named([-1], 1), at(6, 'the tensor "w" has the shape -1; sizes are 0 or more')],
    ["a size beyond 2^53", initializer(message([1, 2n ** 60n], [2, 1])), at(7, "the whole number 1152921504606846976 is beyond 2^53 - 1, up to which numbers are exact")],
    ["no type", initializer(message([1, 1])), at(6, 'the tensor "" has no type of numbers')],
    ["texts", named([1], 8, [6, "text"]), at(8, 'the tensor "w" holds elements of the type string; read are float, uint8, int8, uint16, int16, int32, int64, bool, float16, double, uint32, uint64, bfloat16')],
    ["float8", named([1], 17, [9, Uint8Array.of(1)]), at(8, 'the tensor "w" holds elements of the type float8e4m3fn; read are float, uint8, int8, uint16, int16, int32, int64, bool, float16, double, uint32, uint64, bfloat16')],
    ["a type of the future", named([1], 99), at(8, "elements of the type 99 are unknown; known are 0 to 26")],
    ["a type below 0", named([1], -1), at(8, "elements of the type -1 are unknown; known are 0 to 26")],
    ["segments", named([1], 1, [3, message()], [9, new Uint8Array(4)]), at(6, 'the tensor "w" is one of several segments, which aren\'t joined; write it as one')],
    ["numbers twice", named([1], 1, [4, new Uint8Array(4)], [9, new Uint8Array(4)]), at(6, 'the tensor "w" is 1 of float, but has numbers in field 4 besides')],
    ["numbers of another type", named([1], 1, [7, 1]), at(6, 'the tensor "w" is 1 of float, but has numbers in field 7 besides')],
    ["numbers here and elsewhere", external("w.bin", [4, new Uint8Array(8)]), at(6, 'the tensor "w" is 2 of float, but has numbers in field 4 besides')],
    ["half a number", named([1], 1, [4, new Uint8Array(3)]), at(15, "3 bytes aren't a whole count of numbers of 4")],
    ["a number that has no end", named([1], 7, [7, Uint8Array.of(0x80)]), at(16, "it ends within a varint")],
    ["a number of more than 64 bits", named([1], 7, [7, Uint8Array.from([...Array.from({ length: 10 }, () => 0xff), 1])]), at(15, "a varint has more than 64 bits")],
    ["a byte of 256", named([2], 2, [5, varints(255, 256)]), at(17, 'the tensor "w" is of uint8, but its number 1 is 256')],
    ["half of a float16", named([1], 10, [5, -1]), at(14, 'the tensor "w" is of float16, but its number 0 is -1')],
    ["a field that is no number", named([1], 1, [4, 1]), at(13, "the TensorProto has field 4 as a varint, but it must be 32 bits")],
    ["more than an int32", named([1], 6, [5, 2 ** 31]), at(14, 'the tensor "w" is of int32, but its number 0 is 2147483648')],
  ])("%s", (_, bytes, text) => {
    let error: unknown;
    try {
      readOnnx(bytes, "a.onnx");
    } catch (thrown) {
      error = thrown;
    }
    const { name, message: whole, offset } = error as FileError;
    expect(name).toBe("FileError");
    expect(whole).toBe(text);
    expect(offset).toBeLessThan(bytes.length);
  }); // prettier-ignore

  test("a file of few bytes with very many sizes, at once", () => {
    const sizes = Array.from({ length: 1e5 }, () => varint(2 ** 50)).flat();
    expect(() => read(message([1, Uint8Array.from(sizes)], [2, 1], [9, new Uint8Array(4)]))).toThrow(
      "is 100000 axes of float, which are Infinity bytes, but has 4",
    );
  });

  test("no numbers that are elsewhere, unless the caller gives them", () => {
    const bytes = external("sub/w.bin", entry("offset", "4096"), entry("length", "8"), entry("checksum", "x"));
    const asked: unknown[] = [];
    const give = (given: unknown): OnnxModel =>
      readOnnx(bytes, "a.onnx", { external: (...place) => (asked.push(place), given as Uint8Array) });
    expect(give(rawBytes(Float32Array.of(3, -4))).graph.initializers[0]!.data).toEqual(Float32Array.of(3, -4));
    expect(asked).toEqual([[{ location: "sub/w.bin", offset: 4096, length: 8 }, "w"]]);
    const needs = 'the tensor "w" needs 8 bytes from byte 4096 of the file "sub/w.bin", but the function external gave';
    expect(() => give(new Uint8Array(7))).toThrow(at(6, `${needs} 7`));
    expect(() => give("text")).toThrow(at(6, `${needs} something else`));
    const own = new Error("no such file");
    const fails = (): Uint8Array => {
      throw own;
    };
    expect(() => readOnnx(bytes, "a.onnx", { external: fails })).toThrow(own);
  });
});
