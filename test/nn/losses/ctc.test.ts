// Training with ctc, its targets and its answers, by the public API.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { normal } from "../../support/seeded.ts";
import { refuses } from "../../support/refusals.ts";

const STEPS = 8;
const CLASSES = 4;
/** Which of three tones is heard at each step, each for one to three steps; the labels say only which tones. */
const WORDS = [[1, 2], [3], [2, 2, 1], [1, 3, 2], [2, 3], [3, 3]];
const x = Float32Array.from(
  WORDS.flatMap((word) => {
    const steps = new Float32Array(STEPS * 3);
    word.forEach((tone, i) => {
      steps[(2 * i + 1) * 3 + tone - 1] = 1;
      if (tone === 2 && word[i + 1] !== 2) steps[(2 * i + 2) * 3 + tone - 1] = 1;
    });
    return [...steps];
  }),
);

const trained = async (loss: w.Loss, input: w.Shape = [STEPS, 3]): Promise<w.Trainer> => {
  const layers = [w.gru(8, { returnSequences: true }), w.dense(CLASSES)];
  const model = await w.sequential({ input, seed: 3 }, ...layers);
  return new w.Trainer(model, { loss, optimizer: w.adam({ learningRate: 0.05 }) });
};

describe("ctc", () => {
  test("learns labels without their times, and they can be read off the output", async () => {
    const trainer = await trained(w.ctc({ maxLabels: 3 }));
    const { loss } = await trainer.fit({ x, y: w.ctcTargets(WORDS) }, { epochs: 120, batchSize: 3 });
    expect(loss.at(-1)!).toBeLessThan(0.3);
    const { model } = trainer;
    expect(w.ctcDecode(model.predict(x), { shape: model.outputShape })).toEqual(WORDS);
    expect(w.ctcDecode(model.probabilities(x), { shape: model.outputShape })).toEqual(WORDS);
  });

  test("a right gradient, and one that passes over steps that don't count", async () => {
    const trainer = await trained(w.ctc({ lengths: true, maxLabels: 3 }));
    const lengths = [8, 5, 6, 8, 4, 7];
    const y = w.ctcTargets(WORDS, { lengths });
    expect(w.gradCheck(trainer, x, y).ok).toBe(true);
    const last = [...w.trace(trainer, x, y)].find(({ name, shape }) => name[0] === "d" && shape.at(-1) === CLASSES)!;
    const size = STEPS * CLASSES;
    lengths.forEach((length, r) => {
      const row = last.values.subarray(r * size, (r + 1) * size);
      expect(row.subarray(length * CLASSES).every((v) => v === 0)).toBe(true);
      expect(row.subarray(0, length * CLASSES).some((v) => v !== 0)).toBe(true);
    });
  });

  test("an update has the same bits on several threads", async () => {
    const run = async (threads: number): Promise<Float32Array> => {
      const layers = [w.dense(32), w.tanh(), w.dense(CLASSES)];
      const model = await w.sequential({ input: [STEPS, 3], seed: 3, threads }, ...layers);
      const trainer = new w.Trainer(model, { loss: w.ctc({ maxLabels: 3 }), optimizer: w.sgd({ learningRate: 0.1 }) });
      const rows = 60;
      const data = {
        x: normal(rows * STEPS * 3, { seed: 1 }),
        y: w.ctcTargets(Array.from({ length: rows }, (_, r) => WORDS[r % 6]!)),
      };
      await trainer.fit(data, { epochs: 2, batchSize: 30 });
      return model.predict(data.x);
    };
    expect([...(await run(3))]).toEqual([...(await run(1))]);
  });

  test("rows that don't fit count nothing, if they may", async () => {
    const trainer = await trained(w.ctc({ maxLabels: 5, lengths: true, zeroInfinity: true }));
    const rows = x.subarray(0, 2 * STEPS * 3);
    const both = w.ctcTargets([[1, 2], [1, 1, 1]], { maxLabels: 5, lengths: [8, 4] }); // prettier-ignore
    const { loss } = await trainer.evaluate({ x: rows, y: both });
    const alone = await trainer.evaluate({ x: rows.subarray(0, STEPS * 3), y: both.subarray(0, 6) });
    expect(loss).toBeCloseTo(alone.loss / 2, 6);
  });

  test("a data set that was read by one loss is looked at again by another", async () => {
    const data = w.dataset({ x: x.slice(0, STEPS * 3), y: [[1, 2, 1]] });
    const { model } = await trained(w.ctc({ maxLabels: 3 }));
    const make = (blank: number) => new w.Trainer(model, { loss: w.ctc({ maxLabels: 3, blank }), optimizer: w.sgd() });
    await make(0).evaluate(data);
    await expect(make(2).evaluate(data)).rejects.toThrow(
      "evaluate: ctc: y[0]: labels must be whole numbers from 0 to 3 but the blank, 2, and after the last one only -1, but label 1 is 2",
    );
  });

  const step = (options: Parameters<typeof w.ctc>[0], y: w.Target) => async () =>
    (await trained(w.ctc(options))).step(x.slice(0, STEPS * 3), y);
  const rule = "labels must be whole numbers from 0 to 3 but the blank, 0, and after the last one only -1";
  refuses([
    [step({ maxLabels: 3 }, [[1, 4, -1]]), RangeError, `step: ctc: y[0]: ${rule}, but label 1 is 4`],
    [step({ maxLabels: 3 }, [[1, 0, -1]]), RangeError, `step: ctc: y[0]: ${rule}, but label 1 is 0`],
    [step({ maxLabels: 3 }, [[1, 1.5, -1]]), RangeError, `step: ctc: y[0]: ${rule}, but label 1 is 1.5`],
    [step({ maxLabels: 3 }, [[1, -1, 2]]), RangeError, `step: ctc: y[0]: ${rule}, but label 2 is 2`],
    [step({ maxLabels: 3 }, [[-2, -1, -1]]), RangeError, `step: ctc: y[0]: ${rule}, but label 0 is -2`],
    [
      step({ maxLabels: 2, lengths: true }, [[9, 1, 2]]),
      RangeError,
      "step: ctc: y[0] must begin with the number of steps that count, from 1 to 8, got 9",
    ],
    [
      step({ maxLabels: 3, lengths: true }, [[4, 1, 1, 1]]),
      RangeError,
      "step: ctc: y[0] has 3 labels, which take 5 steps (one each, and one between equal neighbours), but 4 count; " +
        "give the model more steps, leave the row out, or let such rows count nothing: zeroInfinity: true",
    ],
    [
      step({ maxLabels: 9 }, [[1]]),
      RangeError,
      "Trainer: ctc: maxLabels is 9, but the output has 8 steps, and each label takes one; give a smaller maxLabels, or the model more steps",
    ],
    [step({ blank: 4 }, [[1]]), RangeError, "Trainer: ctc: blank must be one of the 4 classes, from 0 to 3, got 4"],
    [
      async () => {
        const model = await w.sequential({ input: 3 }, w.dense(4));
        return new w.Trainer(model, { loss: w.ctc(), optimizer: w.sgd() });
      },
      RangeError,
      "Trainer: ctc needs one output a class, the blank among them, at every step, [steps, classes], got 4",
    ],
    [() => w.ctc({ blank: -1 }), RangeError, "ctc: blank must be a whole number of 0 or more, got -1"],
    [() => w.ctc({ maxLabels: 0 }), RangeError, "ctc: maxLabels must be a whole number of 1 or more, got 0"],
  ]);
});

describe("ctcTargets", () => {
  test("labels, then -1; before them the lengths", () => {
    expect([...w.ctcTargets([[1, 2], [], [3]])]).toEqual([1, 2, -1, -1, 3, -1]);
    expect([...w.ctcTargets([[1], Int32Array.of(2)], { maxLabels: 2, lengths: [4, 3] })]).toEqual([4, 1, -1, 3, 2, -1]);
    expect([...w.ctcTargets([[]])]).toEqual([-1]);
  });

  refuses([
    [
      () => w.ctcTargets([[1, 2]], { maxLabels: 1 }),
      RangeError,
      "ctcTargets: labels[0] has 2 labels, more than maxLabels, 1",
    ],
    [() => w.ctcTargets([[1, -1]]), RangeError, "ctcTargets: labels[0][1] must be a whole number of 0 or more, got -1"],
    [
      () => w.ctcTargets([[1], [2]], { lengths: [3] }),
      RangeError,
      "ctcTargets: the number of lengths must be one for each of the 2 rows, got 1",
    ],
    [
      () => w.ctcTargets([[1]], { lengths: [0] }),
      RangeError,
      "ctcTargets: lengths[0] must be a whole number of 1 or more, got 0",
    ],
  ]);
});

describe("ctcDecode", () => {
  const output = (path: readonly number[]): number[] => path.flatMap((c) => [0, 1, 2].map((k) => Number(k === c)));

  test("runs are made one, then blanks are left out; the first of equal classes counts", () => {
    const shape = [4, 3];
    expect(w.ctcDecode(output([1, 1, 0, 1]), { shape })).toEqual([[1, 1]]);
    expect(w.ctcDecode([...output([0, 0, 0, 0]), ...output([2, 1, 1, 2])], { shape })).toEqual([[], [2, 1, 2]]);
    expect(w.ctcDecode(output([1, 1, 0, 1]), { shape, blank: 1 })).toEqual([[0]]);
    expect(w.ctcDecode([...output([1, 2, 0, 1]), ...output([2, 1, 1, 2])], { shape, lengths: [1, 3] })).toEqual([
      [1],
      [2, 1],
    ]);
    expect(w.ctcDecode([0, 0, 0], { shape: [1, 3], blank: 2 })).toEqual([[0]]);
    expect(w.ctcDecode([], { shape })).toEqual([]);
  });

  refuses([
    [
      () => w.ctcDecode([1, 2, 3], { shape: [2, 2] }),
      RangeError,
      "ctcDecode: output has 3 numbers, which is no whole number of rows of 2x2",
    ],
    [
      () => w.ctcDecode([1, NaN], { shape: [1, 2] }),
      RangeError,
      "ctcDecode: output[1] is NaN; the model's numbers are not finite",
    ],
    [
      () => w.ctcDecode([1, 2], { shape: [2] }),
      RangeError,
      "ctcDecode: shape must be [steps, classes], with 2 classes or more, got [2]",
    ],
    [
      () => w.ctcDecode([1, 2], { shape: [1, 2], blank: 2 }),
      RangeError,
      "ctcDecode: blank must be a whole number of at most 1, got 2",
    ],
    [
      () => w.ctcDecode([1, 2], { shape: [1, 2], lengths: [2] }),
      RangeError,
      "ctcDecode: lengths[0] must be a whole number of at most 1, got 2",
    ],
  ]);
});
