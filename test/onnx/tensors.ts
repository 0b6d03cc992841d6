// What changes the layout of numbers: ONNX has the channels before the pixels, the library behind them.
import type { Tensor } from "./proto.ts";

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

export const floats = (data: ArrayLike<number>, shape: readonly number[]): Tensor => ({ shape, data, type: "float" });

/** The same numbers in their order; one size may be -1: what is left. */
export function reshape(tensor: Tensor, shape: readonly number[]): Tensor {
  const known = sizeOf(shape.filter((n) => n !== -1));
  const full = shape.map((n) => (n === -1 ? tensor.data.length / known : n));
  if (sizeOf(full) !== tensor.data.length) throw new RangeError(`[${tensor.shape}] can't become [${shape}]`);
  return { ...tensor, shape: full };
}

/** Axis i of the result is axis order[i] of the tensor. */
export function transpose(tensor: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => tensor.shape[axis]!);
  const steps = order.map((axis) => sizeOf(tensor.shape.slice(axis + 1)));
  const data = new Float32Array(tensor.data.length);
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = tensor.data[index.reduce((at, n, axis) => at + n * steps[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return { ...tensor, shape, data };
}

/** [n, c, h, w] to [n, h, w, c], with any number of axes. */
export function channelsLast(tensor: Tensor): Tensor {
  const axes = tensor.shape.map((_, axis) => axis);
  return transpose(tensor, [0, ...axes.slice(2), 1]);
}

/** [n, h, w, c] to [n, c, h, w]. */
export function channelsFirst(tensor: Tensor): Tensor {
  const axes = tensor.shape.map((_, axis) => axis);
  return transpose(tensor, [0, axes.length - 1, ...axes.slice(1, -1)]);
}

/** Puts an axis last, lets `change` work on it, and puts it back. */
export async function alongLast(
  tensor: Tensor,
  axis: number,
  change: (tensor: Tensor) => Promise<Tensor>,
): Promise<Tensor> {
  const axes = tensor.shape.map((_, i) => i);
  const order = [...axes.filter((i) => i !== axis), axis];
  const back = axes.map((i) => order.indexOf(i));
  return transpose(await change(transpose(tensor, order)), back);
}

/** Repeats axes of size 1, as NumPy does; axes that aren't there come first. */
export function broadcast(tensor: Tensor, shape: readonly number[]): Tensor {
  const own = [...shape.slice(tensor.shape.length).map(() => 1), ...tensor.shape].slice(-shape.length);
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    let at = 0;
    let step = 1;
    let left = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const along = left % shape[axis]!;
      left = (left - along) / shape[axis]!;
      if (own[axis] !== 1) at += along * step;
      step *= own[axis]!;
    }
    return tensor.data[at]!;
  });
  return { ...tensor, shape, data };
}

/** Part of an axis. */
export function slice(tensor: Tensor, axis: number, from: number, to: number): Tensor {
  const inner = sizeOf(tensor.shape.slice(axis + 1));
  const step = inner * tensor.shape[axis]!;
  const length = inner * (to - from);
  const shape = tensor.shape.with(axis, to - from);
  const at = (i: number): number => Math.floor(i / length) * step + inner * from + (i % length);
  return { ...tensor, shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => tensor.data[at(i)]!) };
}

/** Tensors one after another along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  const outer = sizeOf(first!.shape.slice(0, axis));
  const parts = Array.from({ length: outer }, (_, o) =>
    tensors.flatMap(({ data, shape }) => {
      const each = sizeOf(shape.slice(axis));
      return Array.from({ length: each }, (_unused, i) => data[o * each + i]!);
    }),
  );
  const length = tensors.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  return { ...first!, shape: first!.shape.with(axis, length), data: Float32Array.from(parts.flat()) };
}
