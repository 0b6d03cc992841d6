// Graphs put together at random, to any depth: the same bits in every plan, and gradients against differences.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "wasmgrad/files";
import * as w from "wasmgrad";
import { expectEqualPlans, expectRightGradients } from "../../support/plans.ts";
import { generator } from "../../support/seeded.ts";

const WIDTH = 4;

/** A layer or composite that keeps the width. `pool`: shared ones that may come again. */
function anyLayer(next: () => number, depth: number, pool: w.Layer[], smooth: boolean): w.Layer {
  const pick = (n: number): number => Math.floor(n * next());
  const inner = (): w.Layer => anyLayer(next, depth - 1, pool, smooth);
  const some = (least: number): w.Layer[] => Array.from({ length: least + pick(3) }, inner);
  const simple = [
    () => w.dense(WIDTH, pick(2) === 0 ? {} : { useBias: false }),
    () => w.dense(WIDTH),
    () => w.tanh(),
    () => (smooth ? w.sigmoid() : w.relu()),
    () => (smooth ? w.softmax() : w.dropout(0.3)),
    () => w.flatten(),
    () => w.layerNorm(),
    () => w.identity(),
    () => w.frozen(w.dense(WIDTH)),
  ];
  const composed = [
    () => w.residual(...some(1)),
    () => w.residual(...some(1)),
    () => w.chain(...some(1)),
    () => w.frozen(w.chain(...some(1))),
    () => w.add([some(0), inner(), ...(pick(2) === 0 ? [[]] : [some(1)])]),
    () => w.chain(w.concat([some(0), some(0), inner()]), w.dense(WIDTH)),
    () => {
      if (pool.length > 0 && pick(2) === 0) return pool[pick(pool.length)]!;
      const layer = w.shared(pick(2) === 0 ? w.dense(WIDTH) : inner());
      pool.push(layer);
      return layer;
    },
  ];
  const choices = depth > 0 && next() < 0.7 ? composed : simple;
  return choices[pick(choices.length)]!();
}

function anyModel(seed: number, smooth: boolean): Promise<w.Model> {
  const next = generator(seed);
  const pool: w.Layer[] = [];
  const layers = Array.from({ length: 3 }, () => anyLayer(next, 3, pool, smooth));
  return w.sequential({ input: WIDTH, seed }, ...layers, w.dense(2));
}

describe("graphs at random", () => {
  for (let seed = 1; seed <= 60; seed++) {
    test(`the same bits in every plan, ${seed}`, async () => {
      const model = await anyModel(seed, false);
      await expectEqualPlans(model);
    });
  }

  for (let seed = 101; seed <= 125; seed++) {
    test(`gradients, ${seed}`, async () => expectRightGradients(await anyModel(seed, true)));
  }

  for (let seed = 201; seed <= 230; seed++) {
    test(`to a file and back, ${seed}`, async () => {
      const model = await anyModel(seed, false);
      const bytes = modelToBytes(model);
      const again = await modelFromBytes(bytes);
      expect(again.fingerprint()).toBe(model.fingerprint());
      expect(modelToBytes(again)).toEqual(bytes);
      expect(again.parameters().map(({ name, trained }) => [name, trained])).toEqual(
        model.parameters().map(({ name, trained }) => [name, trained]),
      );
      const x = Float32Array.from({ length: 3 * WIDTH }, (_, i) => (i % 5) - 2);
      expect(again.predict(x)).toEqual(model.predict(x));
      expect(again.forward(x)).toEqual(model.forward(x));
    });
  }
});
