// What `fit` says of likely mistakes, and that right programs hear nothing.
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

let warn: MockInstance<typeof console.warn>;
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  // what isn't caught by `onWarning` in these tests must not be there
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();
});

const rows = 200;
/** Points whose class is the side that they are on; `sorted`: those of one side first. */
const points = (sorted: boolean): { x: Float32Array; y: number[] } => {
  const x = normal(2 * rows, { seed: 1 });
  const y = Array.from({ length: rows }, (_, r) => (sorted ? Number(r >= rows / 2) : r % 2));
  y.forEach((side, r) => (x[2 * r] = Math.abs(x[2 * r]!) * (2 * side - 1)));
  return { x, y };
};
const classifier = async (options: Partial<w.TrainerOptions> = {}, ...layers: w.Layer[]): Promise<w.Trainer> => {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(8), w.relu(), ...layers, w.dense(2));
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }), ...options });
};
/** The warnings of a fit. */
const heard = async (trainer: w.Trainer, data: w.TrainingData, options: w.FitOptions = {}): Promise<w.Warning[]> => {
  const all: w.Warning[] = [];
  await trainer.fit(data, { progress: false, onWarning: (warning) => all.push(warning), ...options });
  return all;
};

describe("sortedClasses", () => {
  const text =
    "fit: class 1 is 37.5 % of the rows that are trained on, but 100 % of those for validation, which are the last ones: the rows seem to be " +
    "sorted. The figures of such a validation say little; shuffle the rows before, or give validationData (warning sortedClasses: " +
    "docs/warnings.md; warnings: { sortedClasses: false } leaves it out)";

  test("labels, one 1 among zeros, 0 and 1", async () => {
    const { x, y } = points(true);
    const expected = [{ name: "sortedClasses", message: text }];
    expect(await heard(await classifier(), { x, y }, { validationSplit: 0.2 })).toEqual(expected);
    const hot = y.map((label) => [Number(label === 0), Number(label === 1)]);
    expect(await heard(await classifier(), { x, y: hot }, { validationSplit: 0.2 })).toEqual(expected);
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.adam() });
    expect(await heard(trainer, { x, y }, { validationSplit: 0.2 })).toEqual(expected);
    expect(await heard(trainer, { x, y }, { validationSplit: 0.2 })).toEqual([]); // once for a trainer
  });

  test("not of rows in turn, few rows, numbers, or data of its own for validation", async () => {
    expect(await heard(await classifier(), points(false), { validationSplit: 0.2 })).toEqual([]);
    const { x, y } = points(true);
    expect(await heard(await classifier(), { x, y }, { validationData: { x, y } })).toEqual([]);
    const few = { x: x.slice(0, 8), y: [0, 0, 0, 1] };
    expect(await heard(await classifier(), few, { validationSplit: 0.25 })).toEqual([]);
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    expect(await heard(trainer, { x, y: y.map((label, r) => label + r / 1000) }, { validationSplit: 0.2 })).toEqual([]);
  });
});

describe("differentScales", () => {
  const { x, y } = points(false);
  const scaled = (factor: number): Float32Array => x.map((value, i) => (i % 2 === 1 ? value * factor : value));

  test("a column that is larger, or smaller", async () => {
    const [large] = await heard(await classifier(), { x: scaled(5000), y });
    expect(large!.name).toBe("differentScales");
    expect(large!.message).toMatch(
      /^fit: the numbers of x's column 1 go up to 1\d{4} in size, those of a column in the middle to 2\.\d+: the larger ones drown the others\. Scale the columns, /,
    );
    const wide = Float32Array.from({ length: 5 * rows }, (_, i) => (i % 5 === 3 ? 1e-5 : 1) * Math.sin(i));
    const model = await w.sequential({ input: 5, seed: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    const [small, ...others] = await heard(trainer, { x: wide, y });
    expect(others).toEqual([]);
    expect(small!.message).toMatch(
      /^fit: the numbers of x's column 3 go up to 0\.00001 in size, those of a column in the middle to 1: so small ones are hardly seen\. /,
    );
  });

  test("not below 1,000, of columns of zeros, of bytes, or where a normalisation reads x", async () => {
    expect(await heard(await classifier(), { x: scaled(100), y })).toEqual([]);
    expect(await heard(await classifier(), { x: scaled(0), y })).toEqual([]);
    const bytes = w.samples(
      Uint8Array.from(x, (_, i) => (i % 2 === 1 ? 255 : Number(i % 8 === 0))),
      [2],
    );
    expect((await heard(await classifier(), { x: bytes, y })).map(({ name }) => name)).toEqual([]);
    const model = await w.sequential({ input: 2, seed: 1 }, w.batchNorm(), w.dense(2));
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
    expect(await heard(trainer, { x: scaled(5000), y })).toEqual([]);
  });
});

describe("lossStands", () => {
  const still = { optimizer: w.sgd({ learningRate: 1e-12 }) };

  test("a learning rate that is too small", async () => {
    for (const epochs of [1, 3]) {
      const [warning, ...others] = await heard(await classifier(still), points(false), { epochs });
      expect(others).toEqual([]);
      expect(warning!.name).toBe("lossStands");
      expect(warning!.message).toMatch(
        /^fit: the loss of the first batch is 0\.\d+ after \d+ updates, as it was before: nothing is learned\. Likely causes: a learning rate that is too small \(it is 1e-12\), /,
      );
    }
  });

  test("not while it learns, nor where nothing is trained, nor in a later fit", async () => {
    const trainer = await classifier();
    expect(await heard(trainer, points(false))).toEqual([]);
    const model = await w.sequential({ input: 2, seed: 1 }, w.frozen(w.dense(2)));
    const fixed = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
    expect(await heard(fixed, points(false))).toEqual([]);
    const later = await classifier(still);
    await later.fit(points(false), { progress: false, warnings: false });
    expect(await heard(later, points(false))).toEqual([]);
  });
});

describe("deadUnits", () => {
  /** A layer of which so many of 8 units are below 0 for every point. */
  const withDead = async (dead: number, input = 2): Promise<w.Trainer> => {
    const model = await w.sequential({ input, seed: 1 }, w.dense(8), w.relu({ name: "hidden" }), w.dense(2));
    const bias = model.parameters().find(({ name }) => name === "dense1.bias")!;
    bias.set(bias.get().map((_, i) => (i < dead ? -100 : 1)));
    return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
  };

  test("most of a layer, whatever runs it", async () => {
    const all = await heard(await withDead(6), points(false));
    expect(all).toEqual([
      {
        name: "deadUnits",
        message:
          'fit: 6 of 8 units of layer "hidden" give 0 for all of 32 rows, so that they have no gradient and can\'t learn. Likely causes: a ' +
          "learning rate that is too large (it is 0.001), or inputs that aren't scaled; try a smaller one, or leakyRelu() (warning deadUnits: " +
          "docs/warnings.md; warnings: { deadUnits: false } leaves it out)",
      },
    ]);
    expect(await heard(await withDead(6), points(false), { worker: true, epochs: 2 })).toEqual(all);
  });

  test("channels of images, given as bytes", async () => {
    const model = await w.sequential(
      { input: [6, 6, 1], seed: 1 },
      w.conv2d(4, { kernelSize: 3 }),
      w.relu(),
      w.flatten(),
      w.dense(2),
    );
    const bias = model.parameters().find(({ name }) => name === "conv2d1.bias")!;
    bias.set([-50, -50, 1, -50]);
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
    const pixels = Uint8Array.from({ length: 20 * 36 }, (_, i) => (i * 37) % 256);
    const x = w.samples(pixels, [6, 6, 1], { scale: 1 / 255 });
    const [warning] = await heard(trainer, { x, y: Array.from({ length: 20 }, (_, r) => r % 2) });
    expect(warning!.message).toMatch(/^fit: 3 of 4 units of layer "relu1" give 0 for all of 20 rows, /);
  });

  test("not of half of them, nor of few rows unless it is all", async () => {
    expect(await heard(await withDead(4), points(false))).toEqual([]);
    const few = { x: points(false).x.slice(0, 8), y: [0, 1, 0, 1] };
    expect(await heard(await withDead(7), few)).toEqual([]);
    expect((await heard(await withDead(8), few)).map(({ name }) => name)).toContain("deadUnits");
  });
});

test("switched off, all or by name; written by console.warn without a function", async () => {
  const { x, y } = points(true);
  const data = { x: x.map((value, i) => (i % 2 === 1 ? value * 5000 : value)), y };
  const split = { validationSplit: 0.2 };
  expect((await heard(await classifier(), data, split)).map(({ name }) => name)).toContain("differentScales");
  expect(await heard(await classifier(), data, { ...split, warnings: false })).toEqual([]);
  const names = (await heard(await classifier(), data, { ...split, warnings: { differentScales: false } })).map(
    (one) => one.name,
  );
  expect(names).toContain("sortedClasses");
  expect(names).not.toContain("differentScales");
  await (await classifier()).fit({ x, y }, { ...split, progress: false });
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^fit: class 1 is 37.5 % /)]]);
  warn.mockClear();
});

test("no bit of a training changes", async () => {
  const { x, y } = points(true);
  const options = { epochs: 5, validationSplit: 0.2, progress: false } as const;
  const [loud, quiet] = [await classifier({}, w.dropout(0.3)), await classifier({}, w.dropout(0.3))];
  const history = await loud.fit({ x, y }, { ...options, onWarning: () => {} });
  expect(await quiet.fit({ x, y }, { ...options, warnings: false })).toEqual(history);
  expect(loud.model.fingerprint()).toBe(quiet.model.fingerprint());
  expect(loud.state()).toEqual(quiet.state());
});

test("refused options", async () => {
  const trainer = await classifier();
  const data = points(false);
  for (const [options, message] of [
    [{ warnings: "none" }, 'fit: warnings must be true, false, or such as { deadUnits: false }, got the string "none"'],
    [{ warnings: { dead: false } }, /^fit: warnings: unknown option "dead"/],
    [{ warnings: { deadUnits: 0 } }, "fit: warnings: deadUnits must be true or false, got number 0"],
    [{ onWarning: "log" }, 'fit: onWarning must be a function, got the string "log"'],
    [{ onWarning: "log", warnings: false }, 'fit: onWarning must be a function, got the string "log"'],
  ] as const) {
    // of a source nothing is looked for, but what is asked for has to be right
    for (const each of [data, w.batches([data])]) {
      await expectRefusal(() => trainer.fit(each, options as never), TypeError, message);
    }
  }
});

test("what an async onWarning throws comes out of fit", async () => {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1e-9 }) });
  const scales = Array.from({ length: 50 }, (_, i) => [i / 50, 5000 * ((i * 7) % 10)]);
  const onWarning = async (): Promise<never> => {
    throw new Error("mine");
  };
  const fitted = trainer.fit({ x: scales, y: scales.map(([share]) => [share!]) }, { progress: false, onWarning });
  await expect(fitted).rejects.toThrow("mine");
});
