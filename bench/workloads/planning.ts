// Deep models: how long it takes to make one, and from there to the end of its first step.
import {
  dense,
  type Layer,
  meanSquaredError,
  relu,
  residual,
  sequential,
  sgd,
  Trainer,
  zeros,
} from "../../build/index.js";
import { repeat, type Result, result } from "../measure.ts";
import { PLANNING } from "../tasks.ts";
import { variant } from "./variant.ts";

const UNITS = 4;
const still = { kernelInitializer: zeros() }; // a sum of thousands of blocks would be infinite

const DEEP: Readonly<Record<keyof typeof PLANNING, () => Layer[]>> = {
  "plan 10,000 relu": () => Array.from({ length: 10_000 }, () => relu()),
  "plan 2,000 residual": () =>
    Array.from({ length: 2000 }, () => residual(dense(UNITS, still), relu(), dense(UNITS, still))),
};

/** Milliseconds; both are to stay under a second. */
export async function planning(): Promise<Result[]> {
  const results: Result[] = [];
  const x = new Float32Array(UNITS).fill(0.5);
  for (const [name, layersOf] of Object.entries(DEEP)) {
    const layers = layersOf();
    const make = () => sequential({ input: UNITS, ...variant }, ...layers);
    const [made, firstStep] = PLANNING[name as keyof typeof PLANNING];
    results.push(result(made, "ms", await repeat(5, make)));
    let trainer: Trainer;
    const begin = async (): Promise<void> => {
      trainer = new Trainer(await make(), { loss: meanSquaredError(), optimizer: sgd() });
    };
    results.push(result(firstStep, "ms", await repeat(5, () => trainer.step(x, x), begin)));
  }
  return results;
}
