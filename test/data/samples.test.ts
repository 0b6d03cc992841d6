// Numbers from users as rows: every form, and the rows that come of it.
import { describe, expect, test } from "vitest";
import { describe as described } from "../../src/util/check.ts";
import { flattenRows } from "../../src/data/samples.ts";
import { samples } from "../../src/index.ts";
import { type Refusal, refuses } from "../support/refusals.ts";

describe("samples", () => {
  test("count their rows and keep the data as it is", () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const made = samples(data, [3], { scale: 0.5 });
    expect(made.data).toBe(data);
    expect(made).toEqual({ data, rows: 2, shape: [3], scale: 0.5 });
    expect(samples(data, 2)).toEqual({ data, rows: 3, shape: [2], scale: 1 });
    expect(samples(data, [1, 3, 2]).rows).toBe(1);
    expect(Object.isFrozen(made)).toBe(true);
  });

  refuses([
    [() => samples(new Uint8Array(0), 2), RangeError, "samples: data is empty; at least one row is needed"],
    [
      () => samples(new Float32Array(7), [2, 2]),
      RangeError,
      "samples: data has 7 numbers, but a row takes 4 (2x2); the length must be a multiple of it",
    ],
    [
      () => samples(new Float32Array(4), 2, { scale: NaN }),
      RangeError,
      "samples: scale must be a finite number, got NaN",
    ],
    [
      () => samples(new Float32Array(4), 2, { scale: Infinity }),
      RangeError,
      "samples: scale must be a finite number, got Infinity",
    ],
    ...[1e38, -1e38, 1e39].map((scale): Refusal => [
      () => samples(new Uint8Array(4), 2, { scale }),
      RangeError,
      scale > 3.4e38
        ? `samples: scale must be a finite number as a float32 from 1.1754944e-38 to 3.4028235e38, got ${scale}`
        : `samples: scale must leave bytes finite in float32, got ${scale}`,
    ]),
    [
      () => samples(new Float32Array(4), 2, { scale: "0.5" as never }),
      TypeError,
      'samples: scale must be a finite number, got "0.5"',
    ],
    [
      () => samples(new Float32Array(4), 2, { scale: null as never }),
      TypeError,
      "samples: scale must be a finite number, got null",
    ],
    [
      () => samples(new Float32Array(4), 2, 0.5 as never),
      TypeError,
      "samples: options must be an object, got number 0.5",
    ],
    [
      () => samples(new Float32Array(4), 2, { Scale: 0.5 } as never),
      TypeError,
      'samples: unknown option "Scale"; did you mean "scale"? Known: scale',
    ],
    [() => samples("1234" as never, 2), TypeError, 'samples: data must be an array of numbers, got the string "1234"'],
    [() => samples(null as never, 2), TypeError, "samples: data must be an array of numbers, got null"],
    [
      () => samples(new DataView(new ArrayBuffer(8)) as never, 2),
      TypeError,
      "samples: data must be an array of numbers, got a DataView of 8",
    ],
    [() => samples(new Float32Array(4), 0), RangeError, "samples: shape must be a whole number of 1 or more, got 0"],
    [
      () => samples(new Float32Array(4), [2, 1.5]),
      RangeError,
      "samples: shape[1] must be a whole number of 1 or more, got 1.5",
    ],
    [
      () => samples(new Float32Array(4), []),
      TypeError,
      "samples: shape must be a number or the sizes of a row's axes, got an array of 0",
    ],
    [
      () => samples(new Float32Array(4), undefined as never),
      TypeError,
      "samples: shape must be a number or the sizes of a row's axes, got undefined",
    ],
  ]);
});

describe("flattenRows", () => {
  const rows = (value: Parameters<typeof flattenRows>[0], ...shape: number[]): unknown =>
    flattenRows(value, shape, "test", "x");
  const six = Float32Array.of(1, 2, 3, 4, 5, 6);

  test("nested arrays, one level an axis", () => {
    expect(rows([[1, 2, 3], [4, 5, 6]], 3)).toMatchObject({ data: six, rows: 2, scale: 1 }); // prettier-ignore
    expect(rows([[[1, 2, 3], [4, 5, 6]]], 2, 3)).toMatchObject({ data: six, rows: 1, scale: 1 }); // prettier-ignore
    expect(rows([[[1], [2]], [[3], [4]], [[5], [6]]], 2, 1)).toMatchObject({ data: six, rows: 3, scale: 1 }); // prettier-ignore
  });

  test("rows one behind the other, in arrays of any type", () => {
    for (const value of [
      [1, 2, 3, 4, 5, 6],
      Float64Array.from(six),
      Int8Array.from(six),
      Int16Array.from(six),
      Uint16Array.from(six),
      Int32Array.from(six),
      Uint32Array.from(six),
    ]) {
      expect(rows(value, 2)).toMatchObject({ data: six, rows: 3, scale: 1 });
    }
  });

  test("float32 and bytes are taken without a copy", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    expect(flattenRows(six, [3], "test", "x").data).toBe(six);
    expect(flattenRows(bytes, [2], "test", "x").data).toBe(bytes);
    const clamped = flattenRows(Uint8ClampedArray.of(1, 2, 3, 4).subarray(1, 3), [2], "test", "x");
    expect(clamped).toMatchObject({ data: Uint8Array.of(2, 3), rows: 1, scale: 1 });
  });

  test("rows in typed arrays, and of mixed kinds", () => {
    expect(rows([[1, 2, 3], Float64Array.of(4, 5, 6)] as never, 3)).toMatchObject({ data: six, rows: 2, scale: 1 });
  });

  test("samples bring their scale; another shape of the same size will do", () => {
    const made = samples(Uint8Array.of(1, 2, 3, 4), [2, 2], { scale: 1 / 255 });
    expect(rows(made, 4)).toMatchObject({ data: made.data, rows: 1, scale: 1 / 255 });
  });

  test("numbers become float32", () => {
    expect(rows([0.1, 1e-46], 2)).toMatchObject({ data: Float32Array.of(0.1, 0), rows: 1, scale: 1 });
  });
});

describe("what a value is, in words", () => {
  for (const [value, text] of [
    [null, "null"],
    [undefined, "undefined"],
    [[1, 2], "an array of 2"],
    [{}, "an object (Object)"],
    [new Map(), "an object (Map)"],
    [Object.create(null), "an object (no class)"],
    ["a\nb", 'the string "a\\nb"'],
    [1.5, "number 1.5"],
    [true, "boolean true"],
    [2n, "bigint 2"],
    [Symbol("s"), "symbol Symbol(s)"],
    [samples, "the function samples"],
    [[() => 1][0], "the function without a name"],
    [{ type: "adam" }, "an object (adam)"],
    [Promise.resolve(1), "a promise; did you forget await?"],
  ] as const) {
    test(text, () => expect(described(value)).toBe(text));
  }
});
