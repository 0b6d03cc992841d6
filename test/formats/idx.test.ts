// The IDX format: files put together by hand, and files that are something else.
import { describe, expect, test } from "vitest";
import { readIdx } from "../../src/datasets.ts";
import { refuses } from "../support/refusals.ts";

/** Two zero bytes, the type, the number of axes, their sizes (big endian), the numbers. */
const idx = (type: number, sizes: readonly number[], data: readonly number[]): Uint8Array =>
  Uint8Array.of(0, 0, type, sizes.length, ...sizes.flatMap((n) => [0, 0, n >> 8, n & 255]), ...data);

const BYTES = 8;

describe("readIdx", () => {
  test("gives the sizes and the bytes", () => {
    expect(readIdx(idx(BYTES, [2, 3], [1, 2, 3, 4, 5, 255]), "f")).toEqual({
      shape: [2, 3],
      data: Uint8Array.of(1, 2, 3, 4, 5, 255),
    });
    expect(
      readIdx(
        idx(
          BYTES,
          [300],
          Array.from({ length: 300 }, (_, i) => i & 255),
        ),
        "f",
      ).shape,
    ).toEqual([300]);
    expect(readIdx(idx(BYTES, [], [7]), "f")).toEqual({ shape: [], data: Uint8Array.of(7) });
  });

  test("reads from any place in a buffer", () => {
    const file = Uint8Array.of(9, 9, 9, ...idx(BYTES, [2], [4, 5]));
    expect(readIdx(file.subarray(3), "f")).toEqual({ shape: [2], data: Uint8Array.of(4, 5) });
  });

  const other =
    (type: number): (() => unknown) =>
    () =>
      readIdx(idx(type, [1], [0, 0, 0, 0, 0, 0, 0, 0]), "f");
  refuses([
    [
      () => readIdx(Uint8Array.of(0x1f, 0x8b, 8, 0), "images.gz"),
      Error,
      "images.gz: not an IDX file; it must begin with two zero bytes, but begins with 1f 8b 08 00",
    ],
    [
      () => readIdx(new Uint8Array(0), "f"),
      Error,
      "f: not an IDX file; it must begin with two zero bytes, but begins with nothing",
    ],
    [
      () => readIdx(Uint8Array.of(0, 0, 8), "f"),
      Error,
      "f: not an IDX file; it must begin with two zero bytes, but begins with 00 00 08",
    ],
    [other(0x09), Error, "f: this IDX file holds signed bytes; unsigned bytes are read here"],
    [other(0x0b), Error, "f: this IDX file holds 16-bit integers; unsigned bytes are read here"],
    [other(0x0c), Error, "f: this IDX file holds 32-bit integers; unsigned bytes are read here"],
    [other(0x0d), Error, "f: this IDX file holds float32; unsigned bytes are read here"],
    [other(0x0e), Error, "f: this IDX file holds float64; unsigned bytes are read here"],
    [other(0x55), Error, "f: this IDX file holds numbers of unknown type 85; unsigned bytes are read here"],
    [
      () => readIdx(idx(BYTES, [2, 3], []).subarray(0, 9), "f"),
      Error,
      "f: cut short; the header needs 12 bytes, but there are 9",
    ],
    [
      () => readIdx(idx(BYTES, [2, 3], [1, 2, 3]), "f"),
      Error,
      "f: cut short or too long; 2 x 3 needs 6 bytes behind the header, but there are 3",
    ],
    [
      () => readIdx(idx(BYTES, [2], [1, 2, 3]), "f"),
      Error,
      "f: cut short or too long; 2 needs 2 bytes behind the header, but there are 3",
    ],
  ]);
});

describe("other things than bytes", () => {
  const given = "readIdx: the file must be a Uint8Array, got";
  refuses([
    [() => readIdx(null as never), TypeError, `${given} null`],
    [() => readIdx("images" as never), TypeError, `${given} the string "images"`],
    [
      () => readIdx(Promise.resolve(new Uint8Array(8)) as never),
      TypeError,
      `${given} a promise; did you forget await?`,
    ],
    [() => readIdx([0, 0, 8, 0] as never, "f"), TypeError, `${given} an array of 4`],
  ]);

  test("sizes whose product no number can hold, and of nothing", () => {
    const header = (axes: number, last: number): Uint8Array => {
      const bytes = new Uint8Array(4 + 4 * axes).fill(255);
      bytes.set([0, 0, BYTES, axes]);
      new DataView(bytes.buffer).setUint32(4 * axes, last);
      return bytes;
    };
    expect(() => readIdx(header(255, 1), "f")).toThrow(/^f: cut short or too long; 255 axes needs Infinity bytes/);
    expect(readIdx(header(255, 0), "f").data.length).toBe(0);
  });

  test("bytes in shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(9));
    shared.set([0, 0, BYTES, 1, 0, 0, 0, 1, 42]);
    expect([...readIdx(shared).data]).toEqual([42]);
  });
});
