// What rows of rare classes count, and what becomes of probabilities and decisions.
import { describe, expect, test } from "vitest";
import { classWeightsOf, decide, probabilitiesOf } from "../../src/tables/classWeights.ts";

/** Labels: so many of each class. */
const labels = (...counts: readonly number[]): number[] =>
  counts.flatMap((count, label) => Array.from({ length: count }, () => label));

describe("class weights", () => {
  test.each([
    [[50, 50], undefined],
    [[80, 20], undefined],
    [
      [81, 19],
      [1, 81 / 19],
    ],
    [
      [19, 81],
      [81 / 19, 1],
    ],
    [
      [95, 5],
      [1, 19],
    ],
    [
      [9900, 100],
      [1, 20],
    ], // at most 20
    [[34, 33, 33], undefined],
    [[70, 16, 14], undefined], // of three classes less than 13.3 % is rare
    [
      [70, 18, 12],
      [1, 70 / 18, 70 / 12],
    ],
    [
      [100, 0],
      [1, 20],
    ], // a class that no row has
  ])("of %j rows: %j", (counts, weights) => expect(classWeightsOf(labels(...counts), counts.length)).toEqual(weights));

  test("depend on how many rows there are of each class, not on their order", () => {
    expect(classWeightsOf(labels(95, 5).toReversed(), 2)).toEqual([1, 19]);
  });
});

describe("probabilities", () => {
  test("of two classes are of both", () => {
    expect(Array.from(probabilitiesOf(Float32Array.of(0.25, 1, 0), 2, undefined))).toEqual([0.75, 0.25, 0, 1, 1, 0]);
  });

  test("are those without weights: p_k w_k / sum of p_j w_j is turned round", () => {
    const [p, weights] = [
      [0.6, 0.3, 0.1],
      [1, 4, 20],
    ];
    const sum = p.reduce((all, each, k) => all + each * weights[k]!, 0);
    const given = Float32Array.from(p, (each, k) => (each * weights[k]!) / sum);
    const own = probabilitiesOf(given, 3, weights);
    p.forEach((each, k) => expect(own[k]).toBeCloseTo(each, 6));
    const two = probabilitiesOf(Float32Array.of((0.1 * 9) / (0.9 + 0.9)), 2, [1, 9]);
    expect(two[0]).toBeCloseTo(0.9, 6);
    expect(two[1]).toBeCloseTo(0.1, 6);
  });

  test("of no rows are none", () => {
    expect(probabilitiesOf(new Float32Array(0), 2, [1, 2])).toHaveLength(0);
    expect(probabilitiesOf(new Float32Array(0), 4, undefined)).toHaveLength(0);
  });
});

describe("decisions", () => {
  const p = Float32Array.of(0.7, 0.3, 0.5, 0.5, 0.1, 0.9);
  test("are the likeliest class, the first of equal ones", () =>
    expect(Array.from(decide(p, [1, 1]))).toEqual([0, 0, 1]));
  test("with factors for a threshold of 0.2: above it", () => {
    expect(Array.from(decide(p, [0.2, 0.8]))).toEqual([1, 1, 1]);
    expect(Array.from(decide(p, [0.3, 0.7]))).toEqual([1, 1, 1]); // float32's 0.3 is above 0.3
    expect(Array.from(decide(p, [0.31, 0.69]))).toEqual([0, 1, 1]);
  });
  test("of several classes", () => {
    expect(Array.from(decide(Float32Array.of(0.5, 0.3, 0.2, 0.2, 0.2, 0.6), [1, 2, 1]))).toEqual([1, 2]);
  });
});
