// Rows that are joined with the steps of a sequence in front of layers that work on rows, and parted again behind them: layers that are
// applied to every step.
import { timeDistributedOf } from "../../../../nn/composites/timeDistributed.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize } from "./atoms.ts";
import { Builder } from "./builder.ts";
import { emit, liveSteps } from "./emit.ts";
import { rowShape, shapeOfUse, use } from "./steps.ts";
import type { Atom, Ref, Use, View } from "./types.ts";

/** Operators that need the rows as an axis of their own. Without any, what is joined stays so, as it costs nothing. */
const NEED_ROWS =
  /^(?:Conv|ConvTranspose|MaxPool|AveragePool|GlobalAveragePool|GlobalMaxPool|BatchNormalization|InstanceNormalization|GroupNormalization|Resize|LRN|LSTM|GRU|RNN)$/;

/** Nodes between rows that are joined and that are parted again. */
interface Region {
  readonly nodes: readonly WorkNode[];
  /** Parts them: its input is all that leaves the region. */
  readonly exit: WorkNode;
}

/** What a value goes through until its rows are those of the whole; undefined: it doesn't come back, or other values come in. */
function regionOf({ graph }: Builder, value: string, steps: number, order: readonly WorkNode[]): Region | undefined {
  const inside = new Set([value]);
  const nodes: WorkNode[] = [];
  const exits: WorkNode[] = [];
  const parts = (node: WorkNode): boolean => {
    const [rows, n] = graph.shape(node.outputs[0]!) ?? [];
    return node.operator === "Reshape" && rows === graph.rows && n === steps;
  };
  for (const node of order) {
    if (!node.inputs.some((name) => inside.has(name))) continue;
    if (parts(node)) {
      exits.push(node);
      continue;
    }
    if (node.inputs.some((name) => name !== "" && !inside.has(name) && !graph.constants.has(name))) return undefined;
    nodes.push(node);
    for (const output of node.outputs) if (output !== "") inside.add(output);
  }
  const left = exits[0]?.inputs[0];
  const needs = nodes.some(({ operator, domain }) => domain === "" && NEED_ROWS.test(operator));
  if (!needs || exits.some(({ inputs }) => inputs[0] !== left)) return undefined;
  const escapes = [...inside].some((name) => graph.isOutput(name));
  return left === undefined || escapes ? undefined : { nodes, exit: exits[0]! };
}

/** What adds a node's steps. */
type AddSteps = (builder: Builder, node: WorkNode) => void;

/**
 * Makes the layers of what works on joined rows. Gives the nodes that are dealt with by that; undefined: there is no such region here, or it
 * has what can't be applied by step.
 *
 * @param node joins rows and steps; its step has been added
 * @param order all nodes, as they can be computed
 */
export function layersByStep(
  builder: Builder,
  node: WorkNode,
  order: readonly WorkNode[],
  add: AddSteps,
): readonly WorkNode[] | undefined {
  const { graph } = builder;
  const value = node.outputs[0]!;
  const x = builder.views.get(value);
  const [first, ...rest] = x?.axes ?? [];
  if (!x || node.operator !== "Reshape" || !first?.[0]?.rows || first.length < 2) return undefined;
  const steps = first.slice(1);
  const count = axisSize(steps);
  const region = regionOf(builder, value, count, order);
  if (!region) return undefined;
  const inner = new Builder(graph, builder.rows.size * count, builder.fileRows * count);
  const input: Ref = { shape: rowShape(rest.map(axisSize)), step: undefined, input: value };
  const axes = rest.map((axis): Atom[] => (axis.length === 0 ? [] : [{ size: axisSize(axis) }]));
  inner.views.set(value, { ref: input, axes: [[inner.rows], ...axes], stored: axes.flat() });
  let output: Use;
  const left = region.exit.inputs[0]!;
  try {
    for (const each of region.nodes) add(inner, each);
    const found = inner.views.get(left);
    if (found?.axes[0]?.length !== 1 || !found.axes[0][0]!.rows) return undefined;
    output = use(found, found.axes.slice(1));
    if (liveSteps(inner.steps, [output]).length === 0) return undefined;
    timeDistributedOf(
      emit({ graph: inner.graph, steps: inner.steps, outputs: [output], inputs: [input], trainable: true }).layers,
    );
  } catch {
    return undefined; // the operators may do without, or say what is wrong
  }
  const shape = shapeOfUse(output);
  const ref = builder.add({
    node,
    kind: "timeDistributed",
    uses: [use(x, [steps, ...rest])],
    shape: [count, ...shape],
    make({ names, trainable, take }) {
      const made = emit({
        graph: inner.graph,
        steps: inner.steps,
        outputs: [output],
        inputs: [input],
        trainable,
        names,
      });
      take(made);
      return [timeDistributedOf(made.layers)];
    },
  });
  const given = output.wanted!.map((axis): Atom[] => (axis.length === 0 ? [] : [{ size: axisSize(axis) }]));
  const own: Atom[] = [{ size: count }];
  const view: View = { ref, axes: [[builder.rows, ...own], ...given], stored: [...own, ...given.flat()] };
  builder.views.set(left, view);
  return region.nodes;
}
