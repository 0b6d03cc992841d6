// Normalisations, and dropout.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping, modelOf } from "../mapping.ts";
import { axisOf, input, need, numberOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { channelsFirst, channelsLast, floats, reshape, sizeOf } from "../tensors.ts";

const epsilonOf = (entry: Case): number => numberOf(entry, "epsilon", 1e-5);

/** A layer on images of [rows, channels, ...]. */
const onChannels = async (x: Tensor, layer: w.Layer, parameters = {}): Promise<Tensor> =>
  channelsFirst(await apply(channelsLast(x), [layer], parameters));

const affine = (entry: Case): { gamma: ArrayLike<number>; beta: ArrayLike<number> } => ({
  gamma: input(entry, 1).data,
  beta: input(entry, 2).data,
});

/** All axes from `axis` on are one row's last axis. */
async function alongRest(entry: Case, layer: w.Layer, parameters: Record<string, ArrayLike<number>>): Promise<Tensor> {
  const x = input(entry, 0);
  const axis = axisOf(numberOf(entry, "axis", -1), x.shape.length);
  const rows = reshape(x, [sizeOf(x.shape.slice(0, axis)), -1]);
  return reshape(await apply(rows, [layer], parameters), x.shape);
}

export const norms: Readonly<Record<string, Mapping>> = {
  async BatchNormalization(entry) {
    const x = channelsLast(input(entry, 0));
    const [runningMean, runningVariance] = [input(entry, 3).data, input(entry, 4).data];
    // ONNX's momentum is the share of the old statistics
    const layer = w.batchNorm({ epsilon: epsilonOf(entry), momentum: 1 - numberOf(entry, "momentum", 0.9) });
    const model = await modelOf(x.shape.slice(1), [layer], { ...affine(entry), runningMean, runningVariance });
    const training = numberOf(entry, "training_mode", 0) === 1;
    const rows = Float32Array.from(x.data);
    const y = channelsFirst(floats(training ? model.forward(rows) : model.predict(rows), x.shape));
    const statistics = model.parameters().filter(({ name }) => name.includes("running"));
    return [y, ...statistics.map((parameter) => floats(parameter.get(), parameter.shape))];
  },
  async InstanceNormalization(entry) {
    return [await onChannels(input(entry, 0), w.instanceNorm({ epsilon: epsilonOf(entry) }), affine(entry))];
  },
  async GroupNormalization(entry) {
    need(entry.opset >= 21, "a factor for each group, as before opset 21");
    const layer = w.groupNorm(numberOf(entry, "num_groups", 1), { epsilon: epsilonOf(entry) });
    return [await onChannels(input(entry, 0), layer, affine(entry))];
  },
  async LayerNormalization(entry) {
    return [await alongRest(entry, w.layerNorm({ epsilon: epsilonOf(entry) }), affine(entry))];
  },
  async RMSNormalization(entry) {
    const gamma = input(entry, 1).data;
    return [await alongRest(entry, w.rmsNorm({ epsilon: epsilonOf(entry) }), { gamma })];
  },
  async LRN(entry) {
    const size = numberOf(entry, "size", 1);
    need(size % 2 === 1, "an even size: the odd neighbour is the other one");
    const [alpha, beta, bias] = [
      numberOf(entry, "alpha", 1e-4),
      numberOf(entry, "beta", 0.75),
      numberOf(entry, "bias", 1),
    ];
    return [await onChannels(input(entry, 0), w.localResponseNorm({ size, alpha, beta, bias }))];
  },
  async Dropout(entry) {
    const [x, ratio, training] = entry.inputs;
    const rate = ratio?.data[0] ?? numberOf(entry, "ratio", 0.5);
    need(training?.data[0] !== 1 || rate === 0, "training_mode: other random numbers");
    return [{ ...(await apply(x!, [w.dropout(rate)])), shape: x!.shape }];
  },
};
