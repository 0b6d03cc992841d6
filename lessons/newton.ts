// Newton's method for one sigmoid neuron: the step is the gradient divided by the curvature.
import type { Model } from "../src/index.ts";
import { matmul, matrix } from "../src/matrix.ts";
import { type Examples, type Place, weightsOf } from "./neuron.ts";

/**
 * Loss, gradient and second derivatives of one sigmoid neuron's mean cross-entropy. With a = sigmoid(z) and X the inputs with a
 * column of ones for the bias: g = XT (a - y) / m, H = XT diag(a (1 - a)) X / m. The products are the core's.
 */
export function curvature(model: Model, { x, y }: Examples): { loss: number; g: number[]; h: number[][] } {
  const m = x.length;
  const n = x[0]!.length + 1;
  const a = model.predict(x);
  const inputs = matrix(
    m,
    n,
    x.flatMap((row) => [...row, 1]),
  );
  const error = matrix(
    m,
    1,
    a.map((value, r) => (value - y[r]!) / m),
  );
  const weighted = matrix(
    m,
    n,
    inputs.data.map((value, i) => {
      const output = a[Math.floor(i / n)]!;
      return (value * output * (1 - output)) / m;
    }),
  );
  const g = matmul(inputs, error, { transposeA: true });
  const h = matmul(inputs, weighted, { transposeA: true });
  return {
    // eslint-disable-next-line no-restricted-properties -- to be looked at, not to be calculated with
    loss: a.reduce((sum, value, r) => sum - Math.log(y[r] === 1 ? value : 1 - value) / m, 0),
    g: [...g.data],
    h: Array.from({ length: n }, (_, r) => Array.from(h.data.slice(r * n, (r + 1) * n))),
  };
}

/** One step p -= H^-1 g on the neuron's weights and bias. Returns the loss before it. */
export function newtonStep(model: Model, examples: Examples): number {
  const { loss, g, h } = curvature(model, examples);
  const step = solve(h, g);
  const [weight, bias] = model.parameters();
  weight!.set(weight!.get().map((value, i) => value - step[i]!));
  bias!.set([bias!.get()[0]! - step.at(-1)!]);
  return loss;
}

/** The way of Newton's method, a place at a time: where it stands before each step. It goes on for as long as it is asked. */
export function* newtonDescent(model: Model, examples: Examples): Generator<Place, never> {
  for (;;) {
    const weights = weightsOf(model);
    yield { ...weights, loss: newtonStep(model, examples) };
  }
}

/** Solves a x = b for a small positive definite matrix: elimination, then substitution backwards. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  const x = b.map(() => 0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let c = i + 1; c < n; c++) sum -= rows[i]![c]! * x[c]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}
