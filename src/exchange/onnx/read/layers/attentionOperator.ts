// The operator Attention of opset 23, as products of matrices and a softmax; between dense layers it becomes one layer.
import { softmax } from "../../../../nn/activations/softmax.ts";
import { tanh } from "../../../../nn/activations/tanh.ts";
import { concat } from "../../../../nn/composites/concat.ts";
import type { Constant, WorkNode } from "../workGraph.ts";
import { elementwise } from "./activations.ts";
import { axisSize, rowsAxis, transposeView } from "./atoms.ts";
import { atom, type Builder } from "./builder.ts";
import { affine, besides, learned, scaled } from "./constants.ts";
import type { Family } from "./family.ts";
import { layTrailing } from "./layouts.ts";
import { matrices } from "./linear.ts";
import { addMask, MASKED } from "./masks.ts";
import { reshaped } from "./movement.ts";
import { product } from "./pairs.ts";
import { layerOf } from "./builder.ts";
import { use } from "./steps.ts";
import type { View } from "./types.ts";

/** Queries, keys or values as [rows, heads, steps, width]. */
function headed(builder: Builder, node: WorkNode, at: number, heads: number | undefined): View {
  const x = builder.input(node, at);
  builder.checkRank(node, x, [3, 4], "it works on sequences");
  builder.checkRows(node, x);
  if (x.axes.length === 4) return x;
  if (heads === undefined)
    throw builder.error(node, "they are needed for inputs of three axes", "q_num_heads and kv_num_heads");
  const [steps, width] = x.axes.slice(1).map(axisSize) as [number, number];
  const { size: rows } = builder.rows;
  return transposeView(reshaped(builder, node, x, [rows, steps, heads, width / heads], rows), [0, 2, 1, 3]);
}

/** What is known of before, and what comes. */
function joined(builder: Builder, node: WorkNode, past: View, x: View): View {
  const order = [1, 2, 3];
  const [steps, total] = [axisSize(past.axes[2]!), axisSize(past.axes[2]!) + axisSize(x.axes[2]!)];
  const groups = (view: View) =>
    use(
      view,
      order.map((axis) => view.axes[axis]!),
    );
  if (steps === 0) return x;
  const [heads, all, width] = [x.axes[1]!, atom(total), x.axes[3]!].map((axis) => atom(axisSize(axis)));
  const ref = builder.add({
    node,
    kind: "concat",
    uses: [groups(past), groups(x)],
    branches: 2,
    shape: [axisSize(heads!), total, axisSize(width!)],
    make: (making) => [concat([making.branch(0), making.branch(1)], { axis: 1 })],
  });
  return { ref, axes: [x.axes[0]!, heads!, all!, width!], stored: [...heads!, ...all!, ...width!] };
}

/** -1e9 for what comes later than a query, for all heads. */
function causalMask(queries: number, keys: number, past: number): Constant {
  const data = new Float32Array(queries * keys);
  for (let i = 0; i < data.length; i++) if (i % keys > Math.floor(i / keys) + past) data[i] = MASKED;
  return { type: "float", shape: [queries, keys], data };
}

/** Refuses a mask that leaves a query nothing: ONNX gives zeros there, which no layer does. */
function checkLeft(
  builder: Builder,
  node: WorkNode,
  { shape, data }: Constant,
  queries: number,
  past: number | undefined,
): void {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  for (let row = 0; row < data.length / columns; row++) {
    const query = row % rows;
    // a mask for all queries leaves the first one the least
    const last = past === undefined ? columns : Math.min(past + (rows === queries ? query : 0) + 1, columns);
    if (data.subarray(row * columns, row * columns + last).some((value) => value > MASKED)) continue;
    throw builder.error(
      node,
      `its mask leaves query ${query} nothing to attend to: ONNX gives zeros there, which no layer does`,
    );
  }
}

/** Adds what the mask says: numbers, or where true doesn't count. */
function masked(builder: Builder, node: WorkNode, scores: View, queries: number, past: number | undefined): View {
  const name = node.inputs[3] ?? "";
  if (name === "") return scores;
  const { graph } = builder;
  const constant = graph.constants.get(name);
  if (constant) {
    const isBool = constant.type === "bool";
    const data = Float32Array.from(constant.data, (value) =>
      isBool ? (value === 0 ? MASKED : 0) : Math.max(value, MASKED),
    );
    const numbers: Constant = { type: "float", shape: constant.shape, data };
    checkLeft(builder, node, numbers, queries, past);
    const own = graph.addConstant(numbers);
    if (besides(builder, node, scores, own)) return addMask(builder, node, scores, own);
    return product(builder, node, "add", scores, learned(builder, node, own, scores));
  }
  const mask = builder.input(node, 3);
  const type = graph.inputs.find((input) => input.name === name)?.type;
  if (type?.kind === "tensor" && type.element === "bool") {
    return product(builder, node, "subtract", scores, affine(builder, node, mask, MASKED, -MASKED));
  }
  return product(builder, node, "add", scores, mask);
}

function attention(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  const [qHeads, kvHeads] = [attributes.int("q_num_heads"), attributes.int("kv_num_heads")];
  const flat = builder.input(node, 0).axes.length === 3;
  const q = headed(builder, node, 0, qHeads);
  let [k, v] = [headed(builder, node, 1, kvHeads), headed(builder, node, 2, kvHeads)] as [View, View];
  attributes.int("softmax_precision");
  if ((node.inputs[6] ?? "") !== "")
    throw builder.error(node, "its input 7, how many keys of each row count, has no layer; give a mask");
  let past = 0;
  if ((node.inputs[4] ?? "") !== "") {
    const [pastKeys, pastValues] = [builder.input(node, 4), builder.input(node, 5)];
    past = axisSize(pastKeys.axes[2]!);
    [k, v] = [joined(builder, node, pastKeys, k), joined(builder, node, pastValues, v)];
  }
  builder.set(node, k, 1);
  builder.set(node, v, 2);
  const [heads, queries, width] = q.axes.slice(1).map(axisSize) as [number, number, number];
  const [groups, keys] = k.axes.slice(1).map(axisSize) as [number, number];
  const scale = attributes.float("scale", 1 / Math.sqrt(width));
  const softcap = attributes.float("softcap", 0);
  const { size: rows } = builder.rows;
  // several heads of queries share one of keys
  const share = (x: View): View => (groups === heads ? x : { ...x, axes: x.axes.toSpliced(2, 0, []) });
  const grouped =
    groups === heads ? q : reshaped(builder, node, q, [rows, groups, heads / groups, queries, width], rows);
  const turned = share(k);
  const rank = turned.axes.length;
  const order = [...Array(rank).keys()].with(rank - 1, rank - 2).with(rank - 2, rank - 1);
  const whole = (x: View, last: number): View =>
    groups === heads ? x : reshaped(builder, node, x, [rows, heads, queries, last], rows);
  const all = whole(matrices(builder, node, grouped, transposeView(turned, order)), keys);
  const products = scaled(builder, node, all, scale);
  let scores = products;
  if (softcap !== 0) scores = capped(builder, node, scores, softcap);
  scores = masks(builder, node, scores, queries, keys, past);
  const { lead, lying } = layTrailing(scores, [3]);
  const ref = builder.add({
    node,
    kind: "Softmax",
    uses: [use(scores, [...lead.map((each) => [each]), lying])],
    make: layerOf((name) => softmax({ name })),
  });
  const weights: View = { ...scores, ref, stored: [...lead, ...lying] };
  const output = node.outputs[3] ?? "";
  if (output !== "") {
    const mode = attributes.int("qk_matmul_output_mode", 0);
    if (mode !== 0 && mode !== 3)
      throw builder.error(node, `0 and 3 have layers, got ${mode}`, "qk_matmul_output_mode");
    builder.set(node, mode === 0 ? products : weights, 3);
  } else attributes.int("qk_matmul_output_mode");
  const spread =
    groups === heads ? weights : reshaped(builder, node, weights, [rows, groups, heads / groups, queries, keys], rows);
  const found = whole(matrices(builder, node, spread, share(v)), axisSize(v.axes[3]!));
  if (!flat || rowsAxis(found) !== 0) {
    builder.set(node, found);
    return;
  }
  const back = transposeView(found, [0, 2, 1, 3]);
  builder.set(node, { ...back, axes: [back.axes[0]!, back.axes[1]!, [...back.axes[2]!, ...back.axes[3]!]] });
}

const capped = (builder: Builder, node: WorkNode, scores: View, by: number): View =>
  scaled(
    builder,
    node,
    elementwise(builder, node, scaled(builder, node, scores, 1 / by), (name) => tanh({ name })),
    by,
  );

function masks(builder: Builder, node: WorkNode, scores: View, queries: number, keys: number, past: number): View {
  const causal = node.attributes.int("is_causal", 0) === 1;
  const all = masked(builder, node, scores, queries, causal ? past : undefined);
  if (!causal) return all;
  builder.graph.spend(node, queries * keys);
  return addMask(builder, node, all, builder.graph.addConstant(causalMask(queries, keys, past)));
}

/** By operator. */
export const ATTENTION: Family = { Attention: attention };
