// How an optimizer's kernel is tested: steps against float64, with every shared option, and what its state becomes.
import { beforeAll, describe, expect, test } from "vitest";
import type { Optimizer, OptimizerOptions } from "../../src/nn/optimizers/optimizer.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Parameters } from "./update.ts";

const STEPS = 5;
/** Around a vector and two; each parameter begins on a vector of its own. */
const SIZES = [1, 3, 4, 5, 8, 17];

/**
 * One number's rule in float64, with its state in the closure: the new parameter, from the old one, the gradient with clipping
 * and penalties in it, the step counted from 1 and the learning rate.
 */
export type Rule = (p: number, g: number, t: number, rate: number) => number;

const SHARED: readonly (readonly [string, OptimizerOptions])[] = [
  ["", {}],
  ["gradients cut by value", { clipValue: 0.5 }],
  ["each tensor's gradient shortened", { clipNorm: 0.75 }],
  ["all gradients shortened together", { clipGlobalNorm: 1.5 }],
  ["a norm that nothing exceeds", { clipGlobalNorm: 1000 }],
  ["weight decay", { weightDecay: 0.1 }],
  ["l1", { l1: 0.05 }],
  ["everything", { clipValue: 0.4, clipNorm: 2, weightDecay: 0.1, l1: 0.05 }],
];

const gradients = (step: number, i: number): Float32Array => normal(SIZES[i]!, { seed: 100 * step + i + 1 });

/** The gradients that count, as docs and TypeScript promise them: shortened, then cut, then with the penalties' derivatives. */
function effective(
  o: OptimizerOptions,
  decay: number,
  g: readonly Float32Array[],
  p: readonly Float64Array[],
): number[][] {
  const { clipValue = Infinity, clipNorm = Infinity, clipGlobalNorm = Infinity, l1 = 0 } = o;
  const square = (tensor: Float32Array): number => tensor.reduce((sum, x) => sum + x * x, 0);
  const global = Math.sqrt(g.reduce((sum, tensor) => sum + square(tensor), 0));
  return g.map((tensor, i) => {
    const norm = clipNorm < Infinity ? Math.sqrt(square(tensor)) : global;
    const factor = Math.min(1, Math.min(clipNorm, clipGlobalNorm) / (norm + 1e-6));
    return Array.from(tensor, (x, j) => {
      const cut = Math.max(-clipValue, Math.min(clipValue, x * factor));
      return cut + decay * p[i]![j]! + l1 * Math.sign(p[i]![j]!);
    });
  });
}

const start = (i: number): Float32Array => {
  const values = normal(SIZES[i]!, { seed: 50 + i });
  if (values.length > 4) values.set([0, -0], 2); // l1 leaves zeros alone
  return values;
};
const everyTensor = <T>(f: (i: number) => T): T[] => SIZES.map((_, i) => f(i));

export interface OptimizerCase {
  /** The optimizer, with the shared options that a test adds. */
  readonly make: (options: OptimizerOptions) => Optimizer;
  /** A number's rule, with fresh state. */
  readonly rule: (options: OptimizerOptions) => Rule;
  /** How far parameters may be from float64 after five steps. */
  readonly tolerance: Tolerance;
  /** The rule decays the weights itself: the gradient goes without. */
  readonly decoupled?: boolean;
  /** States that decay when the gradient is 0. */
  readonly decaying: readonly string[];
}

export function optimizerTests(name: string, { make, rule, tolerance, decoupled, decaying }: OptimizerCase): void {
  describe(name, () => {
    test.each(SHARED)("five steps against float64 %s", async (_, options) => {
      const optimizer = make(options);
      const parameters = await Parameters.create(
        everyTensor((i) => [SIZES[i]!]),
        optimizer,
      );
      const expected = everyTensor((i) => Float64Array.from(start(i)));
      const rules = everyTensor((i) => Array.from({ length: SIZES[i]! }, () => rule(options)));
      everyTensor((i) => parameters.set(i, start(i)));
      for (let t = 1; t <= STEPS; t++) {
        const rate = optimizer.learningRate / t; // a schedule
        parameters.setRate(rate);
        const g = everyTensor((i) => gradients(t, i));
        everyTensor((i) => parameters.setGradient(i, g[i]!));
        const counted = effective(options, decoupled ? 0 : (options.weightDecay ?? 0), g, expected);
        everyTensor((i) =>
          expected[i]!.forEach((p, j) => (expected[i]![j] = rules[i]![j]!(p, counted[i]![j]!, t, rate))),
        );
        expect(parameters.update()).toBe(true);
        expect(parameters.step).toBe(t);
        everyTensor((i) => expectClose(`step ${t}, tensor ${i}`, parameters.get(i), expected[i]!, tolerance));
      }
      everyTensor((i) =>
        expect(
          [...parameters.padding(i)].every((x) => x === 0),
          `padding of ${i}`,
        ).toBe(true),
      );
    });

    test("a sum over 4 passes counts as its mean", async () => {
      for (const options of [{}, { clipGlobalNorm: 1.5 }, { clipNorm: 0.75, clipValue: 0.2, weightDecay: 0.1 }]) {
        const results = [1, 4].map(async (passes) => {
          const parameters = await Parameters.create(
            everyTensor((i) => [SIZES[i]!]),
            make(options),
          );
          everyTensor((i) => parameters.set(i, start(i)));
          for (let t = 1; t <= 2; t++) {
            everyTensor((i) =>
              parameters.setGradient(
                i,
                gradients(t, i).map((g) => g * passes),
              ),
            );
            parameters.update(passes);
          }
          return everyTensor((i) => [...parameters.get(i)]);
        });
        const [one, four] = await Promise.all(results);
        expect(four).toEqual(one); // a power of 2: the same bits
      }
    });

    describe.each([{}, { clipNorm: 1 }, { clipGlobalNorm: 1 }])(
      "a gradient that is not finite, options %o",
      (options) => {
        let parameters: Parameters;
        const optimizer = make(options);
        const everything = (): number[][] =>
          everyTensor((i) => [
            ...parameters.get(i),
            ...optimizer.states.flatMap((s) => [...parameters.state(s.name, i)]),
          ]);
        beforeAll(async () => {
          parameters = await Parameters.create(
            everyTensor((i) => [SIZES[i]!]),
            optimizer,
          );
          everyTensor((i) => parameters.set(i, start(i)));
          everyTensor((i) => parameters.setGradient(i, gradients(1, i)));
          parameters.update();
        });

        test("NaN and both infinities, at any place: no step, nothing changes; the next good one is used", () => {
          const before = everything();
          for (const bad of [NaN, Infinity, -Infinity]) {
            for (const [i, size] of SIZES.entries()) {
              for (let place = 0; place < size; place++) {
                parameters.setGradient(i, gradients(1, i).with(place, bad));
                expect(parameters.update(), `${bad} at ${place} of tensor ${i}`).toBe(false);
              }
              parameters.setGradient(i, gradients(1, i));
            }
          }
          expect(everything()).toEqual(before);
          expect(parameters.step).toBe(1);

          expect(parameters.update()).toBe(true);
          expect(parameters.step).toBe(2);
          expect(everything()).not.toEqual(before);
        });
      },
    );

    if (decaying.length > 0) {
      test("decaying states become 0 and are never between 0 and 2^-110", async () => {
        const parameters = await Parameters.create([[5]], make({}));
        parameters.set(0, [1, 2, 3, 4, 5]);
        parameters.setGradient(0, [1, -1, 0.5, -3, 1e-3]);
        parameters.update();
        for (const state of decaying)
          expect(
            [...parameters.state(state, 0)].every((x) => x !== 0),
            state,
          ).toBe(true);
        parameters.setGradient(0, [0, 0, 0, 0, 0]);
        const lowest = new Map(decaying.map((state) => [state, Infinity]));
        for (let t = 0; t < 1500; t++) {
          parameters.update();
          for (const state of decaying) {
            const sizes = [...parameters.state(state, 0)].map(Math.abs).filter((x) => x > 0);
            lowest.set(state, Math.min(lowest.get(state)!, ...sizes));
          }
        }
        for (const state of decaying) {
          expect([...parameters.state(state, 0)].map(Math.abs), state).toEqual([0, 0, 0, 0, 0]);
          expect(lowest.get(state), state).toBeGreaterThanOrEqual(2 ** -110);
          expect(lowest.get(state), `${state}: it came near`).toBeLessThan(2 ** -100);
        }
      });
    }
  });
}
