// Functions of single numbers, and softmax.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping } from "../mapping.ts";
import { axisOf, input, need, numberOf, textOf } from "../node.ts";
import { alongLast, broadcast, reshape } from "../tensors.ts";

/** The layer on the numbers as they are. */
const each =
  (layer: (entry: Case) => w.Layer): Mapping =>
  async (entry) => [{ ...(await apply(input(entry, 0), [layer(entry)])), shape: input(entry, 0).shape }];

/** The layer along the attribute `axis`. */
const along =
  (layer: () => w.Layer): Mapping =>
  async (entry) => {
    const x = input(entry, 0);
    need(entry.opset >= 13, "axis as before opset 13: all behind it as one");
    const axis = axisOf(numberOf(entry, "axis", -1), x.shape.length);
    return [await alongLast(x, axis, (last) => apply(last, [layer()]))];
  };

export const activations: Readonly<Record<string, Mapping>> = {
  Elu: each((entry) => w.elu({ alpha: numberOf(entry, "alpha", 1) })),
  Gelu: each((entry) => w.gelu({ approximate: textOf(entry, "approximate", "none") as "none" | "tanh" })),
  LeakyRelu: each((entry) => w.leakyRelu({ slope: numberOf(entry, "alpha", 0.01) })),
  Mish: each(() => w.mish()),
  Relu: each(() => w.relu()),
  Sigmoid: each(() => w.sigmoid()),
  Softplus: each(() => w.softplus()),
  Softsign: each(() => w.softsign()),
  Tanh: each(() => w.tanh()),
  Softmax: along(() => w.softmax()),
  LogSoftmax: along(() => w.logSoftmax()),
  Swish: each((entry) => {
    need(numberOf(entry, "alpha", 1) === 1, "alpha");
    return w.silu();
  }),
  HardSigmoid: each((entry) =>
    w.hardSigmoid({ slope: numberOf(entry, "alpha", 0.2), offset: numberOf(entry, "beta", 0.5) }),
  ),
  Selu: each((entry) =>
    w.selu({
      alpha: numberOf(entry, "alpha", 1.6732631921768188),
      scale: numberOf(entry, "gamma", 1.0507010221481323),
    }),
  ),
  Clip: each(({ inputs: [, min, max] }) => {
    const [low, high] = [min?.data[0] ?? -Infinity, max?.data[0] ?? Infinity];
    if (low === -Infinity && high === Infinity) return w.identity();
    need(low < high, "min that isn't below max");
    return w.clip(low, high);
  }),
  // one slope for each number of a row: the entire tensor is the row
  async PRelu(entry) {
    const x = input(entry, 0);
    const slope = broadcast(input(entry, 1), x.shape).data;
    const y = await apply(reshape(x, [1, -1]), [w.prelu()], { slope });
    return [reshape(y, x.shape)];
  },
};
