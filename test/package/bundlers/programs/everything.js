// Something of each entry and of each binary: layers on images and on sequences, rarer activations, files, data sets, models, matrices.
import { accuracy, conv2d, dense, embedding, flatten, gelu, globalAvgPool1d, lstm, maxPool2d } from "wasmgrad";
import { relu, rmsprop, selfAttention, sequential, softmaxCrossEntropy, topKAccuracy, Trainer } from "wasmgrad";
import { mnist, readIdx } from "wasmgrad/datasets";
import { modelFromBytes, modelToBytes, saveModel } from "wasmgrad/files";
import { init, matmul, matrix } from "wasmgrad/matrix";
import { mlp } from "wasmgrad/models";

const y = Array.from({ length: 24 }, (_, i) => i % 3);
const training = { epochs: 3, batchSize: 10 };
const options = () => ({
  loss: softmaxCrossEntropy(),
  optimizer: rmsprop(),
  metrics: [accuracy(), topKAccuracy({ k: 2 })],
});

/** An IDX file of 24 images of 6 x 6. */
function images() {
  const head = [0, 0, 8, 3, 0, 0, 0, 24, 0, 0, 0, 6, 0, 0, 0, 6];
  return Uint8Array.from({ length: 16 + 24 * 36 }, (_, i) => head[i] ?? (i * 7 + (i % 11) * 13) % 256);
}

async function onImages() {
  const { data } = readIdx(images(), "images");
  const x = Float32Array.from(data, (value) => value / 255);
  const layers = [conv2d(4, { kernelSize: 3 }), gelu(), maxPool2d(2), flatten(), dense(3)];
  const model = await sequential({ input: [6, 6, 1], seed: 2 }, ...layers);
  await new Trainer(model, options()).fit({ x, y }, training);
  const copy = await modelFromBytes(modelToBytes(model));
  return { trained: model.fingerprint(), copy: copy.fingerprint(), bytes: modelToBytes(model).length };
}

async function onSequences() {
  const x = Array.from({ length: 24 * 7 }, (_, i) => (i * i) % 5);
  const layers = [embedding(5, 8), lstm(8, { returnSequences: true }), selfAttention({ heads: 2 })];
  const model = await sequential({ input: [7], seed: 3 }, ...layers, globalAvgPool1d(), dense(3));
  const history = await new Trainer(model, options()).fit({ x, y }, training);
  return { history: { ...history }, fingerprint: model.fingerprint() };
}

async function known() {
  const { input, layers } = mlp({ input: 2, hidden: [4], classes: 3 });
  return (await sequential({ input, seed: 4 }, ...layers, relu())).fingerprint();
}

/** How a promise was refused. */
const refusal = (promise) => promise.then(String, (error) => error.message.split(":")[0]);

export async function run() {
  await init();
  const product = matmul(matrix(2, 3, [1, 2, 3, 4, 5, 6]), matrix(3, 1, [1, 0, -1]));
  return {
    images: await onImages(),
    sequences: await onSequences(),
    known: await known(),
    product: [...product.data],
    // what needs files is in the bundle, and says so when it is called
    refused: [await refusal(mnist({ from: 1 })), await refusal(saveModel(undefined, ""))],
  };
}
