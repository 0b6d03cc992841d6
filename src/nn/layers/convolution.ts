// What all convolutions share: options, parameters, shapes, and the arguments that assembly/convolve/geometry.ts reads.
import type { Constraint, Fans, Initializer, ParameterSpec, Regularizer } from "../../graph/parameter.ts";
import { checkBoolean, checkKeys, checkWhole } from "../../util/check.ts";
import { glorotUniform } from "../initializers/uniform.ts";
import { zeros } from "../initializers/constant.ts";
import { checkParameterOptions, type KernelContext } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import {
  checkPadding,
  checkPair,
  type Padding,
  type Padding1d,
  type Pair,
  type Rank,
  spanOf,
  type Window,
  windowArgs,
} from "./image.ts";
import type { Named } from "../named.ts";

/** Options of all convolutions. */
export interface ConvolutionOptions<Size = Pair, Sides = Padding> extends Named {
  /** Height and width of the window, or one number for both. */
  readonly kernelSize: Size;
  /** How far the window moves; default 1. */
  readonly strides?: Size;
  /**
   * "valid" (default): the window stays inside the image; "same": zeros around the image, the output is ceil(size / stride)
   * large; or how many zeros there are at each side.
   */
  readonly padding?: Sides;
  /** Add a bias to each channel of the output; default true. */
  readonly useBias?: boolean;
  /** Initial bias; default `zeros()`. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the bias; default none. */
  readonly biasRegularizer?: Regularizer;
  /** What the bias is kept to; default nothing. */
  readonly biasConstraint?: Constraint;
  /** False keeps the parameters as they are; default true. */
  readonly trainable?: boolean;
}

/** Options of the weights, in convolutions with one kernel. */
export interface KernelOptions {
  /** Initial weights; default `glorotUniform()`. */
  readonly kernelInitializer?: Initializer;
  /** Penalty on the weights; default none. */
  readonly kernelRegularizer?: Regularizer;
  /** What the weights are kept to after every update, such as `maxNorm()`; default nothing. */
  readonly kernelConstraint?: Constraint;
}

/** The option of convolutions whose window can have gaps. */
export interface DilationOptions<Size = Pair> {
  /** How far apart the cells of the window are; default 1. */
  readonly dilation?: Size;
}

/** A window, and the number of groups that channels are divided into. */
export interface ConvolutionWindow extends Window {
  readonly groups: number;
}

/** The options of a convolution, checked, the defaults filled in. */
interface Settings {
  /** What moves over the input. */
  readonly window: ConvolutionWindow;
  /** The same, as it is written to files. */
  readonly options: { readonly kernelSize: Pair; readonly strides: Pair; readonly padding: string | readonly number[] };
  readonly useBias: boolean;
  readonly biasInitializer: Initializer;
  readonly biasRegularizer: Regularizer | undefined;
  readonly biasConstraint: Constraint | undefined;
  readonly trainable: boolean | undefined;
  readonly name: string | undefined;
}

const KEYS = [
  "kernelSize",
  "strides",
  "padding",
  "useBias",
  "biasInitializer",
  "biasRegularizer",
  "biasConstraint",
  "trainable",
  "name",
];

/**
 * Checks the options that all convolutions have.
 *
 * @param ownKeys names of the options that not all convolutions have
 * @param rank axes that the window moves along
 */
export function checkConvolution(
  where: string,
  options: ConvolutionOptions<Pair, Padding | Padding1d> & DilationOptions & { readonly groups?: number },
  ownKeys: readonly string[],
  rank: Rank = 2,
): Settings {
  checkKeys(where, options, [...ownKeys, ...KEYS], {
    dilationrate: "dilation",
    multiplier: "depthMultiplier",
    numgroups: "groups",
  });
  const { kernelSize, strides = 1, padding = "valid", dilation = 1, groups = 1, useBias = true } = options;
  const { biasInitializer = zeros(), biasRegularizer, biasConstraint, trainable, name } = options;
  checkWhole(where, "groups", groups);
  checkBoolean(where, "useBias", useBias);
  checkParameterOptions(where, options);
  const window = {
    size: checkPair(where, "kernelSize", kernelSize, rank),
    strides: checkPair(where, "strides", strides, rank),
    dilation: checkPair(where, "dilation", dilation, rank),
    padding: checkPadding(where, padding, rank),
    groups,
  };
  checkWhole(where, "the cells that kernelSize and dilation span", spanOf(window, 0) * spanOf(window, 1));
  const bias = { useBias, biasInitializer, biasRegularizer, biasConstraint };
  const kept = typeof padding === "string" ? padding : [...padding];
  return { window, options: { kernelSize, strides, padding: kept }, ...bias, trainable, name };
}

/** The options of a kernel, checked, the defaults filled in. */
export function checkKernel(where: string, options: KernelOptions) {
  checkParameterOptions(where, options);
  const { kernelInitializer = glorotUniform(), kernelRegularizer, kernelConstraint } = options;
  return { kernelInitializer, kernelRegularizer, kernelConstraint };
}

/**
 * Inputs and outputs of one unit: a number of the output is summed over the window, times `from` numbers of each of its cells; a
 * number of the input is under the window at one in `strides` places of each of its cells, and goes into `to` numbers there. The
 * borders are not counted. A window that moves by its own size is so a dense layer on patches.
 */
export function windowFans({ size, strides }: Window, from: number, to: number): Fans {
  const cells = size[0] * size[1];
  return { fanIn: cells * from, fanOut: (cells * to) / (strides[0] * strides[1]) };
}

/** The kernel of a shape. */
export function kernelOf(
  shape: Shape,
  fans: Fans,
  { kernelInitializer, kernelRegularizer, kernelConstraint }: ReturnType<typeof checkKernel>,
): ParameterSpec {
  return {
    name: "kernel",
    shape,
    fans,
    initializer: kernelInitializer,
    regularizer: kernelRegularizer,
    constraint: kernelConstraint,
  };
}

/** The names of what `checkKernel` checks. */
export const KERNEL_KEYS = ["kernelInitializer", "kernelRegularizer", "kernelConstraint"];

/** The bias that the settings ask for, if any. */
export function biasOf(units: number, settings: Settings): ParameterSpec[] {
  if (!settings.useBias) return [];
  const { biasInitializer: initializer, biasRegularizer: regularizer, biasConstraint: constraint } = settings;
  return [{ name: "bias", shape: [units], initializer, regularizer, constraint }];
}

/** The bias's options as they are written to files. */
export function biasOptions({ useBias, biasInitializer, biasRegularizer, biasConstraint, trainable }: Settings) {
  return { useBias, biasInitializer, biasRegularizer, biasConstraint, trainable };
}

/** Refuses channels or filters that can't be divided into equal groups. */
export function checkGroups(where: string, groups: number, count: number, what: string): void {
  if (count % groups === 0) return;
  throw new RangeError(`${where}: the ${what} must fall into equal groups, got ${count} ${what} and groups ${groups}`);
}

/**
 * The arguments that assembly/convolve/geometry.ts reads, for a convolution from images of the shape `input` to `output`.
 *
 * @param times filters per channel of a depthwise convolution; 0 for others
 */
export function convolutionArgs(
  context: KernelContext,
  input: Shape,
  output: Shape,
  window: ConvolutionWindow,
  times: number,
  kernel = "kernel",
) {
  const geometry = { ...windowArgs(input, output, window), filters: output[2]!, groups: window.groups };
  return {
    ...geometry,
    scratch: context.scratch(scratchBytes(geometry, times)),
    w: context.parameter(kernel),
    dw: context.gradient(kernel),
    b: context.parameter("bias"),
    db: context.gradient("bias"),
  };
}

type Geometry = Readonly<Record<keyof ReturnType<typeof windowArgs> | "filters" | "groups", number>>;

/** Bytes of scratch memory that the passes of assembly/convolve need at most, rounding up and 128 bytes for a tile included. */
export function scratchBytes(g: Geometry, times: number): number {
  const up = (n: number): number => Math.ceil(n / 8) * 8;
  const taps = g.windowHeight * g.windowWidth;
  const groups = times > 0 ? 1 : g.groups;
  const inside = g.channels * Math.max(times, 1);
  const spanHeight = (g.windowHeight - 1) * g.dilationHeight;
  const spanWidth = (g.windowWidth - 1) * g.dilationWidth;
  /** Floats of weights packed in panels, and of the initial sums. */
  const panels = (from: number, to: number): number =>
    groups * up(to / groups) * (taps * (times > 0 ? 1 : from / groups) + 1);
  /** Words of the tables of tiles and segments. */
  const tables = (pixels: number, phases: number): number => 12 * (pixels / 4 + phases) + (taps + 24) * phases;
  const inputs =
    Math.max(g.height + g.padTop, (g.outHeight - 1) * g.strideHeight + spanHeight + 1) *
    Math.max(g.width + g.padLeft, (g.outWidth - 1) * g.strideWidth + spanWidth + 1) *
    inside;
  const outputs =
    (g.outHeight + spanHeight / g.strideHeight + (g.height + g.padTop) / g.strideHeight) *
    (g.outWidth + spanWidth / g.strideWidth + (g.width + g.padLeft) / g.strideWidth) *
    g.filters;
  const phases = Math.min(g.strideHeight, g.height) * Math.min(g.strideWidth, g.width); // that have a pixel
  const words = Math.max(
    inputs + panels(inside, g.filters) + tables(g.outHeight * g.outWidth, 1),
    outputs + panels(g.filters, inside) + tables(g.height * g.width, phases) + g.height * g.width * inside,
    inputs + 12 * ((taps * inside) / groups / 4 + 1) + (256 + g.outWidth) * up(g.filters / groups),
  );
  return Math.ceil(words) * 4 + 384;
}

/** Multiplications and additions of the forward pass, per row. */
export function convolutionFlops(depth: number, output: Shape, { size }: ConvolutionWindow): number {
  return 2 * sizeOf(output) * size[0] * size[1] * depth;
}
