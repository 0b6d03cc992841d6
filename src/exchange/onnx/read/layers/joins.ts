// Operators that put values together, or something around them: Concat, Pad.
import { concat as concatLayer } from "../../../../nn/composites/concat.ts";
import { pad as padLayer } from "../../../../nn/layers/pad.ts";
import { intsOf } from "../fold/parameters.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize, rowsAxis } from "./atoms.ts";
import { atom, type Builder, layerOf } from "./builder.ts";
import { learned } from "./constants.ts";
import type { Family } from "./family.ts";
import { rowShape, use } from "./steps.ts";
import type { View } from "./types.ts";

/** The axes of values by the places where they lie in the first one. */
function orderOfAxes({ axes, stored }: View): number[] {
  const place = (axis: number): number => {
    const own = axes[axis]!.filter((each) => !each.rows);
    return own.length === 0 ? -1 : stored.indexOf(own[0]!);
  };
  return axes.map((_, axis) => axis).toSorted((a, b) => place(a) - place(b));
}

/** A value with its axes in an order, each of them one group; the rows are left out. */
const byAxes = (view: View, order: readonly number[]) =>
  use(
    view,
    order.map((axis) => view.axes[axis]!.filter((each) => !each.rows)),
  );

/** The value whose axes are one atom each. */
function wholeAxes(x: View, order: readonly number[], shape: readonly number[], ref: View["ref"]): View {
  const own = order.map((_, i) => atom(shape[i]!));
  const axes = x.axes.map((axis, at) => {
    const part = own[order.indexOf(at)]!;
    return axis.some((each) => each.rows) ? [axis.find((each) => each.rows)!, ...part] : part;
  });
  return { ref, axes, stored: own.flat() };
}

/** Refuses rows that are joined with other places before them. */
function checkJoined(builder: Builder, node: WorkNode, x: View): void {
  if (x.axes.some((axis) => axis.findIndex((each) => each.rows) > 0)) {
    throw builder.error(node, "the rows are behind other places of their axis, which has no layer here");
  }
}

function concat(builder: Builder, node: WorkNode): void {
  const first = node.inputs.map((name) => builder.views.get(name)).find(Boolean);
  if (!first) throw builder.error(node, "one of its inputs must depend on the model's input");
  const axis = builder.axis(node, first, node.attributes.int("axis", 1));
  const values = node.inputs.map((name) => builder.views.get(name) ?? learned(builder, node, name, first));
  if (values.length === 1) {
    builder.set(node, first);
    return;
  }
  const order = orderOfAxes(first);
  values.forEach((value) => {
    const fits =
      value.axes.length === first.axes.length && (rowsAxis(value) < 0 || rowsAxis(value) === rowsAxis(first));
    if (!fits) {
      throw builder.error(
        node,
        `its inputs must have the same axes, got [${builder.shapeText(first)}] and [${builder.shapeText(value)}]`,
      );
    }
    checkJoined(builder, node, value);
    value.axes.forEach((own, at) => {
      const [n, m] = [own, first.axes[at]!].map((atoms) => axisSize(atoms.filter((each) => !each.rows)));
      if (at === axis || n === m) return;
      throw builder.error(
        node,
        `its inputs must agree on all axes but ${axis}, got [${builder.shapeText(first)}] and [${builder.shapeText(value)}]`,
      );
    });
  });
  const uses = values.map((value) => byAxes(value, order));
  const at = order.indexOf(axis);
  const total = values.reduce((sum, { axes }) => sum + axisSize(axes[axis]!), 0);
  const shape = order.map((own) => (own === axis ? total : axisSize(first.axes[own]!.filter((each) => !each.rows))));
  const ref = builder.add({
    node,
    kind: "concat",
    uses,
    branches: uses.length,
    shape: rowShape(shape),
    make: (making) => [
      concatLayer(
        uses.map((_, i) => making.branch(i)),
        { axis: at },
      ),
    ],
  });
  builder.set(node, wholeAxes(first, order, shape, ref));
}

function pad(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const { attributes } = node;
  const given = intsOf(node, builder.constants(node), 1, "pads") ?? attributes.ints("paddings");
  if (!given) throw builder.error(node, "its pads must be a constant");
  const rank = x.axes.length;
  const axes = intsOf(node, builder.constants(node), 3, "axes")?.map((axis) => (axis < 0 ? axis + rank : axis));
  const mode = attributes.string("mode", "constant");
  if (!["constant", "reflect", "edge", "wrap"].includes(mode))
    throw builder.error(node, `"constant", "reflect", "edge" and "wrap" have layers, got "${mode}"`, "mode");
  const valueName = node.inputs[2] ?? "";
  const value = valueName === "" ? attributes.float("value", 0) : builder.graph.scalar(valueName);
  if (value === undefined) throw builder.error(node, "what is in the border must be a constant of one number");
  const count = axes?.length ?? rank;
  if (given.length !== 2 * count)
    throw builder.error(node, `there must be two pads for each axis, ${2 * count}, got ${given.length}`, "pads");
  const sides = (side: number): number[] =>
    x.axes.map((_, axis) => {
      const i = axes ? axes.indexOf(axis) : axis;
      return i < 0 ? 0 : given[side * count + i]!;
    });
  const [before, after] = [sides(0), sides(1)];
  if ([...before, ...after].every((n) => n === 0)) {
    builder.set(node, x);
    return;
  }
  x.axes.forEach((_, axis) => (before[axis] !== 0 || after[axis] !== 0) && builder.axis(node, x, axis, "pads"));
  checkJoined(builder, node, x);
  const order = orderOfAxes(x);
  const options = {
    before: order.map((axis) => before[axis]!),
    after: order.map((axis) => after[axis]!),
    mode: mode as "constant",
    ...(mode === "constant" && { value }),
  };
  const ref = builder.add({ node, uses: [byAxes(x, order)], make: layerOf((name) => padLayer({ ...options, name })) });
  builder.set(node, wholeAxes(x, order, ref.shape, ref));
}

/** By operator. */
export const JOINS: Family = { Concat: concat, Pad: pad };
