// W9: self-attention.
import { selfAttention, sequential } from "../../build/index.js";
import { numbers } from "../data.ts";
import { BURST, BURSTS, middle, repeat, type Result, result, turnsFor } from "../measure.ts";
import { roof } from "../roof.ts";
import { variant } from "./variant.ts";

/** Forward and backward through self-attention: 8 rows of 128 positions of 128 numbers, 4 heads; and the roof of this run. */
export async function attention(): Promise<Result[]> {
  const top = await roof();
  const [rows, steps, width, heads] = [8, 128, 128, 4];
  const x = numbers(rows * steps * width);
  const dy = x.toReversed();
  const results: Result[] = [];
  for (const causal of [false, true]) {
    const model = await sequential({ input: [steps, width], ...variant }, selfAttention({ heads, causal }));
    const turn = (): number => model.forward(x)[0]! + model.backward(dy)[0]!;
    const first = turn();
    if (!Number.isFinite(first)) throw new Error("attention: the result is not finite");
    const turns = await turnsFor(BURST, turn);
    const times = await repeat(BURSTS, () => {
      for (let i = 0; i < turns; i++) turn();
    });
    if (turn() !== first) throw new Error("attention: the timed runs gave other bits than the first one");
    // four projections and two products of the heads, where `causal` needs half of each; backward twice as much
    const products = causal ? (2 * steps + 2) * steps * width : 4 * steps * steps * width;
    const work = 3 * rows * (8 * steps * width * width + products) * turns;
    const rates = times.map((ms) => work / ms / 1e6);
    const share = Number((middle(rates) / top.median).toFixed(3));
    results.push(result(`W9 attention${causal ? " causal" : ""}`, "GFLOP/s", rates, { roof: top.median, share }));
  }
  return results;
}
