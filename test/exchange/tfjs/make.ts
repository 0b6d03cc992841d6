// Makes models with TensorFlow.js: consecutive layers, and graphs.
import { generator } from "../../support/seeded.ts";
import type { Symbolic, TensorFlow, TfLayer, TfModel } from "./tf.ts";

/** A model of theirs, and what its rows are: numbers around 0, or whole numbers below a bound. */
export interface Theirs {
  readonly make: (tf: TensorFlow) => TfModel;
  /** Rows are whole numbers below this. */
  readonly below?: number;
  /** Nothing is there to be trained. */
  readonly untrained?: true;
}

export type Shape = readonly number[];
export type Stack = (tf: TensorFlow) => readonly TfLayer[];

/** Consecutive layers on rows of a shape. */
export const stack =
  (inputShape: Shape, layers: Stack) =>
  (tf: TensorFlow): TfModel => {
    return tf.sequential({ layers: [tf.layers["inputLayer"]!({ inputShape }), ...layers(tf)] });
  };

/** A graph on one input. */
export const graph =
  (shape: Shape, make: (x: Symbolic, tf: TensorFlow) => Symbolic | Symbolic[]) =>
  (tf: TensorFlow): TfModel => {
    const inputs = tf.input({ shape });
    return tf.model({ inputs, outputs: make(inputs, tf) });
  };

export const on = (layer: TfLayer, ...x: Symbolic[]): Symbolic => layer.apply(x.length === 1 ? x[0]! : x);

export const IMAGE = [7, 6, 3];

/** Rows for a model. */
export function rowsFor(model: TfModel, { below }: Theirs, rows: number): Float32Array[] {
  const next = generator(7);
  return model.inputs.map(({ shape }) => {
    const size = (shape.slice(1) as number[]).reduce((product, n) => product * n, 1);
    return Float32Array.from({ length: rows * size }, () => (below ? Math.floor(below * next()) : 2 * next() - 1));
  });
}

/** Gives a model weights that all count: none is 0 or 1 because it began so. */
export function stir(tf: TensorFlow, model: TfModel): TfModel {
  const next = generator(3);
  model.setWeights(
    model.getWeights().map((weight) => {
      const old = weight.dataSync();
      return tf.tensor(
        Float32Array.from(old, (value) => value + (value < 0 ? -0.1 : 0.1) + 0.4 * next()),
        weight.shape,
      );
    }),
  );
  return model;
}
