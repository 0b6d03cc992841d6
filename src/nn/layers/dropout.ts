import { loadRest } from "../../../build/binaries.js";
import { checkFraction, checkKeys, withFirst } from "../../util/check.ts";
import type { Core } from "../../runtime/core.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LayerKernels, LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** The options of dropout and spatialDropout. */
export interface DropoutOptions extends Named {
  /** Fraction set to zero, from 0 up to but not including 1. */
  readonly rate: number;
}

/**
 * Sets a random fraction of its inputs to zero while training and divides the rest by 1 - rate, so the expected value is
 * unchanged: y = x mask / (1 - rate). During `predict` and `evaluate` it passes its input through. Any shape.
 *
 * @param rate fraction set to zero, from 0 up to but not including 1
 * @throws {RangeError} if `rate` is outside
 * @see Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", 2014
 * @example sequential({ input: 784 }, dense(128), relu(), dropout(0.2), dense(10))
 */
export function dropout(rate: number | DropoutOptions, options: Named = {}): Layer {
  const kernel = {
    kernel: "dropout",
    load: async (core: Core) => loadRest(core),
    parallel: { forward: "rows", backward: "rows" },
  } as const;
  return dropoutLayer("dropout", rate, options, kernel, (input) => ({ mask: sizeOf(input), scratch: 64 }));
}

/**
 * Describes dropout and spatialDropout, which differ in what a mask is drawn for.
 *
 * @param kernel the stem of the kernels, with what else differs
 * @param sizesOf bytes of a row's mask and of the scratch memory, and the slots after those of dropout
 */
export function dropoutLayer(
  type: string,
  rateOrOptions: number | DropoutOptions,
  more: Named,
  kernel: LayerKernels & { readonly kernel: "dropout" | "spatialDropout" } & Pick<Layer, "parallel">,
  sizesOf: (input: Shape) => { readonly mask: number; readonly scratch: number; readonly slots?: KernelArgs },
  check: (input: Shape, where: string) => void = () => {},
): Layer {
  const options = withFirst<DropoutOptions>(type, "rate", rateOrOptions, more);
  checkKeys(type, options, ["rate", "name"]);
  const { rate, name } = options;
  checkFraction(type, "rate", rate);
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { rate },
    ...kernel,
    backwardReads: "neither",
    inPlace: true,
    prepare: [`${kernel.kernel}Mask`],
    trainingOnly: true,
    outputShape(input, where) {
      check(input, where);
      return input;
    },
    args(context, input) {
      const { mask, scratch, slots } = sizesOf(input);
      return {
        mask: context.saved("mask", mask),
        keep: f32(1 - rate),
        stream: context.index,
        program: context.program,
        scratch: context.scratch(scratch),
        ...slots,
      };
    },
    flops: sizeOf,
  });
}
