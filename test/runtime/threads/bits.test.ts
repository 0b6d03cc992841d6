// Several threads give the same bits as one: every layer, loss and optimizer, whatever the number of threads.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { limits } from "../../../src/runtime/threads/threadPool.ts";
import {
  ACTIVATIONS,
  INPUTS,
  INPUTS_OF,
  LAYERS,
  OPERATORS,
  optionsText,
  SEED,
  shapeText,
} from "../../support/cases.ts";
import { expectSameBits } from "../../support/bits.ts";
import { normal, wholes } from "../../support/seeded.ts";

/** An uneven number: ranges of different sizes. */
const THREADS = 3;
const ROWS = 7;
const { least } = limits;

let core: w.Core;
beforeAll(async () => {
  limits.least = 0; // every record is distributed, however small
  core = (await w.sequential({ input: 1, threads: THREADS }, w.dense(1))).core;
});
afterAll(() => void (limits.least = least));

/** The layer between others. */
const inside = (layer: w.Layer, behind: readonly w.Layer[]): w.Layer[] =>
  layer.type === "embedding" ? [layer, ...behind] : [w.dense(4), w.tanh(), layer, ...behind];

describe("the same bits as with one thread", () => {
  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS, ...ACTIVATIONS })) {
    for (const make of makers) {
      for (const input of INPUTS_OF[name] ?? INPUTS) {
        const layer = make([...input.slice(0, -1), 4]);
        test(`${name}${optionsText(layer.options)}, inputs ${shapeText(input)}`, async () => {
          const memory = layer.type === "attention" ? [w.dense(5, { name: "memory" })] : [];
          const models = await Promise.all(
            [undefined, core].map((shared) =>
              w.sequential(
                { input, seed: SEED, ...(shared && { core: shared }) },
                ...memory,
                ...inside(layer, [w.relu(), w.dropout(0.2), w.dense(3)]),
              ),
            ),
          );
          const count = ROWS * sizeOf(input);
          const below = layer.options["vocabulary"] as number | undefined;
          const x = below ? Float32Array.from(wholes(count, { seed: 1, below })) : normal(count, { seed: 1 });
          const y = normal(ROWS * sizeOf(models[0]!.outputShape), { seed: 2 });
          const [one, several] = await Promise.all(
            models.map(async (model) => {
              const loss = w.meanSquaredError();
              const trainer = new w.Trainer(model, { loss, optimizer: w.adam({ weightDecay: 0.01 }) });
              // led by a worker: whole and short batches, gradients that are added up, and one update by each
              const batchSize = name === "batchNorm" ? 7 : 4;
              const history = await trainer.fit({ x, y }, { batchSize, epochs: 2 });
              await trainer.fit({ x, y }, { batchSize, accumulate: 2 });
              // led by this thread
              const { loss: stepped } = trainer.step(x, y);
              const output = model.forward(x);
              model.zeroGradients();
              const dx = below ? new Float32Array() : model.backward(output);
              const gradients = model.parameters().map((p) => p.gradient());
              // twice: nothing is left from the first time
              const predicted = [x, x.toReversed(), x].map((values) => model.predict(values));
              return { history, stepped, output, dx, gradients, predicted, model };
            }),
          );
          expect(several!.history).toEqual(one!.history);
          expect(several!.stepped).toBe(one!.stepped);
          expectSameBits(several!.output, one!.output, "output");
          expectSameBits(several!.dx, one!.dx, "dx");
          one!.predicted.forEach((values, i) => expectSameBits(several!.predicted[i]!, values, `prediction ${i}`));
          one!.gradients.forEach((gradient, i) => expectSameBits(several!.gradients[i]!, gradient, `gradient ${i}`));
          expect(several!.model.fingerprint()).toBe(one!.model.fingerprint());
        });
      }
    }
  }
});
