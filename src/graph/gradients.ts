// Plans the gradients of a graph: which nodes compute them, and the buffers that they are stored in. Each reader of a value adds a
// part to its gradient; the parts are summed before the backward pass of the node that wrote the value.
import { INPUT, isTrained, type ModelNode, type Value, valuesOf } from "./layer.ts";
import type { Liveness, PlanOptions } from "./liveness.ts";
import type { Buffer } from "./memoryPlanner.ts";

/** Gradients of a node: of its output, its input and its other inputs. */
export interface NodeGradients {
  readonly dy: Buffer;
  readonly dx: Buffer | undefined;
  readonly others: Readonly<Record<string, Buffer | undefined>>;
  /** Parts of dy, which are summed into it first: one from each reader of the output. */
  readonly parts: readonly Buffer[];
}

/** The gradients of a graph. */
export interface GradientPlan {
  /** By node; none where no trained parameter and no requested input gradient depends on it. */
  readonly nodes: readonly (NodeGradients | undefined)[];
  /** Gradient of the model's output: where the backward pass begins. */
  readonly output: Buffer;
  /** Gradient of the model's input and its parts, if it is computed; without `dx` nothing depends on the input. */
  readonly input: { readonly dx: Buffer | undefined; readonly parts: readonly Buffer[] } | undefined;
}

/** Plans the gradients, last node first, and how long each of their buffers is in use. */
export function planGradients(values: Liveness, options: PlanOptions): GradientPlan {
  const { nodes, separate, inputGradient } = options;
  const n = nodes.length;
  const needed = neededGradients(values, nodes, inputGradient);
  const output = values.add(nodes.at(-1)!.output, n);
  const parts = new Map<Value, Buffer[]>([[values.writerOf(n - 1), [output]]]);

  // the parts of a value's gradient, and the buffer of their sum
  const collect = (value: Value, step: number): [Buffer[], Buffer | undefined] => {
    const all = parts.get(value) ?? [];
    for (const part of all) part.useUntil(step);
    const [first] = all;
    if (all.length < 2) return [all, first];
    return [all, separate || first!.shared ? values.add(values.shapeOf(value), step) : first];
  };

  // the buffer for the gradient of what a node reads, which becomes a part of that value's gradient
  const give = ({ layer }: ModelNode, dy: Buffer, value: Value, slot: string, step: number): Buffer | undefined => {
    const writer = values.writerOf(value);
    if (!needed.has(writer) || layer.fixed?.includes(slot)) return undefined;
    let buffer = dy;
    if (layer.passesGradient && !separate) dy.shared = true;
    else if (!layer.inPlace || slot !== "" || separate || dy.shared) {
      buffer = values.add(values.shapeOf(value), step);
    }
    const all = parts.get(writer);
    if (all) all.push(buffer);
    else parts.set(writer, [buffer]);
    return buffer;
  };

  const gradients: (NodeGradients | undefined)[] = [];
  for (let i = n - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const step = 2 * n - i;
    const [all, dy] = collect(i, step);
    if (values.passesOn(node) || !dy || !needed.has(i)) continue;
    dy.useUntil(step);
    const others = Object.entries(node.others).map(
      ([slot, value]) => [slot, give(node, dy, value, slot, step)] as const,
    );
    gradients[i] = { dy, dx: give(node, dy, node.from, "", step), others: Object.fromEntries(others), parts: all };
  }
  let input: GradientPlan["input"];
  if (inputGradient) {
    const [all, dx] = collect(INPUT, 2 * n + 1);
    dx?.useUntil(2 * n + 1);
    input = { dx, parts: all };
  }
  return { nodes: gradients, output, input };
}

/** The values whose gradients are needed: they depend on a trained parameter, or on an input whose gradient is requested. */
export function neededGradients(
  values: Liveness,
  nodes: readonly ModelNode[],
  input?: boolean,
  parameters = true,
): ReadonlySet<Value> {
  const needed = new Set<Value>(input ? [INPUT] : []);
  for (const node of nodes) {
    if (values.passesOn(node)) continue;
    if ((parameters && isTrained(node)) || valuesOf(node).some((value) => needed.has(values.writerOf(value))))
      needed.add(node.index);
  }
  return needed;
}
