// A loss of one's own, in TypeScript: quantile regression. npx tsx examples/custom-loss.ts
//
// For a quantile q, an error d = output - target costs q |d| where the output is too low and (1 - q) |d| where it is too high:
// the model then learns the value that a share q of the targets lies below.
import { adam, dense, meanSquaredError, sequential, tanh, Trainer } from "wasmgrad";

const QUANTILE = 0.9;

/** Targets that scatter around a curve, more to the right than to the left: a small generator, so that runs repeat. */
let state = 1;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
const x = Float32Array.from({ length: 512 }, () => random() * 4 - 2);
const y = x.map((value) => value * value * 0.5 + (1 + value * 0.3) * (random() - 0.5));

const model = await sequential({ input: 1, seed: 1 }, dense(16), tanh(), dense(1));
// the trainer's own loss isn't used: only its optimizer is, by update()
const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate: 0.01 }) });

for (let step = 0; step <= 2000; step++) {
  const output = model.forward(x);
  let loss = 0;
  const gradient = output.map((value, i) => {
    const d = value - y[i]!;
    loss += (d < 0 ? -QUANTILE * d : (1 - QUANTILE) * d) / output.length;
    return (d < 0 ? -QUANTILE : 1 - QUANTILE) / output.length;
  });
  model.zeroGradients();
  model.backward(gradient);
  trainer.update();
  if (step % 500 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
}

const below = model.predict(x).filter((value, i) => y[i]! < value).length / x.length;
console.log(`${(below * 100).toFixed(1)} % of the targets lie below the curve; ${QUANTILE * 100} % were asked for`);
