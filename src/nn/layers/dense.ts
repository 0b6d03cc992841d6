import { gemmScratchBytes } from "../../runtime/coreFunctions.ts";
import { checkBoolean, checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import { glorotUniform } from "../initializers/uniform.ts";
import { zeros } from "../initializers/constant.ts";
import type { Constraint, Initializer, Regularizer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Options of `dense`. */
export interface DenseOptions extends Named {
  /** Add a bias to each unit; default true. */
  readonly useBias?: boolean;
  /** Initial weights; default `glorotUniform()`. */
  readonly kernelInitializer?: Initializer;
  /** Initial bias; default `zeros()`. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the weights; default none. */
  readonly kernelRegularizer?: Regularizer;
  /** Penalty on the bias; default none. */
  readonly biasRegularizer?: Regularizer;
  /** What the weights are kept to after every update, such as `maxNorm()`; default nothing. */
  readonly kernelConstraint?: Constraint;
  /** What the bias is kept to; default nothing. */
  readonly biasConstraint?: Constraint;
  /** False: weights and bias stay as they are; default true. */
  readonly trainable?: boolean;
}

/**
 * Every output is a weighted sum of all inputs: y = x w + b, over the last axis of the input.
 * Shapes: x [rows, ..., n], w [n, units], b [units], y [rows, ..., units].
 *
 * @param units outputs, 1 or more
 * @throws {TypeError | RangeError} if `units` is not an integer of 1 or more, or an option can't be used
 * @see Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", 1986
 * @example sequential({ input: 784 }, dense(128), relu(), dense(10))
 */
export function dense(units: number | ({ units: number } & DenseOptions), options: DenseOptions = {}): Layer {
  const settings = withFirst<{ units: number } & DenseOptions>("dense", "units", units, options);
  const {
    units: nOut,
    useBias = true,
    kernelInitializer = glorotUniform(),
    biasInitializer = zeros(),
    kernelRegularizer,
    biasRegularizer,
    kernelConstraint,
    biasConstraint,
    trainable = true,
    name,
  } = settings;
  const layerOptions = {
    units: nOut,
    useBias,
    kernelInitializer,
    biasInitializer,
    kernelRegularizer,
    biasRegularizer,
    kernelConstraint,
    biasConstraint,
    trainable,
  };
  checkKeys("dense", settings, [...Object.keys(layerOptions), "name"]);
  checkWhole("dense", "units", nOut);
  checkBoolean("dense", "useBias", useBias);
  checkParameterOptions("dense", settings);
  return Object.freeze<LibraryLayer>({
    type: "dense",
    name,
    options: layerOptions,
    kernel: "dense",
    trainable,
    backwardReads: "input",
    overwrites: true,
    parallel: { forward: "kernel", backward: "kernel" },
    outputShape(input, where) {
      if (input.length === 0)
        throw new RangeError(`${where}: the input must have at least one axis, got ${shapeText(input)}`);
      return [...input.slice(0, -1), nOut];
    },
    parameters: (input) =>
      [
        {
          name: "weight",
          shape: [input.at(-1)!, nOut],
          initializer: kernelInitializer,
          regularizer: kernelRegularizer,
          constraint: kernelConstraint,
        },
        {
          name: "bias",
          shape: [nOut],
          initializer: biasInitializer,
          regularizer: biasRegularizer,
          constraint: biasConstraint,
        },
      ].slice(0, useBias ? 2 : 1),
    args(context, input) {
      const nIn = input.at(-1)!;
      const inner = sizeOf(input) / nIn;
      const rows = context.capacity * inner;
      const scratch = gemmScratchBytes(context.core, [rows, nOut, nIn], [nIn, nOut, rows], [rows, nIn, nOut]);
      return {
        w: context.parameter("weight"),
        dw: context.gradient("weight"),
        b: context.parameter("bias"),
        db: context.gradient("bias"),
        nIn,
        nOut,
        inner,
        zero: context.zeros(Math.max(nIn, nOut)),
        scratch: context.scratch(scratch),
      };
    },
    flops: (input) => 2 * sizeOf(input) * nOut,
  });
}
