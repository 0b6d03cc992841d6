// What mappings from ONNX's operators to layers have in common.
import * as w from "../../src/index.ts";
import type { Case } from "./archive.ts";
import type { Tensor } from "./proto.ts";
import { floats } from "./tensors.ts";

/** Says a node with the library's layers: what they give, for each of the node's outputs; undefined: no layer gives it. */
export type Mapping = (entry: Case) => Promise<readonly (Tensor | undefined)[]>;

/** All models share one core, and its binaries. */
let core: w.Core | undefined;

/** A model of layers. `parameters`: values by their names without the layer's. */
export async function modelOf(
  given: w.ModelOptions["input"],
  layers: readonly w.Layer[],
  parameters: Readonly<Record<string, ArrayLike<number>>> = {},
): Promise<w.Model> {
  const model = await w.sequential({ input: given, ...(core ? { core } : {}) }, ...layers);
  core ??= model.core;
  const own = new Map(model.parameters().map((parameter) => [parameter.name.replace(/^.*\./, ""), parameter]));
  for (const [name, values] of Object.entries(parameters)) {
    const parameter = own.get(name);
    if (!parameter) throw new RangeError(`no parameter ${name}, but ${[...own.keys()].join(", ")}`);
    parameter.set(values);
  }
  return model;
}

const rowShape = ({ shape }: Tensor): readonly number[] => (shape.length > 1 ? shape.slice(1) : [1]);

/**
 * What layers give for x: its first axis are the rows.
 * @param others the model's further inputs, by their names; the first one is x
 */
export async function apply(
  x: Tensor,
  layers: readonly w.Layer[],
  parameters: Readonly<Record<string, ArrayLike<number>>> = {},
  others: Readonly<Record<string, Tensor>> = {},
): Promise<Tensor> {
  const all = Object.entries({ x, ...others });
  const given = w.inputs(Object.fromEntries(all.map(([name, tensor]) => [name, rowShape(tensor)])));
  const model = await modelOf(all.length > 1 ? given : rowShape(x), layers, parameters);
  const numbers = all.map(([name, { data }]) => [name, Float32Array.from(data)] as const);
  const rows = all.length > 1 ? given.join(Object.fromEntries(numbers)) : numbers[0]![1];
  return floats(model.predict(rows), [x.shape[0]!, ...model.outputShape]);
}

/** `apply` with the entire tensor as one row, for layers that may change every axis. */
export async function applyToAll(
  x: Tensor,
  layers: readonly w.Layer[],
  parameters: Readonly<Record<string, ArrayLike<number>>> = {},
  others: Readonly<Record<string, Tensor>> = {},
): Promise<Tensor> {
  const row = (tensor: Tensor): Tensor => ({
    ...tensor,
    shape: [1, ...(tensor.shape.length > 0 ? tensor.shape : [1])],
  });
  const rows = Object.fromEntries(Object.entries(others).map(([name, tensor]) => [name, row(tensor)]));
  const y = await apply(row(x), layers, parameters, rows);
  return { ...y, shape: y.shape.slice(1) };
}

/** Whole tensors, combined by a composite of branches. */
export async function combine(
  [x, ...more]: readonly Tensor[],
  make: (branches: readonly w.Layer[]) => w.Layer,
): Promise<Tensor> {
  if (more.length === 0) return { ...(await applyToAll(x!, [w.identity()])), shape: x!.shape };
  const others = Object.fromEntries(more.map((tensor, i) => [`other${i}`, tensor]));
  const branches = ["x", ...Object.keys(others)].map((name) => w.from(name));
  return applyToAll(x!, [make(branches)], {}, others);
}

/** Whole tensors, one after another along an axis. */
export const joinAll = (tensors: readonly Tensor[], axis: number): Promise<Tensor> =>
  combine(tensors, (branches) => w.concat(branches, { axis }));
