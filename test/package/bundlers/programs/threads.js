// Two threads where memory can be shared; one, with the reason, where it can't.
import { adam, backend, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

const x = Float32Array.from({ length: 512 * 256 }, (_, i) => (i % 17) / 17);
const y = Array.from({ length: 512 }, (_, i) => i % 10);

export async function run() {
  const model = await sequential({ input: 256, seed: 1, threads: 2 }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  await trainer.fit({ x, y }, { epochs: 3, batchSize: 128 });
  const { threads, reason } = backend(model);
  return { threads, reason, fingerprint: model.fingerprint() };
}
