// The wire format: what is written is what another writer writes, and is read as it was.
import { describe, expect, test } from "vitest";
import {
  countFixed,
  countVarints,
  eachVarint,
  FIXED32,
  FIXED64,
  integersOf,
  joinRuns,
  MessageReader,
  MessageWriter,
  MOST_DEPTH,
  type Run,
  type Source,
  VARINT,
} from "../../src/formats/protobuf.ts";
import { message, rawBytes, varint, varints } from "../support/protobufMessages.ts";

const source = (bytes: Uint8Array): Source => ({ bytes, fail: (at, reason) => new RangeError(`${at}: ${reason}`) });

const INTEGERS = [0, 1, 127, 128, 255, 300, 2 ** 14, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35];
INTEGERS.push(2 ** 42 + 1, 2 ** 49 + 5, 2 ** 53 - 1, -1, -2, -128, -(2 ** 31), -(2 ** 32) - 1, -(2 ** 53) + 1);

/** Of each field its number, and what `take` reads. */
function all<T>(bytes: Uint8Array, take: (reader: MessageReader) => T): [number, T][] {
  const reader = new MessageReader(source(bytes), "Message");
  const fields: [number, T][] = [];
  while (reader.next()) fields.push([reader.field, take(reader)]);
  return fields;
}

describe("integers", () => {
  test.each(INTEGERS)("%d is written and read", (value) => {
    const writer = new MessageWriter();
    writer.integer(3, value);
    const bytes = writer.finish();
    expect(bytes).toEqual(message([3, value]));
    expect(writer.length).toBe(bytes.length);
    expect(all(bytes, (reader) => reader.integer())).toEqual([[3, value]]);
  });

  test("all of them packed, and one by one", () => {
    const packed = message([7, varints(...INTEGERS)], ...INTEGERS.map((value) => [7, value] as const));
    const runs = all(packed, (reader) => reader.run(VARINT)).map(([, run]) => run);
    expect(runs).toHaveLength(1 + INTEGERS.length);
    expect(countVarints(source(packed), runs)).toBe(2 * INTEGERS.length);
    expect(integersOf(source(packed), runs)).toEqual([...INTEGERS, ...INTEGERS]);
    const halves: bigint[] = [];
    const places: number[] = [];
    eachVarint(source(packed), runs, (low, high, index, at) => {
      expect(index).toBe(halves.length);
      halves.push(BigInt.asIntN(64, (BigInt(high) << 32n) + BigInt(low)));
      places.push(at);
    });
    expect(halves).toEqual([...INTEGERS, ...INTEGERS].map(BigInt));
    expect(places.slice(0, 4)).toEqual([3, 4, 5, 6].map((at) => at - 3 + runs[0]!.from));
  });

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])("%d isn't exact as a number", (value) => {
    expect(() => all(message([1, value]), (reader) => reader.integer())).toThrow(
      `1: the whole number ${value} is beyond 2^53 - 1`,
    );
  });

  test("fields of large numbers", () => {
    const field = 2 ** 29 - 1;
    expect(all(Uint8Array.from([...varint(field * 8), 5]), (reader) => reader.integer())).toEqual([[field, 5]]);
    expect(() => all(Uint8Array.from([...varint(2 ** 32), 5]), () => 0)).toThrow(
      "0: the Message has a field of a number that no field can have",
    );
  });
});

describe("other fields", () => {
  test("floats, texts, bytes and messages are written and read", () => {
    const writer = new MessageWriter();
    writer.float(1, -0.1);
    writer.text(2, "\ufeff漢字");
    writer.bytes(3, Uint8Array.of(1, 2));
    writer.message(4, (inner) => {
      inner.integer(1, 5);
      inner.message(2, () => {});
      inner.text(3, "");
    });
    const bytes = writer.finish();
    expect(bytes.subarray(5)).toEqual(
      message([2, "\ufeff漢字"], [3, Uint8Array.of(1, 2)], [4, message([1, 5], [2, message()], [3, ""])]),
    );
    const reader = new MessageReader(source(bytes), "Message");
    expect([reader.next(), reader.float()]).toEqual([true, Math.fround(-0.1)]);
    expect([reader.next(), reader.text()]).toEqual([true, "\ufeff漢字"]);
    expect([reader.next(), Array.from(reader.bytes())]).toEqual([true, [1, 2]]);
    expect(reader.next()).toBe(true);
    const inner = reader.message("Inner");
    expect([inner.next(), inner.integer(), inner.next(), inner.message("Innermost").next()]).toEqual([true, 5, true, false]);
    expect([inner.next(), inner.text(), inner.next()]).toEqual([true, "", false]);
    expect(reader.next()).toBe(false);
  }); // prettier-ignore

  test("numbers of a fixed size, packed and one by one", () => {
    const floats = Float32Array.of(1, 2, 3);
    const packed = message([4, rawBytes(floats)]);
    const single = [4 * 8 + 5, ...rawBytes(Float32Array.of(4))];
    const bytes = Uint8Array.from([...packed, ...single]);
    const runs = all(bytes, (reader) => reader.run(FIXED32)).map(([, run]) => run);
    expect(countFixed(source(bytes), runs, 4)).toBe(4);
    expect(new Float32Array(joinRuns(source(bytes), runs).buffer)).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(() => countFixed(source(bytes), runs, 8)).toThrow("2: 12 bytes aren't a whole count of numbers of 8");
    expect(() => all(bytes, (reader): Run => reader.run(FIXED64))).toThrow(
      "14: the Message has field 4 as 32 bits, but it must be 64 bits",
    );
  });

  test("what isn't asked for is skipped", () => {
    const bytes = Uint8Array.from([...message([9, "text"], [10, 7]), 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8, 8 + 5, 1, 2, 3, 4]);
    expect(all(bytes, ({ field }) => field)).toEqual([9, 10, 1, 1].map((field) => [field, field]));
  });

  test.each([
    ["a byte of 8 is missing", Uint8Array.of(8 + 1, 1, 2, 3, 4, 5, 6, 7), "0: the Message has field 1 of 8 bytes, but 7 are left"],
    ["a byte of 4 is missing", Uint8Array.of(8 + 5, 1, 2, 3), "0: the Message has field 1 of 4 bytes, but 3 are left"],
    ["a length of 2^32", Uint8Array.from([10, ...varint(2 ** 32)]), "0: the Message has field 1 of 4294967296 bytes, but 0 are left"],
    ["the end of a group", Uint8Array.of(8 + 4), "0: the Message has a group as field 1; no field is one"],
    ["the wire type 6", Uint8Array.of(8 + 6), "0: the Message has field 1 with the unknown wire type 6"],
    ["an end within a key", Uint8Array.of(8, 1, 0x88), "2: it ends within a varint"],
  ])("%s", (_, bytes, text) => {
    expect(() => all(bytes, () => 0)).toThrow(text);
  }); // prettier-ignore

  test("a message doesn't reach into the next one", () => {
    const inner = Uint8Array.of(8 + 2, 3, 1);
    const bytes = message([1, inner], [2, "more"]);
    expect(() => all(bytes, (reader) => reader.field === 1 && reader.message("Inner").next())).toThrow(
      "2: the Inner has field 1 of 3 bytes, but 1 are left",
    );
  });

  test("messages within each other, to a depth", () => {
    let bytes = message();
    for (let i = 0; i < MOST_DEPTH; i++) bytes = message([1, bytes]);
    let reader = new MessageReader(source(bytes), "Message");
    for (let i = 1; i < MOST_DEPTH; i++) {
      expect(reader.next()).toBe(true);
      reader = reader.message("Inner");
    }
    expect(reader.next()).toBe(true);
    expect(() => reader.message("Inner")).toThrow("the Inner has messages within each other deeper than 100");
  });
});
