// Something of each entry and of each binary: what it gives is the same everywhere.
import {
  adam,
  backend,
  conv2d,
  customLoss,
  dense,
  embedding,
  flatten,
  gelu,
  layerNorm,
  lstm,
  maxPool2d,
  meanSquaredError,
  r2,
  relu,
  rmsprop,
  sequential,
  softmaxCrossEntropy,
  Trainer,
} from "wasmgrad";
import { readIdx } from "wasmgrad/datasets";
import { modelFromBytes, modelToBytes, readSafetensors } from "wasmgrad/files";
import { init, matmul, matrix } from "wasmgrad/matrix";
import { mlp } from "wasmgrad/models";
import { xor } from "./xor.js";

const numbers = (count, modulus) => Float32Array.from({ length: count }, (_, i) => ((i * 7) % modulus) / modulus);

/** Trains a model and gives its fingerprint. */
async function train(model, data, { loss = softmaxCrossEntropy(), optimizer = adam(), ...others } = {}) {
  const trainer = new Trainer(model, { loss, optimizer, ...others });
  await trainer.fit(data, { epochs: 3, batchSize: 4, progress: false });
  return model.fingerprint();
}

/** A loss of the program's own: such a function needs a module of WebAssembly that is made while the program runs. */
export async function own() {
  const half = customLoss({
    type: "half",
    compute({ output, target, losses, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const difference = output[i] - target[i];
        losses[i] = (difference * difference) / 2;
        gradient[i] = difference;
      }
    },
  });
  const model = await sequential({ input: 3, seed: 3 }, dense(1));
  return train(model, { x: numbers(24, 11), y: numbers(8, 5) }, { loss: half });
}

/** The outcomes by their names. The options are those of `sequential`. */
export async function everything(options = {}) {
  const make = (input, ...layers) => sequential({ input, seed: 3, ...options }, ...layers);
  const small = await xor(options);
  const images = await make([6, 6, 1], conv2d(3, { kernelSize: 3 }), relu(), maxPool2d(2), flatten(), dense(2));
  const texts = await make([5], embedding(7, 4), lstm(3), layerNorm(), dense(2));
  const curves = await make(3, dense(4), gelu(), dense(1));
  const { input, layers } = mlp({ input: 3, hidden: [4], classes: 2 });
  const known = await make(input, ...layers);
  const x = numbers(24, 11);
  const classes = Uint8Array.from({ length: 8 }, (_, i) => i % 2);
  const words = Float32Array.from({ length: 40 }, (_, i) => (i * 3) % 7);
  const bytes = modelToBytes(images);
  const copy = await modelFromBytes(bytes);
  await init();
  return {
    xor: small.fingerprint,
    rows: small.classes,
    images: await train(images, { x: numbers(8 * 36, 13), y: classes }),
    texts: await train(texts, { x: words, y: classes }),
    curves: await train(
      curves,
      { x, y: numbers(8, 5) },
      { loss: meanSquaredError(), optimizer: rmsprop(), metrics: [r2()] },
    ),
    known: await train(known, { x, y: classes }),
    file: copy.fingerprint(),
    tensors: [...readSafetensors(bytes).tensors.keys()],
    idx: [...readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).data],
    product: [...matmul(matrix(1, 2, [1, 2]), matrix(2, 1, [3, 4])).data],
    backend: backend(images),
  };
}
