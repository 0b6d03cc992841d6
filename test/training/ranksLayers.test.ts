// Layers on the ranks of a group: whatever they keep, draw or share, all numbers of ranks give the same bits.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { around, INPUTS, INPUTS_OF, LAYERS, OPERATORS, optionsText, shapeText } from "../support/cases.ts";
import { classes, expectTogether, small, towards } from "../support/ranks.ts";
import { normal } from "../support/seeded.ts";

describe("every layer", () => {
  for (const [name, makers] of Object.entries({ ...LAYERS, ...OPERATORS })) {
    for (const make of makers) {
      const input = (INPUTS_OF[name] ?? INPUTS)[0]!;
      const layerOf = (): w.Layer => make([...input.slice(0, -1), 4]);
      const { options } = layerOf();
      test(`${name}${optionsText(options)}, inputs ${shapeText(input)}`, async () => {
        const below = options["vocabulary"] as number | undefined;
        await expectTogether(await towards(() => around(layerOf(), input), { below }), [1, 3]);
      });
    }
  }
});

/** Layers on four numbers, towards three classes, where more than the kinds of layers matters. */
const KEPT: Readonly<Record<string, () => w.Layer[]>> = {
  "dropout, noise and statistics": () => [
    w.dense(6),
    w.gaussianNoise(0.1),
    w.batchNorm(),
    w.relu(),
    w.dropout(0.4),
    w.dense(3),
  ],
  "statistics of little momentum": () => [w.dense(6), w.batchNorm({ momentum: 0.01 }), w.dense(3)],
  "statistics of much momentum": () => [w.dense(6), w.batchNorm({ momentum: 0.99 }), w.dense(3)],
  "statistics that stay": () => [w.dense(6), w.batchNorm({ trainable: false }), w.dense(3)],
  "statistics of no momentum": () => [w.dense(6), w.batchNorm({ momentum: 0 }), w.dense(3)],
  "statistics of a layer that is used twice": () => {
    const both = w.shared(w.chain(w.dense(4), w.batchNorm(), w.dropout(0.2)));
    return [both, w.tanh(), both, w.dense(3)];
  },
  "statistics of steps": () => [
    w.reshape([2, 2]),
    w.timeDistributed(w.dense(5), w.batchNorm(), w.tanh()),
    w.flatten(),
    w.dense(3),
  ],
  "frozen layers": () => [
    w.dense(5, { trainable: false }),
    w.frozen(w.chain(w.dense(4), w.batchNorm(), w.dropout(0.2))),
    w.dense(3),
  ],
  "centres, and a penalty of their kernel": () => {
    const centres = normal(5 * 4, { seed: 3 });
    return [
      w.rbf({ centres, gamma: 0.3 }),
      w.dense(3, { kernelRegularizer: w.rbfNorm({ lambda: 0.01, centres, gamma: 0.3 }) }),
    ];
  },
  penalties: () => [
    w.dense(6, { kernelRegularizer: w.l2(0.05), biasRegularizer: w.l1(0.02) }),
    w.activityPenalty({ name: "penalized" }),
    w.tanh(),
    w.dense(3, { kernelRegularizer: w.l1(0.05) }),
  ],
  constraints: () => [
    w.dense(6, { kernelConstraint: w.maxNorm(0.5) }),
    w.relu(),
    w.dense(6, { kernelConstraint: w.nonNeg() }),
    w.dense(3, { kernelConstraint: w.unitNorm() }),
  ],
  "weights that are used twice, in a residual": () => {
    const one = w.shared(w.dense(4, { kernelRegularizer: w.l2(0.1) }));
    return [one, w.residual(one, w.tanh()), w.residual(w.dense(4), w.batchNorm()), w.dense(3)];
  },
  "branches and earlier values": () => [
    w.dense(4, { name: "first" }),
    w.concat([w.dense(3), [w.dense(2), w.batchNorm(), w.dropout(0.2)]]),
    w.dense(4),
    w.add([[], w.from("first", w.dense(4), w.dropout(0.2))]),
    w.dense(3),
  ],
  "recurrent, both ways": () => [w.reshape([2, 2]), w.bidirectional(w.lstm(3)), w.dropout(0.2), w.dense(3)],
  "attention with heads": () => [
    w.reshape([2, 2]),
    w.dense(4),
    w.positionalEmbedding(),
    w.residual(w.layerNorm(), w.selfAttention({ heads: 2 }), w.dropout(0.1)),
    w.flatten(),
    w.dense(3),
  ],
};

describe("what layers keep, draw and share", () => {
  for (const [name, make] of Object.entries(KEPT)) {
    test(name, async () => {
      const training = { trainer: () => small({}, {}, make), data: classes };
      const { fingerprint } = await expectTogether(training);
      // it has learned something
      expect(fingerprint).not.toBe((await training.trainer()).model.fingerprint());
    });
  }
});
