import { loadSequence } from "../../../build/binaries.js";
import { composite, checkLayers } from "./composite.ts";
import { type Layer, whereText } from "../../graph/layer.ts";
import type { KernelName } from "../../runtime/kernels.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";

/**
 * Applies layers to every step of a sequence, with the same parameters at each. A small network for images makes of a video's
 * frames [steps, height, width, channels] a sequence [steps, features]. The kernels see rows * steps rows, so a step costs
 * what a row costs. Layers that work on the last axis alone, such as dense, do the same without it.
 * Shapes: x [rows, steps, ...], y [rows, steps, ...what the layers make of a step].
 *
 * @param layers one or more, each for the shape of a step; no composites, no dropout, and none that reads other inputs
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if it can't be applied by step, or, when a model is made, if there are no steps
 * @example sequential({ input: [8, 16, 16, 1] }, timeDistributed(conv2d(4, { kernelSize: 3 }), relu(), flatten()), globalAvgPool1d())
 */
export function timeDistributed(...layers: readonly Layer[]): Layer {
  return timeDistributedOf(layers);
}

/** `timeDistributed` of a list: a file's layers can be more than a call can have arguments. */
export function timeDistributedOf(layers: readonly Layer[]): Layer {
  checkLayers("timeDistributed", "the layers", layers);
  layers.forEach(byStep);
  return composite("timeDistributed", layers, {}, (graph, x, inner) => graph.chain(inner.map(byStep), x));
}

/** The wrapper of each layer, so that a shared layer has one wrapper wherever it is used. */
const wrappers = new WeakMap<Layer, Layer>();

function byStep(layer: Layer, i: number): Layer {
  const refuse = (why: string): never => {
    throw new RangeError(`timeDistributed: ${whereText(layer, i)} can't be applied by step: ${why}`);
  };
  if (layer.expand) refuse("it is made of others; give timeDistributed those");
  if (Object.keys(layer.extras ?? {}).length > 0) refuse("it reads other inputs, which have no steps");
  if (layer.keeps) refuse("it is stateful, and keeps one state for each row");
  if (layer.prepare) refuse("its random numbers are drawn for whole rows; put it behind timeDistributed");
  const known = wrappers.get(layer);
  if (known) return known;
  const { kernel, parameters, args, flops, checkBatch } = layer;
  const wrapped = Object.freeze<Layer>({
    ...layer,
    original: layer,
    outputShape(input, where, extras, graph) {
      if (input.length < 2) {
        throw new RangeError(
          `${where}: timeDistributed takes steps, [steps, ...], but the input is ${shapeText(input)}`,
        );
      }
      return [input[0]!, ...layer.outputShape(input.slice(1), where, extras, graph)];
    },
    ...(parameters && {
      parameters: (input: Shape, extras: Readonly<Record<string, Shape>>, output?: Shape) =>
        parameters(input.slice(1), extras, output?.slice(1)),
    }),
    ...(checkBatch && {
      checkBatch: (rows: number, input: Shape, where: string) => checkBatch(rows * input[0]!, input.slice(1), where),
    }),
    ...(flops && { flops: (input, output) => input[0]! * flops(input.slice(1), output.slice(1)) }),
    ...(kernel && {
      kernel: "timeDistributed",
      async load(loader) {
        await layer.load?.(loader);
        await loadSequence(loader);
      },
      args(context, input, output) {
        const steps = input[0]!;
        const kernelOf = (role: "Forward" | "Backward"): number =>
          context.core.kernel(`${kernel}${role}` as KernelName);
        const innerContext = {
          ...context,
          capacity: steps * context.capacity,
          saved: (name: string, bytesPerRow: number) => context.saved(name, steps * bytesPerRow),
        };
        const innerArgs = args?.(innerContext, input.slice(1), output.slice(1)) ?? {};
        return {
          steps,
          forward: kernelOf("Forward"),
          backward: kernelOf("Backward"),
          innerKernel: 0,
          innerBytes: 0,
          innerFlags: 0,
          innerPerRow: sizeOf(output) / steps,
          innerX: 0,
          innerY: 0,
          innerDx: 0,
          innerDy: 0,
          // names that no other slot has
          ...Object.fromEntries(Object.entries(innerArgs).map(([slot, word]) => [`inner ${slot}`, word])),
        };
      },
    }),
  } as Layer);
  wrappers.set(layer, wrapped);
  return wrapped;
}
