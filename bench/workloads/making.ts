// How long it takes until a model with large initial values is there: orthogonal ones are the slowest.
import { gru, lstm, sequential, simpleRnn } from "../../build/index.js";
import { repeat, type Result, result } from "../measure.ts";
import { MAKING } from "../tasks.ts";
import { variant } from "./variant.ts";

/** `sequential`, with the orthogonal weights of the state [512, 2048], [512, 1536] and [1024, 1024]. */
export async function making(): Promise<Result[]> {
  const layers = { lstm: () => lstm(512), gru: () => gru(512), simpleRnn: () => simpleRnn(1024) };
  const results: Result[] = [];
  for (const [name, layer] of Object.entries(layers)) {
    const times = await repeat(9, () => sequential({ input: [10, 64], ...variant }, layer()));
    results.push(result(MAKING[name as keyof typeof layers], "ms", times));
  }
  return results;
}
