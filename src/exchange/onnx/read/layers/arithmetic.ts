// Sums, products and the like: of two values, or of one and a constant.
import { clip } from "../../../../nn/activations/clip.ts";
import { sigmoid } from "../../../../nn/activations/sigmoid.ts";
import type { WorkNode } from "../workGraph.ts";
import { elementwise } from "./activations.ts";
import type { Builder } from "./builder.ts";
import { affine, learned, learnedNumbers, scaled, withConstant } from "./constants.ts";
import { foldBias } from "./linear.ts";
import { addMask, isMask } from "./masks.ts";
import type { Family } from "./family.ts";
import { product } from "./pairs.ts";
import type { View } from "./types.ts";

/** Is the input one that depends on the model's? */
const isView = (builder: Builder, node: WorkNode, at: number): boolean => builder.views.has(node.inputs[at] ?? "");

function checkTwo(builder: Builder, node: WorkNode): void {
  for (const at of [0, 1]) {
    const name = node.inputs[at] ?? "";
    if (!builder.views.has(name) && !builder.graph.constants.has(name)) builder.input(node, at); // refuses it
  }
  node.attributes.int("broadcast"); // of opset 6: axes are aligned from the last
  if (node.attributes.has("axis")) {
    throw builder.error(
      node,
      "broadcasting from another axis than the last is of opset 6; convert the file to opset 7 or later",
      "axis",
    );
  }
  node.attributes.ints("consumed_inputs");
}

/** A value and a constant, added up. */
function plus(builder: Builder, node: WorkNode, value: string, constant: string): View {
  const x = builder.views.get(value)!;
  if (isMask(builder, constant)) return addMask(builder, node, x, constant);
  const folded = foldBias(builder, node, value, constant);
  if (folded) return folded;
  return (
    withConstant(builder, node, x, constant, "add") ??
    product(builder, node, "add", x, learned(builder, node, constant, x))
  );
}

/** The two inputs as values; constants become such, the same for all rows. */
function both(builder: Builder, node: WorkNode): [View, View] {
  const [a, b] = [0, 1].map((at) => builder.views.get(node.inputs[at]!)) as [View | undefined, View | undefined];
  return [a ?? learned(builder, node, node.inputs[0]!, b), b ?? learned(builder, node, node.inputs[1]!, a)];
}

function add(builder: Builder, node: WorkNode): void {
  checkTwo(builder, node);
  const [a, b] = [isView(builder, node, 0), isView(builder, node, 1)];
  if (a && b) {
    const values = both(builder, node);
    const result = product(builder, node, "add", ...values);
    result.ref.step!.added = values;
    builder.set(node, result);
  } else builder.set(node, plus(builder, node, node.inputs[a ? 0 : 1]!, node.inputs[a ? 1 : 0]!));
}

function sub(builder: Builder, node: WorkNode): void {
  checkTwo(builder, node);
  const [a, b] = [isView(builder, node, 0), isView(builder, node, 1)];
  if (a && b) {
    builder.set(node, product(builder, node, "subtract", ...both(builder, node)));
    return;
  }
  const x = builder.input(node, a ? 0 : 1);
  const name = node.inputs[a ? 1 : 0]!;
  const number = builder.graph.scalar(name);
  if (number !== undefined) {
    builder.set(node, a ? affine(builder, node, x, 1, -number) : affine(builder, node, x, -1, number));
    return;
  }
  const found = a
    ? withConstant(builder, node, x, name, "add", (value) => -value)
    : withConstant(builder, node, scaled(builder, node, x, -1), name, "add");
  builder.set(node, found ?? product(builder, node, "subtract", ...both(builder, node)));
}

function mul(builder: Builder, node: WorkNode): void {
  checkTwo(builder, node);
  const [a, b] = [isView(builder, node, 0), isView(builder, node, 1)];
  if (!(a && b)) {
    const x = builder.input(node, a ? 0 : 1);
    const found = withConstant(builder, node, x, node.inputs[a ? 1 : 0]!, "multiply");
    if (found) {
      builder.set(node, found);
      return;
    }
  }
  builder.set(node, product(builder, node, "multiply", ...both(builder, node)));
}

function div(builder: Builder, node: WorkNode): void {
  checkTwo(builder, node);
  if (isView(builder, node, 0) && !isView(builder, node, 1)) {
    const name = node.inputs[1]!;
    const found = withConstant(builder, node, builder.input(node, 0), name, "multiply", (value) => 1 / value);
    if (found) {
      builder.set(node, found);
      return;
    }
  }
  builder.set(node, product(builder, node, "divide", ...both(builder, node)));
}

/** A value times itself. */
const square = (builder: Builder, node: WorkNode, x: View): View => product(builder, node, "multiply", x, x);

function pow(builder: Builder, node: WorkNode): void {
  checkTwo(builder, node);
  const exponent = builder.graph.scalar(node.inputs[1]!);
  if (exponent === undefined || !Number.isInteger(exponent) || exponent < 1 || exponent > 16) {
    const given = exponent === undefined ? "one that is computed, or has several numbers" : exponent;
    throw builder.error(node, `only whole exponents from 1 to 16 have layers, got ${given}`);
  }
  const x = builder.input(node, 0);
  let result: View | undefined;
  for (let left = exponent, power = x; left >= 1; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = result ? product(builder, node, "multiply", result, power) : power;
    if (left >= 2) power = square(builder, node, power);
  }
  builder.set(node, result!);
}

/** The larger, or with `sign` -1 the smaller, of several. */
const extreme =
  (sign: 1 | -1) =>
  (builder: Builder, node: WorkNode): void => {
    node.attributes.ints("consumed_inputs");
    const first = node.inputs.findIndex((_, at) => isView(builder, node, at));
    if (first < 0) builder.input(node, 0); // refuses it
    let result = builder.input(node, first);
    const turned = (x: View): View => scaled(builder, node, x, sign);
    const largest = (x: View, z: View): View => turned(product(builder, node, "maximum", turned(x), turned(z)));
    node.inputs.forEach((name, at) => {
      if (at === first) return;
      const value = builder.graph.scalar(name);
      if (value === undefined) {
        const other = isView(builder, node, at) ? builder.input(node, at) : learned(builder, node, name, result);
        result = largest(result, other);
        return;
      }
      result = elementwise(builder, node, result, (called) =>
        clip({ ...(sign === 1 ? { low: value } : { high: value }), name: called }),
      );
    });
    builder.set(node, result);
  };

/** All inputs added up; for Mean divided by how many there are. */
function sum(builder: Builder, node: WorkNode): void {
  node.attributes.ints("consumed_inputs");
  const views = node.inputs.filter((name) => builder.views.has(name));
  if (views.length === 0) builder.input(node, 0); // refuses it
  let result = builder.views.get(views[0]!)!;
  for (const name of views.slice(1)) result = product(builder, node, "add", result, builder.views.get(name)!);
  for (const name of node.inputs) {
    if (builder.views.has(name)) continue;
    const added = withConstant(builder, node, result, name, "add");
    result = added ?? product(builder, node, "add", result, learned(builder, node, name, result));
  }
  const count = node.operator === "Mean" ? node.inputs.length : 1;
  builder.set(node, scaled(builder, node, result, 1 / count));
}

function neg(builder: Builder, node: WorkNode): void {
  builder.set(node, scaled(builder, node, builder.input(node, 0), -1));
}

function abs(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  node.attributes.ints("consumed_inputs");
  builder.set(node, product(builder, node, "maximum", x, scaled(builder, node, x, -1)));
}

function reciprocal(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  node.attributes.ints("consumed_inputs");
  builder.set(node, product(builder, node, "divide", learnedNumbers(builder, node, Float32Array.of(1), []), x));
}

/** The exponential as the quotient of the logistic function of x and of -x: e^x = s(x) / s(-x). */
function exp(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  node.attributes.ints("consumed_inputs");
  const [up, down] = [x, scaled(builder, node, x, -1)].map((each) =>
    elementwise(builder, node, each, (name) => sigmoid({ name })),
  ) as [View, View];
  builder.set(node, product(builder, node, "divide", up, down));
}

/** By operator. */
export const ARITHMETIC: Family = {
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: pow,
  Max: extreme(1),
  Min: extreme(-1),
  Sum: sum,
  Mean: sum,
  Neg: neg,
  Abs: abs,
  Reciprocal: reciprocal,
  Exp: exp,
};
