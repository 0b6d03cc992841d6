// Networks that modules are made of, here and in browsers.
import * as w from "../../../src/index.ts";

const block = (width: number, heads: number): w.Layer[] => [
  w.residual(w.layerNorm(), w.selfAttention({ heads })),
  w.residual(w.layerNorm(), w.dense(2 * width), w.gelu(), w.dense(width)),
];

/** What each is, and how many rows it gets. */
export const NETWORKS: Readonly<
  Record<string, { make(more?: { threads?: number }): Promise<w.Model>; whole?: number }>
> = {
  mlp: { make: (more) => w.sequential({ input: 784, seed: 1, ...more }, w.dense(128), w.relu(), w.dense(10)) },
  lenet: {
    make: (more) =>
      w.sequential(
        { input: [28, 28, 1], seed: 2, ...more },
        w.conv2d(6, { kernelSize: 5, padding: "same" }),
        w.tanh(),
        w.avgPool2d(2),
        w.conv2d(16, { kernelSize: 5 }),
        w.tanh(),
        w.avgPool2d(2),
        w.flatten(),
        w.dense(120),
        w.tanh(),
        w.dense(84),
        w.tanh(),
        w.dense(10),
      ),
  },
  lstm: { make: (more) => w.sequential({ input: [20, 8], seed: 3, ...more }, w.lstm(32), w.dense(5)) },
  transformer: {
    make: (more) =>
      w.sequential(
        { input: [16], seed: 4, ...more },
        w.embedding(30, 16),
        w.positionalEmbedding(),
        ...block(16, 2),
        ...block(16, 2),
        w.layerNorm(),
        w.globalAvgPool1d(),
        w.dense(3),
      ),
    whole: 30,
  },
};

export type NetworkName = "mlp" | "lenet" | "lstm" | "transformer";

/** Rows for a network: the same each time. */
export function rowsFor(model: w.Model, rows: number, whole?: number): Float32Array<ArrayBuffer> {
  const size = model.inputShape.reduce((product, n) => product * n, 1);
  return Float32Array.from({ length: rows * size }, (_, i) => {
    const number = (i * 7919) % 1009;
    return whole === undefined ? number / 504 - 1 : number % whole;
  });
}
