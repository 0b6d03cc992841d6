// Losses of classes: every place of [rows, classes, ...] is a row.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping, modelOf } from "../mapping.ts";
import { input, need, textOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { channelsFirst, channelsLast, floats, reshape } from "../tensors.ts";

type Options = { readonly classWeights?: readonly number[]; readonly reduction: "mean" | "sum" };

/** The loss of all places. What has the label `ignore_index` gets the sample weight 0. */
async function lossOf(entry: Case, rows: Tensor, make: (options: Options) => w.Loss): Promise<Tensor> {
  const reduction = textOf(entry, "reduction", "mean");
  need(reduction === "mean" || reduction === "sum", `reduction ${reduction}`);
  const labels = Array.from(input(entry, 1).data);
  const ignored = entry.node.attributes.get("ignore_index");
  const weights = entry.inputs[2];
  const loss = make({
    reduction: reduction as "mean" | "sum",
    ...(weights ? { classWeights: Array.from(weights.data) } : {}),
  });
  const model = await modelOf(rows.shape[1]!, [w.identity()]);
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
  const measured = await trainer.evaluate({
    x: Float32Array.from(rows.data),
    y: labels.map((label) => (label === ignored ? 0 : label)),
    sampleWeights: labels.map((label) => (label === ignored ? 0 : 1)),
  });
  return floats([measured.loss], []);
}

/** [rows, classes, ...] to [all places, classes]. */
const places = (x: Tensor): Tensor => reshape(channelsLast(x), [-1, x.shape[1]!]);

export const losses: Readonly<Record<string, Mapping>> = {
  async NegativeLogLikelihoodLoss(entry) {
    return [await lossOf(entry, places(input(entry, 0)), (options) => w.negativeLogLikelihood(options))];
  },
  async SoftmaxCrossEntropyLoss(entry) {
    const x = channelsLast(input(entry, 0));
    const loss = await lossOf(entry, places(input(entry, 0)), (options) => w.softmaxCrossEntropy(options));
    return [loss, channelsFirst(await apply(x, [w.logSoftmax()]))];
  },
};
