// Operators on each number by itself, and softmax along an axis.
import type { Layer } from "../../../../graph/layer.ts";
import * as activations from "../../../../nn/activations/index.ts";
import type { WorkNode } from "../workGraph.ts";
import { type Builder, layerOf } from "./builder.ts";
import { scaled } from "./constants.ts";
import { layTrailing } from "./layouts.ts";
import type { Family } from "./family.ts";
import { product } from "./pairs.ts";
import { asItLies, use } from "./steps.ts";
import type { View } from "./types.ts";

/** A step of one layer that leaves all numbers in their places. */
export function elementwise(builder: Builder, node: WorkNode, x: View, make: (name: string) => Layer): View {
  const ref = builder.add({ node, uses: [asItLies(x)], make: layerOf(make) });
  return { ...x, ref };
}

type Make = (node: WorkNode, name: string) => Layer;

const simple =
  (make: Make) =>
  (builder: Builder, node: WorkNode): void => {
    node.attributes.ints("consumed_inputs"); // of opset 1: what memory it may write over
    builder.set(
      node,
      elementwise(builder, node, builder.input(node, 0), (name) => make(node, name)),
    );
  };

/** The bounds of Clip: attributes before opset 11, inputs since. */
function clip(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  const bound = (at: number, attribute: string): number | undefined => {
    if (builder.graph.opset() < 11) return attributes.float(attribute);
    if ((node.inputs[at] ?? "") === "") return undefined;
    const value = builder.graph.scalar(node.inputs[at]!);
    if (value !== undefined) return value;
    throw builder.error(node, `its bound "${node.inputs[at]}" must be a constant with one number`);
  };
  attributes.ints("consumed_inputs");
  const finite = (value: number | undefined): number | undefined =>
    value === undefined || Math.abs(value) >= 3.4028234e38 ? undefined : value;
  const [low, high] = [finite(bound(1, "min")), finite(bound(2, "max"))];
  const x = builder.input(node, 0);
  if (low === undefined && high === undefined) {
    builder.set(node, x);
    return;
  }
  const isRelu = low === 0 && (high === undefined || high === 6);
  const make = (name: string): Layer => {
    if (isRelu) return high === 6 ? activations.relu6({ name }) : activations.relu({ name });
    return activations.clip({ ...(low !== undefined && { low }), ...(high !== undefined && { high }), name });
  };
  builder.set(node, elementwise(builder, node, x, make));
}

/** Softmax of the numbers of one axis, or before opset 13 of all axes from it on. */
const normalising =
  (make: (options: { name: string }) => Layer) =>
  (builder: Builder, node: WorkNode): void => {
    const x = builder.input(node, 0);
    const rank = x.axes.length;
    const old = builder.graph.opset() < 13;
    const given = node.attributes.int("axis", old ? 1 : -1);
    const first = builder.axis(node, x, given);
    const axes = old ? Array.from({ length: rank - first }, (_, i) => first + i) : [first];
    axes.forEach((axis) => builder.axis(node, x, axis));
    const { lead, lying } = layTrailing(x, axes);
    const ref = builder.add({
      node,
      uses: [use(x, [...lead.map((each) => [each]), lying])],
      make: layerOf((name) => make({ name })),
    });
    builder.set(node, { ...x, ref, stored: [...lead, ...lying] });
  };

/** x times the logistic function of x times a factor. */
function swish(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const alpha = node.attributes.float("alpha", 1);
  if (alpha === 1) {
    builder.set(
      node,
      elementwise(builder, node, x, (name) => activations.silu({ name })),
    );
    return;
  }
  const gate = elementwise(builder, node, scaled(builder, node, x, alpha), (name) => activations.sigmoid({ name }));
  builder.set(node, product(builder, node, "multiply", x, gate));
}

const alphaOf = ({ attributes }: WorkNode, otherwise: number): number => attributes.float("alpha", otherwise);

/** By operator. */
export const ACTIVATIONS: Family = {
  Relu: simple((_, name) => activations.relu({ name })),
  Sigmoid: simple((_, name) => activations.sigmoid({ name })),
  Tanh: simple((_, name) => activations.tanh({ name })),
  Softplus: simple((_, name) => activations.softplus({ name })),
  Softsign: simple((_, name) => activations.softsign({ name })),
  Mish: simple((_, name) => activations.mish({ name })),
  HardSwish: simple((_, name) => activations.hardSwish({ name })),
  Swish: swish,
  Gelu: simple(({ attributes }, name) =>
    activations.gelu({ approximate: attributes.string("approximate", "none") as "none", name }),
  ),
  LeakyRelu: simple((node, name) => activations.leakyRelu({ slope: alphaOf(node, 0.01), name })),
  Elu: simple((node, name) => activations.elu({ alpha: alphaOf(node, 1), name })),
  Celu: simple((node, name) => activations.celu({ alpha: alphaOf(node, 1), name })),
  Selu: (builder, node) => {
    const first = builder.graph.opset() < 6;
    simple((_, name) =>
      activations.selu({
        alpha: alphaOf(node, first ? 1.6732 : 1.67326319217681884765625),
        scale: node.attributes.float("gamma", first ? 1.0507 : 1.05070102214813232421875),
        name,
      }),
    )(builder, node);
  },
  HardSigmoid: simple((node, name) =>
    activations.hardSigmoid({ slope: alphaOf(node, 0.2), offset: node.attributes.float("beta", 0.5), name }),
  ),
  ThresholdedRelu: simple((node, name) => activations.thresholdedRelu({ threshold: alphaOf(node, 1), name })),
  Shrink: simple(({ attributes }, name) =>
    activations.shrink({ threshold: attributes.float("lambd", 0.5), bias: attributes.float("bias", 0), name }),
  ),
  Clip: clip,
  Softmax: normalising(activations.softmax),
  LogSoftmax: normalising(activations.logSoftmax),
};
