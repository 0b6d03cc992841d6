import { type GraphBuilder, type Layer, type Sharing, whereText } from "../../graph/layer.ts";
import { shapeText } from "../../util/shape.ts";
import { checkLayers } from "./composite.ts";

/**
 * Makes a layer one and the same wherever the value is used: each use has the same parameters, and their gradients are
 * summed. Without it a value that is used twice makes two layers. A shared composite shares all layers inside.
 *
 * @throws {TypeError} if it isn't a layer
 * @throws {RangeError} when a model is made, if two uses need parameters of different shapes
 * @see Bromley and others, "Signature verification using a Siamese time delay neural network", 1993
 * @example
 * const step = shared(dense(8));
 * sequential({ input: 8 }, step, tanh(), step, tanh(), dense(1)) // the same weights twice
 */
export function shared(layer: Layer): Layer {
  checkLayers("shared", "the argument", [layer]);
  return Object.freeze<Layer>({
    ...layer,
    shared(graph) {
      const uses = used.get(graph) ?? new Map<Layer, number[]>();
      used.set(graph, uses);
      const nodes = uses.get(this) ?? [];
      uses.set(this, nodes);
      let at = 0;
      return {
        next(index) {
          const first = nodes[at++];
          if (first === undefined) nodes.push(index);
          return first;
        },
        check: checkShape,
      };
    },
  });
}

/** By graph and shared layer or composite: the nodes of the first use, in their order. */
const used = new WeakMap<GraphBuilder, Map<Layer, number[]>>();

const checkShape: Sharing["check"] = ({ name, shape }, first, where) => {
  const firstShape = first.specs.find((spec) => spec.name === name)!.shape;
  if (shapeText(firstShape) === shapeText(shape)) return;
  throw new RangeError(
    `${where}: ${name} must be ${shapeText(shape)}, but it is ${name} of ${whereText(first.layer, first.index)}, ` +
      `which is ${shapeText(firstShape)}`,
  );
};
