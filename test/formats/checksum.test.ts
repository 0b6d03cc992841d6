// The checksum of model files: damage is found, another program's order of the same things is not damage.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes, readSafetensors, type SafeTensor, writeSafetensors } from "../../src/files.ts";
import { checksumOf } from "../../src/formats/checksum.ts";
import { dense, type Model, sequential, tanh } from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";

const typeOf = ({ data }: SafeTensor): string =>
  data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
const sum = (tensors: Iterable<readonly [string, SafeTensor]>, texts: Record<string, string> = {}): string =>
  checksumOf(tensors, texts, typeOf);
const floats = (...values: number[]): SafeTensor => ({ shape: [values.length], data: Float32Array.from(values) });

test("is the same in every engine and version: recorded", () => {
  expect(sum([])).toBe("243f6a8885a308d3");
  expect(sum([["a", floats(1, -2, 0.5)]], { version: "1" })).toBe("9eb4bdce01765692");
  expect(sum([["b", { shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) }]], { ö: "漢" })).toBe("8ff65044e69e816b");
});

test("doesn't depend on the order of tensors and texts, or on where the numbers are", () => {
  const [a, b] = [floats(1, 2), floats(3)];
  const one = sum([["a", a], ["b", b]], { x: "1", y: "2" }); // prettier-ignore
  expect(sum([["b", b], ["a", a]], { y: "2", x: "1" })).toBe(one); // prettier-ignore
  const inside = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  expect(sum([["a", { shape: [2], data: inside }], ["b", b]], { x: "1", y: "2" })).toBe(one); // prettier-ignore
  const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5);
  const odd = { shape: [4], data: bytes.subarray(1, 5) };
  expect(sum([["u", odd]])).not.toBe(sum([["u", { shape: [4], data: Uint8Array.of(1, 2, 3, 5) }]]));
});

test("changes with each thing that it is taken of", () => {
  const all = [
    sum([["a", floats(1, 2, 3, 4)]]),
    sum([["b", floats(1, 2, 3, 4)]]),
    sum([["a", floats(1, 2, 4, 3)]]),
    sum([["a", floats(1, 2, 3, 4, 0)]]),
    sum([["a", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]),
    sum([["a", { shape: [4], data: new Int32Array(Float32Array.of(1, 2, 3, 4).buffer) }]]),
    sum([["a", floats(1, 2)], ["b", floats(3, 4)]]), // prettier-ignore
    sum([["a", floats(1, 2, 3, 4)]], { x: "" }),
    sum([["a", floats(1, 2, 3, 4)]], { x: "y" }),
    sum([["a", floats(1, 2, 3, 4)]], { xy: "" }),
    sum([["a", { shape: [1], data: Uint8Array.of(0) }]]),
    sum([["a", { shape: [2], data: Uint8Array.of(0, 0) }]]),
    sum([["a", floats(0)]]),
    sum([["a", floats(-0)]]),
  ];
  expect(new Set(all).size).toBe(all.length);
});

describe("of a model's file", () => {
  const made = (seed: number): Promise<Model> => sequential({ input: 3, seed }, dense(2), tanh(), dense(1));
  const damaged =
    "f: the file is damaged: its checksum is not that of what it holds; take another copy of it. " +
    'If it was changed on purpose, take "checksum" out of its metadata';
  const read = (bytes: Uint8Array) => (): Promise<Model> => modelFromBytes(bytes, { name: "f" });
  const headerOf = (bytes: Uint8Array): number => 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  /** The header as JSON, to be written in another way, by whatever other program. */
  const rewrite = (bytes: Uint8Array, change: (header: Record<string, { [key: string]: unknown }>) => object) => {
    const length = headerOf(bytes);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, length))) as Parameters<typeof change>[0];
    const text = new TextEncoder().encode(JSON.stringify(change(header), undefined, 1));
    const file = new Uint8Array(8 + text.length + bytes.length - length);
    new DataView(file.buffer).setUint32(0, text.length, true);
    file.set(text, 8);
    file.set(bytes.subarray(length), 8 + text.length);
    return file;
  };

  test("is in its metadata, and not in what readSafetensors gives: tensors can be changed and written again", async () => {
    const model = await made(1);
    const bytes = modelToBytes(model);
    expect(new TextDecoder().decode(bytes.subarray(8, headerOf(bytes)))).toMatch(/"checksum":"[0-9a-f]{16}"/);
    const { tensors, metadata } = readSafetensors(bytes);
    expect(Object.keys(metadata)).toEqual(["format", "version", "model"]);
    tensors.get("dense1.bias")!.data[0] = 5;
    const again = await modelFromBytes(writeSafetensors(tensors, metadata));
    expect(again.parameters()[1]!.get()[0]).toBe(5);
  });

  test("every flipped bit is found, or changes nothing", async () => {
    const model = await made(1);
    const bytes = modelToBytes(model);
    const data = headerOf(bytes);
    let found = 0;
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 1 << (i % 8);
      if (i >= data) {
        await expectRefusal(read(flipped), Error, damaged);
        await expectRefusal(() => readSafetensors(flipped, "f"), Error, damaged);
        continue;
      }
      const error = await read(flipped)().then(
        (again) => {
          expect(again.fingerprint()).toBe(model.fingerprint());
          expect(String(again.summary())).toBe(String(model.summary()));
        },
        (thrown: Error) => thrown,
      );
      if (error) {
        expect(error.message).toMatch(/^f: /);
        found++;
      }
    }
    expect(found).toBeGreaterThan(0.8 * data);
  });

  test("a mixture of two models is found, wherever it is cut", async () => {
    const [a, b] = [modelToBytes(await made(1)), modelToBytes(await made(2))];
    expect(a.length).toBe(b.length);
    const same = a.findLastIndex((byte, i) => byte !== b[i]); // biases are 0 in both
    for (let at = headerOf(a); at < same; at += 4) {
      const mixed = new Uint8Array([...a.subarray(0, at), ...b.subarray(at)]);
      await expectRefusal(read(mixed), Error, damaged);
    }
  });

  test("another program may write it again, with the header in its way", async () => {
    const model = await made(1);
    const sorted = rewrite(modelToBytes(model), (header) =>
      Object.fromEntries(
        Object.entries(header)
          .toReversed()
          .map(([key, value]) => [key, value]),
      ),
    );
    expect((await read(sorted)()).fingerprint()).toBe(model.fingerprint());
  });

  test("who changes it by other means is told what to do, and that does it", async () => {
    const model = await made(1);
    const bytes = modelToBytes(model);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 0.25, true);
    await expectRefusal(read(bytes), Error, damaged);
    const without = rewrite(bytes, (header) => {
      delete header["__metadata__"]!["checksum"];
      return header;
    });
    expect((await read(without)()).parameters().at(-1)!.get()[0]).toBe(0.25);
  });

  test("metadata of that name in other files are theirs", () => {
    const metadata = { checksum: "sha256 of something", format: "pt" };
    expect(readSafetensors(writeSafetensors([["a", floats(1)]], metadata)).metadata).toEqual(metadata);
  });
});
