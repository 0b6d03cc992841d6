import { loadSequence } from "../../../build/binaries.js";
import {
  checkParameterOptions,
  type GraphBuilder,
  type Layer,
  whereText,
  type LibraryLayer,
} from "../../graph/layer.ts";
import { gemmScratchBytes } from "../../runtime/coreFunctions.ts";
import { checkBoolean, checkKeys, checkKind } from "../../util/check.ts";
import type { Initializer, Regularizer } from "../../graph/parameter.ts";
import { zeros } from "../initializers/constant.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Options of `tiedDense`. */
export interface TiedDenseOptions extends Named {
  /** Name of the layer whose weight is used: an embedding or a dense layer before this one. */
  readonly to: string;
  /** Add a bias to each output; default true. */
  readonly useBias?: boolean;
  /** Initial bias; default `zeros()`. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the bias; default none. */
  readonly biasRegularizer?: Regularizer;
  /** False: the bias stays as it is; whether the weight does is said where it belongs. Default true. */
  readonly trainable?: boolean;
}

/**
 * A dense layer with the weight of another layer, transposed: y = x weightT + b, over the last axis of the input. Its gradient
 * is added to that of the other layer. With an embedding's table, it tells how similar the input is to each word's vector;
 * with a dense layer's weight, it is the decoder of an autoencoder.
 * Shapes: x [rows, ..., n], weight [outputs, n], b [outputs], y [rows, ..., outputs].
 *
 * @param options.to the `name` of the layer that has the weight
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} when a model is made, if no layer before it has the name, or its weight doesn't fit the input
 * @see Press, Wolf, "Using the output embedding to improve language models", 2017
 * @example sequential({ input: 5 }, embedding(100, 8, { name: "words" }), dense(8), tiedDense({ to: "words" }))
 */
export function tiedDense(options: TiedDenseOptions): Layer {
  checkKeys("tiedDense", options, KEYS);
  const { to, useBias = true, biasInitializer = zeros(), biasRegularizer, trainable = true, name } = options;
  checkKind(typeof to === "string", "tiedDense", "to", "the name of a layer before it", to);
  checkBoolean("tiedDense", "useBias", useBias);
  checkParameterOptions("tiedDense", options);
  return Object.freeze<LibraryLayer>({
    type: "tiedDense",
    name,
    options: { to, useBias, biasInitializer, biasRegularizer, trainable },
    kernel: "tiedDense",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    trainable,
    outputShape(input, where, _extras, graph) {
      const [outputs, inputs] = weightShape(graph!, to, where);
      if (inputs === input.at(-1)) return [...input.slice(0, -1), outputs];
      throw new RangeError(
        `${where}: the weight of "${to}" is ${outputs}x${inputs}, so the input's last axis must be ${inputs}, ` +
          `got ${shapeText(input)}; put dense(${inputs}) in between`,
      );
    },
    parameters: (input, _extras, output) => [
      { name: "weight", shape: [output!.at(-1)!, input.at(-1)!], initializer: zeros(), tied: [to, "weight"] },
      ...(useBias
        ? [{ name: "bias", shape: [output!.at(-1)!], initializer: biasInitializer, regularizer: biasRegularizer }]
        : []),
    ],
    args(context, input, output) {
      const [nIn, nOut] = [input.at(-1)!, output.at(-1)!];
      const inner = sizeOf(input) / nIn;
      const rows = context.capacity * inner;
      const scratch = gemmScratchBytes(context.core, [rows, nOut, nIn], [nOut, nIn, rows], [rows, nIn, nOut]);
      return {
        weight: context.parameter("weight"),
        dWeight: context.gradient("weight"),
        bias: context.parameter("bias"),
        dBias: context.gradient("bias"),
        nIn,
        nOut,
        inner,
        zero: context.zeros(Math.max(nIn, nOut)),
        scratch: context.scratch(scratch),
      };
    },
    flops: (input, output) => 2 * sizeOf(input) * output.at(-1)!,
  });
}

const KEYS = ["to", "useBias", "biasInitializer", "biasRegularizer", "trainable", "name"];

/** Shape of the weight of the layer of this name. */
function weightShape(graph: GraphBuilder, to: string, where: string): readonly [number, number] {
  const { layer, index, specs } = graph.nodes[graph.find(to, where)]!;
  const shape = specs.find(({ name }) => name === "weight")?.shape;
  if (shape?.length === 2) return shape as readonly [number, number];
  throw new RangeError(
    `${where}: to must name a layer that has a weight of two axes, such as an embedding or a dense layer, ` +
      `but it names ${whereText(layer, index)}`,
  );
}
