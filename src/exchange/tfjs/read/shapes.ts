// What layers on axes need: values with their axes in another order, channels first among them, and constant factors.
import { batchNorm } from "../../../nn/layers/batchNorm.ts";
import { permute } from "../../../nn/layers/permute.ts";
import { reshape } from "../../../nn/layers/reshape.ts";
import type { Layer } from "../../../graph/layer.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";
import type { Call } from "./reader.ts";
import type { Own } from "./flow.ts";
import { refuse } from "./config.ts";

/** Layers before and behind another. */
export interface Around {
  readonly before: readonly Layer[];
  readonly after: readonly Layer[];
  /** What the layer between them gets. */
  readonly shape: Shape;
}

const NOTHING: readonly Layer[] = [];

/** Makes an axis the last one, and puts it back. */
export function axisLast(shape: Shape, axis: number): Around {
  const rank = shape.length;
  if (axis === rank - 1) return { before: NOTHING, after: NOTHING, shape };
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  const order = [...others, axis];
  const back = shape.map((_, i) => order.indexOf(i));
  return { before: [permute(order)], after: [permute(back)], shape: order.map((i) => shape[i]!) };
}

/** The axis of a row that a number of Keras means, which counts the rows as axis 0, or from the end. */
export function axisOf(call: Call, axis: number, shape: Shape, key = "axis"): number {
  const place = axis < 0 ? shape.length + axis : axis - 1;
  if (place >= 0 && place < shape.length) return place;
  throw refuse(
    call.where,
    `${key} must be one of the input's, from 1 to ${shape.length} or from -1 to -${shape.length}, got ${axis}`,
  );
}

/** What `data_format` says of the input: channels that come first are made the last ones, and the first again behind the layer. */
export function channels(call: Call, shape: Shape, keeps = true): Around {
  const format = call.config.word("data_format", ["channels_last", "channels_first"], "channels_last");
  if (format === "channels_last") return { before: NOTHING, after: NOTHING, shape };
  const { before, after, shape: last } = axisLast(shape, 0);
  return { before, after: keeps ? after : NOTHING, shape: last };
}

/** y = factor x + offset, of all numbers, which nothing trains: a batch norm of one channel that was never trained. */
export function affine(call: Call, shape: Shape, factor: number, offset: number, suffix: string): (Layer | Own)[] {
  if (![factor, offset].every((value) => Number.isFinite(Math.fround(value)))) {
    throw refuse(call.where, `its factor and offset must be finite as float32, got ${factor} and ${offset}`);
  }
  const constant = (value: number) => ({ shape: [1], constant: Float32Array.of(value) });
  const own = call.reader.flow.own(
    `${call.key}|${suffix}`,
    `${call.name}/${suffix}`,
    // added to a variance of 1, this is 1
    (name) => batchNorm({ name, epsilon: 1e-30, trainable: false }),
    { gamma: constant(factor), beta: constant(offset), runningMean: constant(0), runningVariance: constant(1) },
  );
  return [reshape([sizeOf(shape), 1]), own, reshape(shape)];
}
