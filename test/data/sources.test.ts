// Sources of data: what `batches` and `rows` take, and what they refuse.
import { expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { refuses } from "../support/refusals.ts";

test("a source says what it is", () => {
  const list = [{ x: [1], y: [1] }];
  expect(w.batches(list, { stepsPerEpoch: 3 })).toMatchObject({ isSource: true, batches: list, stepsPerEpoch: 3 });
  const lines = function* () {};
  expect(w.rows(lines, { shuffleBuffer: 7 })).toMatchObject({ isSource: true, rows: lines, shuffleBuffer: 7 });
  expect(Object.isFrozen(w.batches(list))).toBe(true);
});

const KIND = "an iterable, an async iterable, or a function of the epoch that gives one";
refuses([
  [() => w.batches(3 as never), TypeError, `batches: the source must be ${KIND}, got number 3`],
  [
    () => w.batches({ x: [1], y: [1] } as never),
    TypeError,
    `batches: the source must be ${KIND}, got an object (Object); fit and evaluate take arrays as they are: fit({ x, y })`,
  ],
  [
    () => w.batches([], { steps: 3 } as never),
    TypeError,
    'batches: unknown option "steps"; did you mean "stepsPerEpoch"? Known: stepsPerEpoch',
  ],
  [
    () => w.batches([], { stepsPerEpoch: 0 }),
    RangeError,
    "batches: stepsPerEpoch must be a whole number of 1 or more, got 0",
  ],
  [
    () => w.rows([], { shuffleBuffer: -1 }),
    RangeError,
    "rows: shuffleBuffer must be a whole number of 0 or more, got -1",
  ],
]);
