// Chains of layers at random, whose values come in every order of axes: what each reads and gives is turned rightly.
import { describe, expect, test } from "vitest";
import * as w from "../../../../src/index.ts";
import { toOnnx } from "../../../../src/onnx.ts";
import { sizeOf } from "../../../../src/util/shape.ts";
import { generator, normal } from "../../../support/seeded.ts";
import { feedsOf, graphOf, joinedOf, type Layout, onnxRuntime, worst } from "../runtime.ts";

const INPUTS: readonly w.Shape[] = [[5, 4, 2], [4, 5, 3], [6, 4], [5, 3], [8]]; // prettier-ignore
const SHAPES: readonly w.Shape[] = [[12], [3, 4], [2, 2, 3], [4, 3, 2], [24], [6, 4], [2, 6, 2], [5, 4, 2], [20, 2], [40]]; // prettier-ignore

/** Draws layers; most of them don't fit what is before them. */
function drawer(seed: number): () => w.Layer {
  const next = generator(seed);
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const one = <T>(...all: readonly T[]): T => all[whole(0, all.length - 1)]!;
  const axis = (): number => whole(-3, 2);
  const keepAxis = (): boolean => one(true, false);
  const some = (depth: number): w.Layer[] => Array.from({ length: whole(1, 3) }, () => draw(depth));
  const simple: readonly (() => w.Layer)[] = [
    () => w.conv2d(whole(1, 3), { kernelSize: whole(1, 3), padding: one("same", "valid") }),
    () => w.conv1d(whole(1, 3), { kernelSize: whole(1, 2), padding: one("same", "causal") }),
    () => w.depthwiseConv2d(2, { padding: "same", depthMultiplier: whole(1, 2) }),
    () => w.lstm(whole(1, 3), { returnSequences: true }),
    () => w.bidirectional(w.gru(2, { returnSequences: keepAxis() })),
    () => w.relu(),
    () => w.tanh(),
    () => w.prelu({ slopeInitializer: w.uniform() }),
    () => w.softmax(),
    () => w.batchNorm(),
    () => w.localResponseNorm({ size: whole(1, 4), alpha: 2 }),
    () => w.maxPool2d(2),
    () => w.avgPool2d(2, { padding: "same" }),
    () => w.maxPool1d(2),
    () => w.globalAvgPool2d(),
    () => w.globalMaxPool1d(),
    () => w.flatten(),
    () => w.flatten(),
    () => w.dense(whole(1, 4)),
    () => w.permute(one<readonly number[]>([1, 0], [2, 0, 1], [1, 0, 2], [0, 2, 1])),
    () => w.slice({ axis: axis(), from: one(0, 1, -1) }),
    () => w.pick({ axis: axis(), index: one(0, -1) }),
    () => w.mean({ axis: axis(), keepAxis: keepAxis() }),
    () => w.max({ axis: axis(), keepAxis: keepAxis() }),
    () => w.pad({ before: [whole(-1, 1), whole(0, 1)], after: [whole(-1, 2)], mode: one("constant", "edge", "wrap") }),
    () => w.upsample2d(2),
    () => w.positionalEmbedding({ initializer: w.uniform() }),
    () => w.sinusoidalEmbedding(),
    () => w.selfAttention({ heads: 1, causal: keepAxis() }),
    () => w.dropout(0.5),
    () => w.reshape(one(...SHAPES)),
    () => w.repeatVector(whole(1, 3)),
    () => w.timeDistributed(one(w.dense(2), w.conv1d(2, { kernelSize: 1 }), w.flatten())),
  ];
  const composed: readonly ((depth: number) => w.Layer)[] = [
    (depth) => w.residual(...some(depth)),
    (depth) => w.average([[], some(depth)]),
    () => w.multiply([[], [w.mean({ axis: axis(), keepAxis: keepAxis() })]]),
    () => w.maximum([[w.mean({ axis: axis(), keepAxis: true })], [w.max({ axis: axis(), keepAxis: true })], []]),
    () => w.subtract([[], [w.pick({ index: 0 })]]),
    () => w.multiply([[], [w.globalAvgPool2d(), w.sigmoid()]]),
    (depth) => w.concat([[], some(depth)], { axis: whole(-2, 1) }),
    (depth) => w.concat([w.flatten(), [...some(depth), w.flatten()]]),
    () => w.matmul([w.tanh(), w.tanh()], one({ transposeA: true }, { transposeB: true })),
    () => w.dot([[], one<readonly w.Layer[]>([], [w.mean({ axis: 0 })])]),
  ];
  const draw = (depth: number): w.Layer =>
    depth > 0 && next() < 0.35
      ? composed[whole(0, composed.length - 1)]!(depth - 1)
      : simple[whole(0, simple.length - 1)]!();
  return () => draw(2);
}

/** A model of some layers that fit each other. */
async function anyModel(seed: number): Promise<w.Model> {
  const input = INPUTS[seed % INPUTS.length]!;
  const draw = drawer(seed);
  let model = await w.sequential({ input, seed }, w.tanh());
  const layers: w.Layer[] = [w.tanh()];
  for (let tries = 0; tries < 100 && layers.length < 7; tries++) {
    const layer = draw();
    try {
      model = await w.sequential({ input, seed, core: model.core }, ...layers, layer);
      layers.push(layer);
    } catch (error) {
      if ((error as Error).name !== "RangeError") throw error; // it doesn't fit
    }
  }
  return model;
}

describe("values in all orders of their axes", () => {
  test.each(Array.from({ length: 60 }, (_, i) => i + 1))("chain %i", async (seed) => {
    const model = await anyModel(seed);
    const runtime = onnxRuntime();
    const x = normal(3 * sizeOf(model.inputShape), { seed });
    for (const layout of ["channelsLast", "channelsFirst"] satisfies Layout[]) {
      const bytes = toOnnx(model, { layout });
      const graph = graphOf(bytes);
      const session = await runtime.InferenceSession.create(bytes, {});
      const given = await session.run(feedsOf(runtime, graph, model, x, layout));
      await session.release();
      expect(worst(joinedOf(given, graph, 3, layout), model.predict(x)), layout).toBeLessThan(1e-5);
    }
  });
});
