// A layer and a loss of one's own, in TypeScript. npx tsx examples/custom-layer.ts
//
// The layer multiplies: y = x (w . x) + b + x, the cross layer of Wang et al., "Deep & cross network for ad click predictions",
// 2017. The loss is that of a quantile: the model learns the value that nine targets of ten lie below.
import { adam, customLayer, customLoss, dense, gradCheck, sequential, Trainer, zeros, glorotUniform } from "wasmgrad";

const cross = customLayer({
  type: "cross",
  parameters: {
    w: { shape: (input) => input, initializer: glorotUniform() },
    b: { shape: (input) => input, initializer: zeros() },
  },
  saved: { dot: 1 }, // w . x, one number per row
  forward({ x, y, rows, parameters: { w, b }, saved: { dot } }) {
    const n = w.length;
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += w[i]! * x[r * n + i]!;
      dot[r] = sum;
      for (let i = 0; i < n; i++) y[r * n + i] = x[r * n + i]! * (sum + 1) + b[i]!;
    }
  },
  backward({ x, dy, dx, rows, parameters: { w }, gradients, saved: { dot } }) {
    const n = w.length;
    for (let r = 0; r < rows; r++) {
      let along = 0; // the gradient of w . x
      for (let i = 0; i < n; i++) along += dy[r * n + i]! * x[r * n + i]!;
      for (let i = 0; i < n; i++) {
        const g = dy[r * n + i]!;
        if (dx) dx[r * n + i] = g * (dot[r]! + 1) + along * w[i]!;
        if (gradients.w) gradients.w[i]! += along * x[r * n + i]!;
        if (gradients.b) gradients.b[i]! += g;
      }
    }
  },
});

const quantile = (share: number) =>
  customLoss({
    type: "quantile",
    compute({ output, target, losses, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const slope = output[i]! < target[i]! ? -share : 1 - share;
        losses[i] = slope * (output[i]! - target[i]!);
        gradient[i] = slope;
      }
    },
  });

/** A small generator, so that runs repeat. */
let state = 1;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
const x = Array.from({ length: 512 }, () => [random() * 2 - 1, random() * 2 - 1, random() * 2 - 1]);
const y = x.map(([a, b, c]) => a! * b! + c! * c! + (0.1 + 0.1 * c!) * random());

const model = await sequential({ input: 3, seed: 1 }, dense(4), cross, cross, dense(1));
const trainer = new Trainer(model, { loss: quantile(0.9), optimizer: adam({ learningRate: 0.01 }) });

const { ok, checked } = gradCheck(trainer, x.slice(0, 8), y.slice(0, 8));
console.log(`${checked} gradients agree with differences of the loss: ${ok}`);

const { loss } = await trainer.fit({ x, y }, { epochs: 300, batchSize: 64, progress: false });
console.log(`loss ${loss[0]!.toFixed(4)} at first, ${loss.at(-1)!.toFixed(4)} at last`);
const below = model.predict(x).filter((value, i) => y[i]! < value).length / x.length;
console.log(`${(below * 100).toFixed(1)} % of the targets lie below the prediction; 90 % were asked for`);
