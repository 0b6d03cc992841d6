// synaptic, which makes one update per row: node build/peers/synaptic.mjs W1
import type { Result } from "../measure.ts";
import { XOR } from "../tasks.ts";
import { measureXor, runPeer } from "./peer.ts";

/** What is used of the library. */
interface Network {
  activate(input: readonly number[]): readonly number[];
}
interface Synaptic {
  readonly Architect: { readonly Perceptron: new (...sizes: readonly number[]) => Network };
  readonly Trainer: {
    new (network: Network): { train(data: readonly object[], options: object): { error: number } };
    readonly cost: { readonly CROSS_ENTROPY: unknown };
  };
}

const { default: synaptic } = (await import("synaptic" as string)) as { default: Synaptic };

async function xor(): Promise<Result> {
  const data = XOR.x.map((input, i) => ({ input, output: [XOR.y[i]] }));
  const cost = synaptic.Trainer.cost.CROSS_ENTROPY;
  return measureXor(async (iterations) => {
    const trainer = new synaptic.Trainer(new synaptic.Architect.Perceptron(2, 4, 1));
    const start = performance.now();
    const { error } = trainer.train(data, { rate: 0.5, iterations, error: 0, shuffle: false, cost });
    return { ms: performance.now() - start, loss: error };
  }, "one update per row, initial weights of its own");
}

await runPeer({ W1: xor });
