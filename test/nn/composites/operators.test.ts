// Operators on values: what they give, shapes that are repeated, names, files, and what is refused.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { expectRefusal, type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

/** What an operator gives for values of these shapes. */
async function valueOf(
  make: (branches: w.Branches) => w.Layer,
  a: readonly [w.Shape, readonly number[]],
  b: readonly [w.Shape, readonly number[]],
): Promise<{ shape: w.Shape; values: number[] }> {
  const given = w.inputs({ a: a[0], b: b[0] });
  const model = await w.sequential({ input: given }, make([w.from("a"), w.from("b")]));
  return { shape: model.outputShape, values: [...model.predict(given.join({ a: a[1], b: b[1] }))] };
}

describe("values", () => {
  test.each([
    ["multiply", w.multiply, [10, 40, 90, 160]],
    ["subtract", w.subtract, [9, 18, 27, 36]],
    ["divide", w.divide, [10, 10, 10, 10]],
    ["maximum", w.maximum, [10, 20, 30, 40]],
    ["average", w.average, [5.5, 11, 16.5, 22]],
  ] as const)("%s", async (_name, make, values) => {
    const found = await valueOf(make, [[2, 2], [10, 20, 30, 40]], [[2, 2], [1, 2, 3, 4]]); // prettier-ignore
    expect(found).toEqual({ shape: [2, 2], values });
  });

  test("more than two, from the first to the last", async () => {
    const branches = [[], [w.mean()], [w.max({ keepAxis: true })]];
    const of = async (make: (branches: w.Branches) => w.Layer): Promise<number[]> => [
      ...(await w.sequential({ input: 3 }, make(branches))).predict([[1, 2, 6]]),
    ];
    expect(await of(w.multiply)).toEqual([18, 36, 108]);
    expect(await of(w.maximum)).toEqual([6, 6, 6]);
    expect(await of(w.average)).toEqual([10 / 3, 11 / 3, 5].map(Math.fround));
  });

  test("dot and its cosine; zeros have none", async () => {
    const rows = [[2, 2], [3, 4, 0, 0]] as const; // prettier-ignore
    const others = [[2], [6, 8]] as const; // prettier-ignore
    expect(await valueOf(w.dot, rows, others)).toEqual({ shape: [2], values: [50, 0] });
    const cosine = (branches: w.Branches): w.Layer => w.dot(branches, { normalize: true });
    expect(await valueOf(cosine, rows, others)).toEqual({ shape: [2], values: [1, 0] });
    expect(await valueOf(w.dot, [[2], [1, 2]], [[2], [3, 4]])).toEqual({ shape: [1], values: [11] });
  });

  test("matmul, as it is and transposed", async () => {
    const a = [[2, 3], [1, 2, 3, 4, 5, 6]] as const; // prettier-ignore
    const turned = [[3, 2], [1, 4, 2, 5, 3, 6]] as const; // prettier-ignore
    const values = [14, 32, 32, 77];
    const kinds = [
      [a, turned, {}],
      [turned, turned, { transposeA: true }],
      [a, a, { transposeB: true }],
      [turned, a, { transposeA: true, transposeB: true }],
    ] as const;
    for (const [one, other, options] of kinds) {
      const found = await valueOf((branches) => w.matmul(branches, options), one, other);
      expect(found).toEqual({ shape: [2, 2], values });
    }
  });

  test("shapes are repeated as NumPy does", async () => {
    const shapes: readonly (readonly [a: w.Shape, b: w.Shape, all: w.Shape])[] = [
      [[2, 3], [3], [2, 3]],
      [[1], [2, 3], [2, 3]],
      [[2, 1], [3], [2, 3]],
      [
        [2, 1, 3],
        [4, 1],
        [2, 4, 3],
      ],
      [
        [1, 1, 2],
        [3, 4, 1],
        [3, 4, 2],
      ],
      [[3], [1, 3], [1, 3]],
      [[1, 1], [1], [1, 1]],
    ];
    for (const [a, b, all] of shapes) {
      const size = (shape: w.Shape): number => shape.reduce((n, k) => n * k, 1);
      const [x, z] = [normal(size(a), { seed: 1 }), normal(size(b), { seed: 2 })];
      /** The place in a value of a number of the output. */
      const place = (shape: w.Shape, o: number): number => {
        let [at, step, rest] = [0, 1, o];
        for (let axis = 1; axis <= all.length; axis++) {
          const n = all.at(-axis)!;
          const own = shape.at(-axis) ?? 1;
          if (own > 1) at += step * (rest % n);
          step *= own;
          rest = Math.floor(rest / n);
        }
        return at;
      };
      const found = await valueOf(w.subtract, [a, [...x]], [b, [...z]]);
      const values = Array.from({ length: size(all) }, (_, o) => Math.fround(x[place(a, o)]! - z[place(b, o)]!));
      expect(found, `${String(a)} and ${String(b)}`).toEqual({ shape: all, values });
    }
  });

  test("the axes before the last two of matrices are repeated, too", async () => {
    const x = normal(12, { seed: 1 });
    const [a, b] = [[3, 2, 2], [2, 2]] as const; // prettier-ignore
    const found = await valueOf(w.matmul, [a, [...x]], [b, [1, 2, 3, 4]]);
    expect(found.shape).toEqual([3, 2, 2]);
    const first = [1, 3].map((_, j) => Math.fround(x[4]! * (j + 1) + x[5]! * (j + 3)));
    found.values.slice(4, 6).forEach((value, j) => expect(value).toBeCloseTo(first[j]!, 6));
  });
});

test("a name is that of the value; summaries and activations have it", async () => {
  const model = await w.sequential(
    { input: 4 },
    w.multiply([[], [], []], { name: "cube" }),
    w.average([[], w.from("cube")], { name: "middle" }),
    w.dot([w.from("middle"), []], { name: "square" }),
    w.dense(1),
  );
  const values = w.activations(model, [[1, 2, 3, -1]], ["cube", "middle", "square"]);
  expect(values).toEqual({
    cube: Float32Array.of(1, 8, 27, -1),
    middle: Float32Array.of(1, 8, 27, -1),
    square: Float32Array.of(1 + 64 + 729 + 1),
  });
  for (const name of ["cube", "middle", "square"]) expect(String(model.summary())).toContain(name);
});

describe("files", () => {
  const tower = w.shared(w.dense(3));
  const models: Readonly<Record<string, readonly w.Layer[]>> = {
    numbers: [
      w.multiply([w.dense(3), [w.dense(1), w.sigmoid()]], { name: "gate" }),
      w.subtract([[], w.mean({ keepAxis: true })]),
      w.divide([tower, [tower, w.softplus()]]),
      w.maximum([tower, w.from("gate"), w.dense(3)]),
      w.average([[], w.from("gate")]),
    ],
    vectors: [w.dot([w.dense(3), w.dense(3)], { normalize: true }), w.dense(2)],
    matrices: [
      w.matmul([w.dense(3), w.dense(3)], { transposeB: true, name: "scores" }),
      w.slice({ axis: 1, from: -3, to: 3 }),
      w.sum({ axis: 1 }),
      w.pick({ index: -2 }),
    ],
    maxima: [w.max({ axis: 0, keepAxis: true }), w.dot([[], w.dense(5)])],
  };
  test.each(Object.entries(models))("%s, there and back", async (_name, layers) => {
    const model = await w.sequential({ input: [4, 5], seed: 1 }, ...layers);
    const bytes = modelToBytes(model);
    const again = await modelFromBytes(bytes);
    expect(modelToBytes(again)).toEqual(bytes);
    const x = normal(3 * 20, { seed: 2 });
    expectSameBits(again.predict(x), model.predict(x));
    expect(String(again.summary())).toBe(String(model.summary()));
  });

  test("the last valid step by lengths, as a gru has it", async () => {
    const given = w.inputs({ words: [6, 3], lengths: 1 });
    const lengths = "lengths";
    const model = await w.sequential(
      { input: given, seed: 1 },
      w.gru(4, { returnSequences: true, lengths }),
      w.pick({ index: "lastValid", lengths }),
    );
    const plain = await w.sequential({ input: given, seed: 1 }, w.gru(4, { lengths }));
    const x = given.join({ words: normal(4 * 18, { seed: 1 }), lengths: [1, 6, 3, 2] });
    expectSameBits(model.predict(x), plain.predict(x));
    expectSameBits((await modelFromBytes(modelToBytes(model))).predict(x), plain.predict(x));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    expect(w.gradCheck(trainer, x, normal(16, { seed: 3 })).ok).toBe(true);
    const alone = await w.sequential({ input: given }, w.pick({ index: "lastValid", lengths }));
    await expectRefusal(
      () => alone.predict(given.join({ words: normal(18, { seed: 1 }), lengths: [7] })),
      RangeError,
      "predict: the lengths of pick (layer 3) must be whole numbers from 1 to 6, but x at row 0, position 0 is 7",
    );
  });
});

describe("refusals", () => {
  const made =
    (layer: w.Layer, input: w.Shape = [2, 3]) =>
    () =>
      w.sequential({ input }, layer);
  refuses([
    ...[w.subtract, w.divide, w.dot, w.matmul].map((make): Refusal => {
      const { name } = make;
      return [() => make([[], [], []]), RangeError, `${name}: there must be two branches, got 3`];
    }),
    ...[w.multiply, w.maximum, w.average, w.dot, w.matmul].map((make): Refusal => {
      const { name } = make;
      return [() => make([[]]), RangeError, `${name}: two branches or more are needed, got 1`];
    }),
    [
      made(w.multiply([[], w.flatten()])),
      RangeError,
      "multiply: the axes must have the same sizes in each branch, counted from the last, or a single place, or be left out, " +
        "got 2x3 of branch 1, 6 of branch 2",
    ],
    [
      made(w.dot([[], [w.flatten(), w.repeatVector(4)]])),
      RangeError,
      "dot: the axes before the last must have the same sizes in each branch, counted from the last, or a single place, or be left " +
        "out, got 2x3 of branch 1, 4x6 of branch 2",
    ],
    [
      made(w.dot([[], w.dense(4)])),
      RangeError,
      "dot (layer 2): the last axis must have the same size in both branches, but branch 1 gives 2x3 and branch 2 2x4",
    ],
    [
      made(w.matmul([[], []])),
      RangeError,
      "matmul (layer 1): the branches must give matrices that fit, [.., m, k] and [.., k, n], but branch 1 gives 2x3 and branch 2 2x3",
    ],
    [
      made(w.matmul([[], w.flatten()], { transposeB: true })),
      RangeError,
      "matmul (layer 2): the branches must give matrices that fit, [.., m, k] and [.., n, k], but branch 1 gives 2x3 and branch 2 6",
    ],
    [
      () => w.sequential({ input: [3, 2, 2] }, w.matmul([[], [w.slice({ to: 1 }), w.reshape(4)]])),
      RangeError,
      "matmul (layer 3): the branches must give matrices that fit, [.., m, k] and [.., k, n], but branch 1 gives 3x2x2 and branch 2 4",
    ],
    [
      made(w.sum({ axis: 2 })),
      RangeError,
      "sum (layer 1): axis must be one of the input's, from -2 to 1, got 2 for 2x3",
    ],
    [made(w.slice({ from: 2 })), RangeError, "slice (layer 1): a slice must keep one place or more of axis 0, which has 2, got from 2 to the end for 2x3"],
    [made(w.slice({ axis: 1, from: -4, to: 2 })), RangeError, "slice (layer 1): a slice must keep one place or more of axis 1, which has 3, got from -4 to 2 for 2x3"],
    [made(w.pick({ index: -3 })), RangeError, "pick (layer 1): index must be a place of axis 0, from -2 to 1, got -3 for 2x3"],
    [() => w.sum({ axis: 0.5 }), TypeError, "sum: axis must be a whole number, got number 0.5"],
    [() => w.pick({ index: "last" as never }), TypeError, 'pick: index must be a whole number or "lastValid", got the string "last"'],
    [
      () => w.pick({ index: "lastValid" }),
      RangeError,
      'pick: index "lastValid" needs lengths, the name of an input that says how many places of each row count',
    ],
    [
      () => w.pick({ index: 1, lengths: "n" }),
      RangeError,
      'pick: lengths belong to index "lastValid", got index 1 and lengths "n"; leave one out',
    ],
    [
      () => w.sequential({ input: w.inputs({ x: [3, 2], n: 2 }) }, w.pick({ index: "lastValid", lengths: "n" })),
      RangeError,
      'pick (layer 3): the lengths "n" must be one number per row, got 2',
    ],
  ]); // prettier-ignore
});
