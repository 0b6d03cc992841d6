// Attention that is spelled out: softmax of products of queries and keys, times values, between dense layers. Becomes one layer.
import { attention, selfAttention } from "../../../../nn/layers/attention.ts";
import { sizeOf } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize, sizesOf } from "./atoms.ts";
import { atom, type Builder } from "./builder.ts";
import { learnedNumbers } from "./constants.ts";
import { headed, optionMasks } from "./inputMasks.ts";
import { MASKED } from "./masks.ts";
import { layOut, shapeOfUse, use } from "./steps.ts";
import type { Atom, Conditions, Dense, Making, Ref, Step, Use, View } from "./types.ts";

/** Queries, keys or values: columns of a dense layer. */
interface Projection {
  /** What the dense layer works on. */
  readonly source: Use;
  readonly step: Step;
  /** [inputs, heads width] */
  readonly weight: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly inputs: number;
  readonly heads: number;
  readonly width: number;
  readonly steps: number;
  /** What it is multiplied by. */
  readonly factor: number;
}

/** A value before factors that are the same for all of it, and these. */
function unscaled(view: View): { view: View; factor: number } {
  let factor = 1;
  let { ref } = view;
  while (ref.step?.kind === "Scale") {
    factor *= ref.step.factor!;
    ref = ref.step.uses[0]!.ref;
  }
  return { view: { ...view, ref }, factor };
}

/** What queries, keys or values are made of; undefined: no dense layer alone. `time` and `width` are two of its axes. */
function projectionOf(given: View, time: number, width: number): Projection | undefined {
  const { view, factor } = unscaled(given);
  const { columns } = view.ref;
  const dense = columns?.step.dense;
  if (!dense || !columns || columns.step.kind !== "dense") return undefined;
  const others = view.axes.filter((_, axis) => axis !== time && axis !== width);
  const heads = others.flat().filter((each) => !each.rows);
  const steps = view.axes[time]!;
  const own = [...heads, ...view.axes[width]!];
  const trailing = view.stored.slice(view.stored.length - own.length);
  const lead = view.stored.slice(0, view.stored.length - own.length);
  if (!own.every((each) => trailing.includes(each)) || axisSize(own) !== columns.places.length) return undefined;
  if (lead.length !== steps.length || lead.some((each, i) => each !== steps[i])) return undefined;
  const source = columns.step.uses[0]!;
  const shape = shapeOfUse(source);
  if (sizeOf(shape.slice(0, -1)) !== axisSize(steps)) return undefined;
  // of each head and each of its numbers, the column
  const order = ordered(own, trailing).map((place) => columns.places[place]!);
  return {
    source,
    step: columns.step,
    weight: columnsInOrder(dense.weight, dense.outputs, order),
    bias: dense.bias && columnsInOrder(dense.bias, dense.outputs, order),
    inputs: dense.inputs,
    heads: axisSize(heads),
    width: axisSize(view.axes[width]!),
    steps: axisSize(steps),
    factor,
  };
}

/** For places in the order of some atoms, where they are in the order in which these lie. */
function ordered(wanted: readonly Atom[], lying: readonly Atom[]): number[] {
  let places = [0];
  for (const each of wanted) {
    const step = sizeOf(sizesOf(lying.slice(lying.indexOf(each) + 1)));
    places = places.flatMap((place) => Array.from({ length: each.size }, (_, i) => place + i * step));
  }
  return places;
}

function columnsInOrder(table: Float32Array, columns: number, order: readonly number[]): Float32Array {
  const rows = table.length / columns;
  const result = new Float32Array(rows * order.length);
  for (let row = 0; row < rows; row++) {
    order.forEach((column, i) => (result[row * order.length + i] = table[row * columns + column]!));
  }
  return result;
}

/** Do two layers work on the same value, laid out alike? */
function sameSource(a: Use, b: Use): boolean {
  const text = (each: Use): string =>
    JSON.stringify([shapeOfUse(each), layOut(each).map(({ type, options }) => [type, options])]);
  return a.ref === b.ref && text(a) === text(b);
}

/** Products of queries and keys, and what they went through. */
interface Scores {
  readonly a: View;
  readonly b: View;
  readonly factor: number;
  readonly masks: readonly Float32Array[];
  /** A value that is added to the scores. */
  readonly added?: View | undefined;
  readonly conditions?: Conditions | undefined;
}

/** What comes before a softmax: the product of queries and keys, factors, and numbers that are added. */
function scoresOf({ ref: given }: View): Scores | undefined {
  const behind = given.step?.kind === "zeros" ? given.step.uses[0]!.ref : undefined;
  const softmax = (behind ?? given).step;
  if (softmax?.node.operator !== "Softmax" || softmax.kind !== "Softmax") return undefined;
  const first = softmax.uses[0]!.ref;
  const conditions = first.step?.conditions;
  if (Boolean(behind) !== Boolean(conditions)) return undefined;
  const found = productOf(conditions ? first.step!.uses[0]!.ref : first);
  return found && { ...found, conditions };
}

function productOf(from: Ref, canAdd = true): Scores | undefined {
  const masks: Float32Array[] = [];
  let factor = 1;
  for (let ref = from; ref.step; ref = ref.step.uses[0]!.ref) {
    const { step } = ref;
    if (step.kind === "Scale") {
      // masks are far below whatever they are multiplied by, unless it turns their sign
      if (!(step.factor! > 0)) return undefined;
      factor *= step.factor!;
    } else if (step.mask) masks.push(step.mask.weight);
    else if (step.product) return { ...step.product, factor, masks };
    else if (step.added && canAdd && factor === 1) {
      const [x, z] = step.added;
      const [one, other] = [productOf(x.ref, false), productOf(z.ref, false)];
      const found = one ?? other;
      if (!found || (one && other)) return undefined;
      return { ...found, masks: [...masks, ...found.masks], added: one ? z : x };
    } else return undefined;
  }
  return undefined;
}

/** Masks of all heads: the positions up to its own of each query, or numbers to be added. */
function maskOf(masks: readonly Float32Array[], heads: number, queries: number, keys: number) {
  if (masks.length === 0) return {};
  const all = masks[0]!.map((_, i) => masks.reduce((sum, mask) => Math.max(sum + mask[i]!, -1e9), 0));
  if (all.length !== heads * queries * keys) return undefined;
  const block = queries * keys;
  const shared = all.every((value, i) => value === all[i % block]);
  const causal = shared && all.every((value, i) => value < 0 === i % keys > Math.floor((i % block) / keys));
  if (causal) return { causal };
  return { bias: shared ? all.slice(0, block) : all, shared };
}

/** Operators that only give a value other axes. */
const MOVES = ["Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten", "Dropout", "Cast"];

/** The dense layer of so many inputs and outputs that alone takes what a node gives. */
function outputProjection({ graph }: Builder, node: WorkNode, inputs: number, outputs: number): WorkNode | undefined {
  let value = node.outputs[0]!;
  for (;;) {
    const next = graph.onlyConsumer(value);
    if (!next || next.inputs.filter((name) => name === value).length !== 1) return undefined;
    if (MOVES.includes(next.operator) && next.inputs[0] === value) {
      value = next.outputs[0]!;
      continue;
    }
    const weight = graph.constants.get(next.inputs[1] ?? "");
    if (!["MatMul", "Gemm"].includes(next.operator) || next.inputs[0] !== value || weight?.shape.length !== 2)
      return undefined;
    const turned = next.operator === "Gemm" && next.attributes.int("transB", 0) === 1;
    const [rows, columns] = turned ? [weight.shape[1], weight.shape[0]] : weight.shape;
    return rows === inputs && columns === outputs ? next : undefined;
  }
}

/** Attention that ends with the product of probabilities and values; undefined: it isn't one. */
export function attentionOf(builder: Builder, node: WorkNode, probabilities: View, second: View): View | undefined {
  const scores = scoresOf(probabilities);
  if (!scores) return undefined;
  const rank = scores.a.axes.length;
  const q = projectionOf(scores.a, rank - 2, rank - 1);
  const k = projectionOf(scores.b, scores.b.axes.length - 1, scores.b.axes.length - 2);
  const v = projectionOf(second, second.axes.length - 2, second.axes.length - 1);
  if (!q || !k || !v || q.heads !== k.heads || q.heads !== v.heads || v.factor !== 1) return undefined;
  if (q.width !== k.width || k.steps !== v.steps || !sameSource(k.source, v.source)) return undefined;
  const { heads } = q;
  const width = q.inputs;
  if (!outputProjection(builder, node, heads * v.width, width)) return undefined;
  const whole = [heads, q.steps, k.steps] as const;
  const by = optionMasks(builder, scores.conditions ?? { constants: [], views: [] }, whole, MASKED);
  const mask = by && maskOf([...scores.masks, ...by.added], ...whole);
  if (!by || !mask) return undefined;
  // a constant that leaves out is no mask to an option; it may leave nothing to a query
  if (mask.bias && (scores.conditions || scores.added)) return undefined;
  const added = scores.added && headed(scores.added, whole);
  if (scores.added && !(added && added[1]!.length > 0 === q.steps > 1 && added[2]!.length > 0 === k.steps > 1))
    return undefined;
  const given = Object.entries({
    ...by.options,
    ...(added && {
      scoreBias: use(scores.added!, [...(added[0]!.length > 0 ? [added[0]!] : []), added[1]!, added[2]!]),
    }),
  });
  /** As [steps, width]. */
  const two = (source: Use): Use => {
    if (!source.wanted || source.wanted.length === 2) return source;
    return { ...source, wanted: [source.wanted.slice(0, -1).flat(), source.wanted.at(-1)!] };
  };
  const isSelf = sameSource(q.source, k.source);
  const bias =
    mask.bias &&
    learnedNumbers(
      builder,
      node,
      mask.bias,
      [...(mask.shared ? [] : [atom(heads)]), atom(q.steps), atom(k.steps)],
      undefined,
      true,
    );
  const uses = [
    two(q.source),
    ...(isSelf ? [] : [two(k.source)]),
    ...(bias ? [use(bias, [...(mask.shared ? [] : [bias.axes[0]!]), ...bias.axes.slice(-2)])] : []),
    ...given.map(([, each]) => each),
  ];
  const factor = scores.factor * q.factor * k.factor * Math.sqrt(q.width);
  const scale = Math.abs(factor - 1) < 1e-6 ? 1 : factor;
  const scaled = (values: Float32Array): Float32Array => (scale === 1 ? values : values.map((value) => value * scale));
  const columns = { key: heads * q.width, value: heads * v.width };
  let step: Step;
  const make = (making: Making) => {
    const { name } = making;
    const out: Dense = step?.dense ?? identityOf(columns.value);
    const biases = [q.bias, k.bias, v.bias, out.bias];
    const useBias = biases.some(Boolean);
    const weights = { Q: scaled(q.weight), K: k.weight, V: v.weight, O: out.weight };
    const sizes = [columns.key, columns.key, columns.value, width];
    Object.entries(weights).forEach(([part, weight], i) => {
      making.set(`${name}.weight${part}`, weight);
      const own = biases[i] ?? new Float32Array(sizes[i]!);
      if (useBias) making.set(`${name}.bias${part}`, i === 0 ? scaled(own) : own);
    });
    let at = 1;
    const memory = isSelf ? undefined : making.nameOf(at++);
    const options = {
      heads,
      ...(columns.key !== width && { keyWidth: columns.key }),
      ...(columns.value !== width && { valueWidth: columns.value }),
      ...(mask.causal && { causal: true }),
      ...(bias && { scoreBias: making.nameOf(at++) }),
      ...Object.fromEntries(given.map(([option]) => [option, making.nameOf(at++)])),
      useBias,
      name,
    };
    return [memory === undefined ? selfAttention(options) : attention({ memory, ...options })];
  };
  const made = builder.add({
    node,
    kind: isSelf ? "selfAttention" : "attention",
    uses,
    shape: [q.steps, columns.value],
    make,
  });
  step = made.step!;
  step.open = { width };
  const [steps, own] = [atom(q.steps), atom(v.width)];
  const heading: Atom[] = [];
  const axes = scores.a.axes.map((axis, at) => {
    if (at === rank - 2) return steps;
    if (at === rank - 1) return own;
    return axis.map((each): Atom => {
      const mine = each.rows ? each : { size: each.size };
      if (!each.rows) heading.push(mine);
      return mine;
    });
  });
  return { ref: made, axes, stored: [...steps, ...heading, ...own] };
}

function identityOf(size: number): Dense {
  const weight = new Float32Array(size * size);
  for (let i = 0; i < size; i++) weight[i * size + i] = 1;
  return { inputs: size, outputs: size, weight };
}

/** Lets a dense layer behind an attention be the one of its outputs; undefined: it can't. */
export function closeAttention({ ref, stored, axes }: View, axis: number, own: Dense, name: string): View | undefined {
  const { step } = ref;
  if (!step?.open || step.outputs[0] !== ref || own.outputs !== step.open.width) return undefined;
  const flat = axes[axis]!;
  if (axisSize(flat) !== ref.shape[1] || flat.some((each) => !stored.slice(stored.length - flat.length).includes(each)))
    return undefined;
  step.dense = own;
  delete step.open;
  step.hint = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : step.hint || name;
  const closed: Ref = { shape: [ref.shape[0]!, own.outputs], step };
  step.outputs[0] = closed;
  const last = atom(own.outputs);
  const lead = stored.filter((each) => !flat.includes(each));
  return { ref: closed, axes: axes.with(axis, last), stored: [...lead, ...last] };
}
