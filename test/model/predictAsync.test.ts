// `predictAsync` and `classifyAsync`: the numbers of `predict` and `classify`, in slices of time.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal, type Refusal } from "../support/refusals.ts";

/** The event loop has its turn whenever it can. */
const OFTEN = { yieldEvery: 1e-6 };

const wave = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(7 * i));

const IMAGES: readonly w.Layer[] = [
  w.conv2d(4, { kernelSize: 3 }),
  w.batchNorm(),
  w.relu(),
  w.dropout(0.3),
  w.flatten(),
  w.dense(3),
];

/** Calls something in every turn of the event loop until what is waited for has come. Returns the number of turns. */
async function during(work: Promise<unknown>, each: () => unknown = () => {}): Promise<number> {
  let turns = 0;
  let next = setImmediate(turn);
  function turn(): void {
    turns++;
    each();
    next = setImmediate(turn);
  }
  await work.finally(() => clearImmediate(next));
  return turns;
}

describe("the numbers", async () => {
  const MODELS: Readonly<Record<string, readonly [input: number | w.Shape, ...layers: w.Layer[]]>> = {
    MLP: [64, w.dense(16), w.relu(), w.dense(3)],
    "convolution, batch norm and dropout": [[8, 8, 1], ...IMAGES],
    LSTM: [[16, 4], w.lstm(5), w.dense(3)],
    "a custom layer": [
      64,
      w.customLayer({
        type: "doubling",
        forward: ({ x, y }) => y.set(x.map((value) => 2 * value)),
        backward: ({ dy, dx }) => dx?.set(dy),
      }),
      w.dense(3),
    ],
  };
  for (const [name, [input, ...layers]] of Object.entries(MODELS)) {
    test(`${name}: to the bit those of predict, for any number of rows and length of slices`, async () => {
      const model = await w.sequential({ input, seed: 2 }, ...layers);
      for (const rows of [1, 2, 255, 256, 257, 700]) {
        const x = wave(rows * 64);
        const expected = model.predict(x);
        for (const yieldEvery of [1e-6, 8, 1e6]) {
          expectSameBits(await model.predictAsync(x, { yieldEvery }), expected);
        }
        expect(await model.classifyAsync(x, OFTEN)).toEqual(Array.from(model.classify(x)));
      }
    });
  }

  test("on several threads: the same", async () => {
    const model = await w.sequential({ input: [8, 8, 1], seed: 2, threads: 2 }, ...IMAGES);
    const x = wave(400 * 64);
    expectSameBits(await model.predictAsync(x), model.predict(x));
    expect(await model.classifyAsync(x)).toEqual(Array.from(model.classify(x)));
  });

  const model = await w.sequential({ input: [2, 32], seed: 2 }, w.flatten(), w.dense(3));
  const x = wave(300 * 64);
  const expected = model.predict(x);
  const bytes = Uint8Array.from({ length: 300 * 64 }, (_, i) => (i * 31) % 256);
  const rowsOf = (row: (from: number) => number[][]): number[][][] =>
    Array.from({ length: 300 }, (_, r) => row(64 * r));
  const cut = (from: number, count: number): number[] => Array.from(x.subarray(from, from + count));
  const SAME: Readonly<Record<string, w.Input>> = {
    "a flat array": Array.from(x),
    "arrays of arrays": rowsOf((from) => [cut(from, 32), cut(from + 32, 32)]),
    float64: Float64Array.from(x),
    "samples of float64": w.samples(Float64Array.from(x), [2, 32]),
  };
  for (const [name, input] of Object.entries(SAME)) {
    test(`of ${name}, converted a few rows at a time`, async () => {
      let output!: Float32Array;
      const turns = await during(model.predictAsync(input, OFTEN).then((result) => (output = result)));
      expectSameBits(output, expected);
      expect(turns).toBeGreaterThan(3);
    });
  }

  test("of bytes with a scale, clamped ones too, and of scaled integers", async () => {
    for (const data of [bytes, new Uint8ClampedArray(bytes), Int32Array.from(bytes)]) {
      const input = w.samples(data, [2, 32], { scale: 1 / 255 });
      expectSameBits(await model.predictAsync(input, OFTEN), model.predict(input));
    }
  });

  test("classes are an array of numbers; of one output 0 and 1, or 1 and -1", async () => {
    const one = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const rows = wave(40);
    for (const loss of [w.binaryCrossEntropyWithLogits(), w.hinge()]) {
      const trainer = new w.Trainer(one, { loss, optimizer: w.sgd() });
      expect(trainer.model).toBe(one);
      const labels = await one.classifyAsync(rows);
      expect(Array.isArray(labels)).toBe(true);
      expect(labels).toEqual(Array.from(one.classify(rows)));
      expect(new Set(labels).size).toBe(2);
    }
  });
});

describe("into", () => {
  test("is written to and given back: a part of a larger array, too", async () => {
    const model = await w.sequential({ input: 4, seed: 1 }, w.dense(3));
    const x = wave(40);
    const all = new Float32Array(40).fill(7);
    const into = all.subarray(4, 34);
    expect(await model.predictAsync(x, { into })).toBe(into);
    expect(into).toEqual(model.predict(x));
    expect([...all.subarray(0, 4), ...all.subarray(34)]).toEqual(Array(10).fill(7));
  });

  test("is left as it is where x is refused, whatever its row", async () => {
    const model = await w.sequential({ input: 64, seed: 1 }, w.dense(3));
    const x = wave(600 * 64);
    x[599 * 64 + 3] = NaN;
    const into = new Float32Array(1800).fill(7);
    await expectRefusal(
      () => model.predictAsync(x, { into, ...OFTEN }),
      RangeError,
      "predictAsync: x must hold finite numbers, but row 599, column 3 is NaN",
    );
    expect(into.every((value) => value === 7)).toBe(true);
  });
});

describe("what happens meanwhile", () => {
  test("the event loop has its turn, and other calls of the model change nothing", async () => {
    const model = await w.sequential({ input: [8, 8, 1], seed: 2 }, ...IMAGES);
    const x = wave(300 * 64);
    const expected = model.predict(x);
    const few = x.subarray(0, 640);
    let output!: Float32Array;
    const turns = await during(
      model.predictAsync(x, OFTEN).then((result) => (output = result)),
      () => void model.predict(few),
    );
    expectSameBits(output, expected);
    expect(turns).toBeGreaterThan(100);
  });

  test("the weights are those at the time of the call: a fit and values that are set change nothing", async () => {
    const model = await w.sequential({ input: [8, 8, 1], seed: 2 }, ...IMAGES);
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
    const x = wave(300 * 64);
    const expected = model.predict(x);
    const before = model.fingerprint();
    const work = model.predictAsync(x, OFTEN);
    const fit = trainer.fit(
      { x, y: Int32Array.from({ length: 300 }, (_, i) => i % 3) },
      { batchSize: 32, yieldEvery: 1e-6, progress: false },
    );
    const changed = new Set<string>();
    await during(work, () => {
      changed.add(model.fingerprint());
      const weight = model.parameters().at(-1)!;
      weight.set(weight.get().map((value) => value + 1));
    });
    expectSameBits(await work, expected);
    expect(changed.size).toBeGreaterThan(1);
    await fit;
    expect(model.fingerprint()).not.toBe(before);
    expectSameBits(await model.predictAsync(x), model.predict(x)); // the next call sees the new ones
  });

  test("calls of one model run one after another, whatever their sizes; one that fails doesn't stop the next", async () => {
    const model = await w.sequential({ input: 64, seed: 1 }, w.dense(8), w.relu(), w.dense(3));
    const inputs = [10, 300, 1, 700].map((rows) => wave(rows * 64));
    const bad = Float32Array.of(...wave(63), NaN);
    const calls = [inputs[0]!, inputs[1]!, bad, inputs[2]!, inputs[3]!].map((x) =>
      model.predictAsync(x, OFTEN).catch((error: unknown) => (error as Error).message),
    );
    const results = await Promise.all(calls);
    expect(results[2]).toBe("predictAsync: x must hold finite numbers, but row 0, column 63 is NaN");
    expect([results[0], results[1], results[3], results[4]]).toEqual(inputs.map((x) => model.predict(x)));
  });

  test("a hundred calls take no more memory than the first", async () => {
    const model = await w.sequential({ input: 64, seed: 1 }, w.dense(8), w.relu(), w.dense(3));
    const x = wave(300 * 64);
    await model.predictAsync(x);
    const { used } = model.core.arena;
    for (let i = 0; i < 100; i++) await model.predictAsync(x.subarray(0, 64 * (1 + 3 * i)));
    expect(model.core.arena.used).toBe(used);
  });

  test("an exception of a custom layer goes to the caller; the next call runs", async () => {
    let fails = true;
    const model = await w.sequential(
      { input: 2 },
      w.customLayer({
        type: "failing",
        forward({ x, y }) {
          if (fails) throw new Error("no more");
          y.set(x);
        },
        backward: ({ dy, dx }) => dx?.set(dy),
      }),
    );
    const text = "failing (layer 1): forward threw Error: no more";
    await expectRefusal(() => model.predictAsync([[1, 2]]), Error, text);
    fails = false;
    expect(await model.predictAsync([[1, 2]])).toEqual(Float32Array.of(1, 2));
  });
});

describe("is refused", async () => {
  const model = await w.sequential({ input: 2 }, w.dense(3));
  const words = await w.sequential({ input: 2 }, w.embedding({ vocabulary: 5, width: 2 }), w.flatten(), w.dense(1));
  const ends = w.outputs({ a: { shape: 1, loss: w.meanSquaredError() }, b: { shape: 1, loss: w.meanSquaredError() } });
  const several = await w.sequential({ input: 2 }, ends.layer({ a: w.dense(1), b: w.dense(1) }));
  const many = Array.from({ length: 9000 }, (_, i) => [i, i]);
  const x = Float32Array.of(1, 2, 3, 4, 5, 6);
  const REFUSALS: readonly Refusal[] = [
    [
      () => model.predictAsync([[1, 2]], { out: x } as never),
      TypeError,
      'predictAsync: unknown option "out". Known: into, yieldEvery',
    ],
    [
      () => model.classifyAsync([[1, 2]], { into: x } as never),
      TypeError,
      'classifyAsync: unknown option "into". Known: yieldEvery',
    ],
    [
      () => model.predictAsync([[1, 2]], { into: [1, 2, 3] as never }),
      TypeError,
      "predictAsync: into must be a Float32Array, got an array of 3",
    ],
    [
      () => model.predictAsync([[1, 2]], { into: new Float32Array(2) }),
      RangeError,
      "predictAsync: into must have 3 numbers (rows times outputs: 1 x 3), got 2",
    ],
    [
      () => model.predictAsync(x.subarray(0, 4), { into: x }),
      RangeError,
      "predictAsync: into and x share memory, so that rows would be overwritten before they are read",
    ],
    [
      () => model.predictAsync([[1, 2]], { yieldEvery: 0 }),
      RangeError,
      "predictAsync: yieldEvery must be above 0, got 0",
    ],
    [
      () => model.classifyAsync([[1, 2]], { yieldEvery: "8" as never }),
      TypeError,
      'classifyAsync: yieldEvery must be above 0, got "8"',
    ],
    [() => model.predictAsync([]), RangeError, "predictAsync: x is empty; at least one row is needed"],
    [
      () => model.predictAsync(undefined as never),
      TypeError,
      "predictAsync: x must be an array, a typed array or samples, got undefined",
    ],
    [
      () => model.predictAsync(Array<number>(20_001).fill(1)),
      RangeError,
      "predictAsync: x has 20001 numbers, but a row takes 2 (2); the length must be a multiple of it",
    ],
    [
      () => model.classifyAsync(many.with(8500, [1])),
      RangeError,
      "classifyAsync: x[8500] has 1 values, but 2 are needed (rows have shape 2)",
    ],
    [
      () => model.predictAsync(many.with(8500, [1, "2" as never])),
      TypeError,
      'predictAsync: x[8500][1] must be a number, got the string "2"',
    ],
    [
      () => words.predictAsync([...Array.from({ length: 9000 }, () => [1, 2]), [1, 7]]),
      RangeError,
      /^predictAsync: .*row 9000.* 7/,
    ],
    [
      () => several.classifyAsync([[1, 2]]),
      RangeError,
      "classifyAsync: the model has several outputs, which have no class as one; split them: outputs.split(await model.predictAsync(x))",
    ],
  ];
  for (const refusal of REFUSALS) test(String(refusal[2]), () => expectRefusal(...refusal));
});
