// Windows of convolutions and pools as ONNX's attributes have them.
import type { WorkNode } from "../workGraph.ts";

/** A window, by axis. */
export interface Windows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Cells before and after each axis; below 0: a last window is cut. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Sizes of the output. */
  readonly sides: readonly number[];
  /** Sizes of the output of the transposed convolution. */
  readonly transposed: readonly number[];
  readonly outputPadding: readonly number[];
}

/** The window of a node of a convolution or pool over axes of these sizes. */
export function windowSides(
  { attributes, operator }: WorkNode,
  input: readonly number[],
  kernel: readonly number[],
): Windows {
  const size = attributes.ints("kernel_shape") ?? kernel;
  const ones = size.map(() => 1);
  const strides = attributes.ints("strides", ones);
  const dilations = attributes.ints("dilations", ones);
  const auto = attributes.string("auto_pad", "NOTSET");
  const pads = attributes.ints("pads") ?? size.flatMap(() => [0, 0]);
  const givenPadding = attributes.ints(
    "output_padding",
    size.map(() => 0),
  );
  const outputShape = attributes.ints("output_shape");
  const up = attributes.int("ceil_mode", 0) === 1 ? Math.ceil : Math.floor;
  const spans = size.map((n, axis) => (n - 1) * dilations[axis]! + 1);
  const isTransposed = operator === "ConvTranspose";
  const same = auto === "SAME_UPPER" || auto === "SAME_LOWER";
  const both = input.map((n, axis) => {
    const [stride, span] = [strides[axis]!, spans[axis]!];
    if (!isTransposed) return same ? Math.max((Math.ceil(n / stride) - 1) * stride + span - n, 0) : 0;
    const wanted = outputShape?.slice(-size.length)[axis] ?? (same ? n * stride : undefined);
    return wanted === undefined ? 0 : stride * (n - 1) + givenPadding[axis]! + span - wanted;
  });
  // what is missing to the size that is asked for comes behind
  const outputPadding = givenPadding.map((n, axis) => n + Math.max(-both[axis]!, 0));
  const automatic = same || (isTransposed && outputShape !== undefined);
  // where the odd cell is
  const behind = auto === "SAME_UPPER";
  const small = both.map((n) => Math.floor(Math.max(n, 0) / 2));
  const large = both.map((n) => Math.ceil(Math.max(n, 0) / 2));
  const explicit = auto === "NOTSET" || auto === "";
  const before = automatic ? (behind ? small : large) : explicit ? pads.slice(0, size.length) : size.map(() => 0);
  const after = automatic ? (behind ? large : small) : explicit ? pads.slice(size.length) : size.map(() => 0);
  const sides = input.map((n, axis) => {
    const [stride, padded] = [strides[axis]!, n + before[axis]! + after[axis]!];
    if (same) return Math.ceil(n / stride);
    const count = (auto === "VALID" ? Math.floor : up)((padded - spans[axis]!) / stride) + 1;
    // a last window that begins in the padding behind doesn't count
    return up === Math.ceil && (count - 1) * stride >= n + before[axis]! ? count - 1 : count;
  });
  const transposed = input.map(
    (n, axis) => strides[axis]! * (n - 1) + outputPadding[axis]! + spans[axis]! - before[axis]! - after[axis]!,
  );
  return { size, strides, dilations, before, after, sides, transposed, outputPadding };
}
