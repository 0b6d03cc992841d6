// ConvNetJS, in plain JavaScript with float64 numbers: node build/peers/convnet.mjs W2
import { initialParameters, type InitialNetwork } from "../data.ts";
import type { Result } from "../measure.ts";
import { TRAINING, type TrainingJob, XOR } from "../tasks.ts";
import { measureInference, measureTraining, measureXor, runPeer } from "./peer.ts";
import { measureStart } from "./start.ts";

/** What is used of the library. */
interface Vol {
  readonly w: Float64Array;
}
interface Layer {
  readonly filters?: readonly Vol[];
  readonly biases?: Vol;
}
interface Net {
  readonly layers: readonly Layer[];
  makeLayers(layers: readonly object[]): void;
  forward(x: Vol): Vol;
}
interface ConvNet {
  readonly Vol: new (width: number, height: number, depth: number, value: number) => Vol;
  readonly Net: new () => Net;
  readonly SGDTrainer: new (net: Net, options: object) => { train(x: Vol, label: number): { cost_loss: number } };
}

const { default: convnet } = (await import("convnetjs" as string)) as { default: ConvNet };

const vector = (length: number) => ({ type: "input", out_sx: 1, out_sy: 1, out_depth: length });
const image = { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 };
const fc = (units: number, activation: string) => ({ type: "fc", num_neurons: units, activation });
const conv = (filters: number) => ({ type: "conv", sx: 5, filters, stride: 1, pad: 2, activation: "relu" });
const pool = { type: "pool", sx: 2, stride: 2 };
const classes = (count: number) => ({ type: "softmax", num_classes: count });

/** A network with the initial weights that all begin with; one whose shape differs keeps its own. */
function build(layers: readonly object[], start: InitialNetwork): Net {
  const net = new convnet.Net();
  net.makeLayers(layers);
  const weights = initialParameters(start).filter((_, i) => i % 2 === 0);
  const trained = net.layers.filter(({ filters }) => filters !== undefined);
  trained.forEach(({ filters, biases }, layer) => {
    biases!.w.fill(0);
    const { values, shape } = weights[layer]!;
    const outputs = shape.at(-1)!;
    if (outputs !== filters!.length) return;
    filters!.forEach(({ w }, o) => {
      for (let i = 0; i < w.length; i++) w[i] = values[i * outputs + o]!;
    });
  });
  return net;
}

interface Setup {
  readonly layers: readonly object[];
  readonly input: readonly [number, number, number];
  readonly rows: number;
  readonly optimizer?: object;
  readonly other?: string;
}

const MOMENTUM = { method: "sgd", learning_rate: 0.1, momentum: 0.9 };

function train(job: TrainingJob, start: InitialNetwork, { layers, input, optimizer = MOMENTUM, ...more }: Setup) {
  const { batch } = TRAINING[job];
  return () =>
    measureTraining(job, {
      ...more,
      async run(updates, { x, y }) {
        const net = build(layers, start);
        const options = { batch_size: batch, l1_decay: 0, l2_decay: 0, ...optimizer };
        const trainer = new convnet.SGDTrainer(net, options);
        const row = new convnet.Vol(...input, 0);
        let sum = 0;
        const begin = performance.now();
        for (let i = 0; i < updates * batch; i++) {
          if (i % batch === 0) sum = 0;
          row.w.set(x.subarray(i * 784, (i + 1) * 784));
          sum += trainer.train(row, y[i]!).cost_loss;
        }
        return { ms: performance.now() - begin, loss: sum / batch };
      },
    });
}

async function xor(): Promise<Result> {
  const rows = XOR.x.map((values) => {
    const row = new convnet.Vol(1, 1, 2, 0);
    row.w.set(values);
    return row;
  });
  return measureXor(async (updates) => {
    const net = build([vector(2), fc(4, "sigmoid"), classes(2)], "xor");
    const options = { method: "sgd", learning_rate: 0.5, momentum: 0, batch_size: 4, l1_decay: 0, l2_decay: 0 };
    const trainer = new convnet.SGDTrainer(net, options);
    let loss = 0;
    const begin = performance.now();
    for (let i = 0; i < updates; i++) {
      loss = 0;
      rows.forEach((row, j) => (loss += trainer.train(row, XOR.y[j]!).cost_loss / 4));
    }
    return { ms: performance.now() - begin, loss };
  }, "two outputs in place of one");
}

async function inference(): Promise<Result[]> {
  const net = build([vector(784), fc(128, "relu"), classes(10)], "mlp");
  const row = new convnet.Vol(1, 1, 784, 0);
  return measureInference((x, rows) => {
    const probabilities = new Float64Array(rows * 10);
    for (let i = 0; i < rows; i++) {
      row.w.set(x.subarray(i * 784, (i + 1) * 784));
      probabilities.set(net.forward(row).w, i * 10);
    }
    return probabilities;
  });
}

const mlp = { layers: [vector(784), fc(128, "relu"), classes(10)], input: [1, 1, 784] } as const;
await runPeer({
  W1: xor,
  W2: train("W2", "mlp", { ...mlp, rows: 2560 }),
  W2b16: train("W2b16", "mlp", { ...mlp, rows: 1600 }),
  W3: train("W3", "big", {
    layers: [vector(784), fc(1024, "relu"), fc(1024, "relu"), classes(10)],
    input: [1, 1, 784],
    rows: 128,
  }),
  W4: train("W4", "cnn", {
    layers: [image, conv(8), pool, conv(16), pool, classes(10)],
    input: [28, 28, 1],
    rows: 320,
    optimizer: { method: "adadelta", ro: 0.95, eps: 1e-6 },
    other: "adadelta, since it has no Adam",
  }),
  W7: inference,
  W8: () => measureStart("convnet"),
});
