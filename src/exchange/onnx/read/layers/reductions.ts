// Means, sums and maxima along axes.
import type { Layer } from "../../../../graph/layer.ts";
import { max } from "../../../../nn/layers/max.ts";
import { mean } from "../../../../nn/layers/mean.ts";
import { sum } from "../../../../nn/layers/sum.ts";
import { intsOf } from "../fold/parameters.ts";
import type { WorkNode } from "../workGraph.ts";
import { sameAtoms } from "./atoms.ts";
import { type Builder, layerOf } from "./builder.ts";
import { scaled } from "./constants.ts";
import type { Family } from "./family.ts";
import { product } from "./pairs.ts";
import { use } from "./steps.ts";
import type { View } from "./types.ts";

type Make = (options: { axis: number; name: string }) => Layer;

/** One number of those along some axes. */
export function reduced(
  builder: Builder,
  node: WorkNode,
  x: View,
  axes: readonly number[],
  make: Make,
  keep: boolean,
): View {
  const own = axes.flatMap((axis) => x.axes[axis]!);
  const first = x.stored.findIndex((each) => own.includes(each));
  const at = first < 0 ? 0 : first;
  const before = x.stored.slice(0, at);
  const behind = x.stored.slice(at).filter((each) => !own.includes(each));
  // as they lie, if they are neighbours
  const lying = x.stored.filter((each) => own.includes(each));
  const together = sameAtoms(x.stored, [...before, ...lying, ...behind]);
  const groups = together ? [before, lying, behind] : [[...before, ...behind], lying];
  const used = groups.filter((group, i) => group.length > 0 || group === lying || (i === 0 && !together));
  const axis = used.indexOf(lying);
  const ref = builder.add({ node, uses: [use(x, used)], make: layerOf((name) => make({ axis, name })) });
  return {
    ref,
    axes: x.axes.flatMap((atoms, i) => (axes.includes(i) ? (keep ? [[]] : []) : [atoms])),
    stored: [...before, ...behind],
  };
}

const reduction =
  (make: Make, prepare?: (builder: Builder, node: WorkNode, x: View) => View) =>
  (builder: Builder, node: WorkNode): void => {
    const given = builder.input(node, 0);
    const axes = intsOf(node, builder.constants(node), 1, "axes");
    if (!axes && (node.inputs[1] ?? "") !== "") throw builder.error(node, "its axes must be a constant");
    const keep = node.attributes.int("keepdims", 1) === 1;
    const noop = node.attributes.int("noop_with_empty_axes", 0) === 1;
    if ((!axes || axes.length === 0) && noop) {
      builder.set(node, prepare ? prepare(builder, node, given) : given);
      return;
    }
    const all = axes && axes.length > 0 ? axes : given.axes.map((_, axis) => axis);
    const places = all.map((axis) => builder.axis(node, given, axis, "axes"));
    const x = prepare ? prepare(builder, node, given) : given;
    builder.set(
      node,
      reduced(
        builder,
        node,
        x,
        places.toSorted((a, b) => a - b),
        make,
        keep,
      ),
    );
  };

const absolute = (builder: Builder, node: WorkNode, x: View): View =>
  product(builder, node, "maximum", x, scaled(builder, node, x, -1));

/** By operator. */
export const REDUCTIONS: Family = {
  ReduceMean: reduction(mean),
  ReduceSum: reduction(sum),
  ReduceMax: reduction(max),
  ReduceMin: (builder, node) => {
    reduction(max, (_, _node, x) => scaled(builder, node, x, -1))(builder, node);
    builder.set(node, scaled(builder, node, builder.views.get(node.outputs[0]!)!, -1));
  },
  ReduceL1: reduction(sum, absolute),
  ReduceSumSquare: reduction(sum, (builder, node, x) => product(builder, node, "multiply", x, x)),
};
