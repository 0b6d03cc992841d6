// A recurrent layer of a usual size.
import { gru, sequential } from "../../build/index.js";
import { numbers } from "../data.ts";
import { BURST, BURSTS, repeat, type Result, result, turnsFor } from "../measure.ts";
import { variant } from "./variant.ts";

/** A layer's forward and backward pass, in operations of its products per second. */
export async function gruLayer(): Promise<Result> {
  const [steps, features, units, batch] = [64, 64, 128, 32] as const;
  const model = await sequential({ input: [steps, features], ...variant }, gru(units, { returnSequences: true }));
  const values = numbers(batch * steps * units);
  const x = values.subarray(0, batch * steps * features);
  const dy = values;
  const run = (): void => {
    model.forward(x);
    model.backward(dy);
  };
  const turns = await turnsFor(BURST, run);
  const times = await repeat(BURSTS, () => {
    for (let i = 0; i < turns; i++) run();
  });
  // forward, dx, dw
  const operations = 3 * 2 * batch * steps * (features + units) * 3 * units;
  return result("gru 64x64x128", "GFLOP/s", times.map((ms) => (operations * turns) / ms / 1e6)); // prettier-ignore
}
