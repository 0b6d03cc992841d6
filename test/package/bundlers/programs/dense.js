// The smallest program that trains: a dense network learns exclusive or.
import { dense, meanSquaredError, sequential, sgd, tanh, Trainer } from "wasmgrad";

export async function run() {
  const model = await sequential({ input: 2, seed: 1 }, dense(8), tanh(), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore
  const { loss } = await trainer.fit({ x, y: [0, 1, 1, 0] }, { epochs: 100 });
  return { loss: loss.at(-1), predicted: [...model.predict(x)], fingerprint: model.fingerprint() };
}
