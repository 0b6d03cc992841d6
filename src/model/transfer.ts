// Transfers weights between models: `cut` makes the first layers of a model the beginning of another, `copyWeights` copies by name.
import { type GraphBuilder, INPUT, type Layer, type ModelNode } from "../graph/layer.ts";
import { checkBoolean, checkKeys, checkKind, isObject, kindOf } from "../util/check.ts";
import { chainOf } from "../nn/composites/composite.ts";
import { Graph } from "../graph/graph.ts";
import type { SafeTensors } from "../formats/safetensors.ts";
import { checkModel, type Model } from "./model.ts";
import type { PlacedParameter } from "../graph/parameter.ts";
import { type Shape, shapeText } from "../util/shape.ts";

/**
 * The layers of a model from its input up to one of them, as one value that brings its weights, running statistics, and names
 * along: what a model for another task begins with. Later training of either model doesn't change the other.
 *
 * @param model usually a trained one
 * @param name of a layer, or of the last one within a composite; names that weren't given are in `model.summary()`
 * @param options.trainable false: what is carried over stays as it is; true: all of it is trained, also what was frozen in the model,
 * inside composites, too; default: trained or frozen as in the model
 * @throws {TypeError | RangeError} if an option can't be used, or no layer that others follow one by one has the name; when a
 * model is made, if its input gives a parameter another shape
 * @example
 * const trained = await sequential({ input: 4 }, dense(16), relu({ name: "features" }), dense(3));
 * const start = cut(trained, "features", { trainable: false });
 * const fresh = await sequential({ input: 4 }, start, dense(2)); // the head alone is trained
 */
export function cut(model: Model, name: string, options: { trainable?: boolean } = {}): Layer {
  checkModel("cut", "the first argument", model);
  checkKind(typeof name === "string", "cut", "the second argument", "a layer's name", name);
  checkKeys("cut", options, ["trainable"]);
  const { trainable } = options;
  if (trainable !== undefined) checkBoolean("cut", "trainable", trainable);
  const { layers, nodes } = partOf(model, name);
  const values = new Map(model.parameters().map((p) => [p.name, p] as const));
  const kept = nodes.flatMap(({ parameters }) => parameters.map((p) => values.get(p.name)!));
  const weights = new Map(kept.map((p) => [p.name, p.get()]));
  const shapes = new Map(kept.map((p) => [p.name, p.shape]));
  const inside = chainOf("cut", namedAs(layers, nodes, trainable === true));
  return Object.freeze<Layer>({
    ...inside,
    trainable,
    weights,
    expand(graph, x) {
      const from = graph.nodes.length;
      const end = inside.expand!.call(this, graph, x);
      for (const node of graph.nodes.slice(from)) checkShapes(node, shapes);
      return end;
    },
  });
}

/** The layers of a model up to a name, and their nodes. */
function partOf(model: Model, name: string): { layers: readonly Layer[]; nodes: readonly ModelNode[] } {
  const graph = new Graph(model.inputShape);
  let value = model.inputs ? graph.add(model.inputs.entry, INPUT) : INPUT;
  const known: string[] = [];
  for (const [i, layer] of model.layers.entries()) {
    value = graph.add(layer, value);
    const nodes = model.nodes.slice(0, graph.nodes.length);
    let last = layer;
    while (last.inner && last.inner.length > 0) last = last.inner.at(-1)!;
    // a composite has the name of its last layer, and of what it ends with, such as the sum of a residual
    const names = [
      nodes.findLast((node) => (node.layer.original ?? node.layer) === last)?.name,
      model.nodes[value]?.name,
    ];
    if (names.includes(name)) return { layers: model.layers.slice(0, i + 1), nodes };
    known.push(...new Set(names.filter((each) => each !== undefined)));
  }
  const inside = model.nodes.some((node) => node.name === name);
  throw new RangeError(
    `cut: ${inside ? `"${name}" is inside of a composite, which can't be cut` : `no layer is called ${JSON.stringify(name)}`}; ` +
      `a model can be cut behind ${known.join(", ")}`,
  );
}

/** The same layers, named as their nodes are: parameters are found by these names. `unfreeze`: and none of them frozen. */
function namedAs(layers: readonly Layer[], nodes: readonly ModelNode[], unfreeze: boolean): readonly Layer[] {
  const names = new Map<Layer, string[]>();
  for (const { layer, name } of nodes) {
    const key = layer.original ?? layer;
    names.set(key, [...(names.get(key) ?? []), name]);
  }
  const shared = new Map<Layer, Layer>();
  const rename = (layer: Layer): Layer => {
    const inner = layer.inner?.map(rename);
    const name = names.get(layer)?.shift();
    const known = shared.get(layer);
    if (known) return known;
    const renamed = Object.freeze<Layer>({
      ...layer,
      ...(inner ? { inner } : { name: name ?? layer.name }),
      ...(unfreeze && layer.trainable === false ? trained(layer) : {}),
    });
    if (layer.shared) shared.set(layer, renamed);
    return renamed;
  };
  return layers.map(rename);
}

/** What makes a layer a trained one: files have it among the options. */
const trained = ({ options }: Layer): Pick<Layer, "trainable" | "options"> => ({
  trainable: true,
  options: "trainable" in options ? Object.freeze({ ...options, trainable: true }) : options,
});

/** Refuses parameters of another shape than in the model that was cut. */
function checkShapes({ layer, specs }: GraphBuilder["nodes"][number], shapes: ReadonlyMap<string, Shape>): void {
  for (const spec of specs) {
    const name = `${layer.name}.${spec.name}`;
    const before = shapes.get(name);
    if (spec.owner || !before || shapeText(before) === shapeText(spec.shape)) continue;
    throw new RangeError(
      `cut: ${name} was ${shapeText(before)} in the model that was cut, but here it would be ${shapeText(spec.shape)}; ` +
        `the input must be like that model's`,
    );
  }
}

/**
 * Copies the parameters that have the same name and shape in both, running statistics included.
 *
 * @param source a model, or the tensors of a file: what `readSafetensors` gives
 * @param target whose parameters are written over; those that the source doesn't have stay as they are
 * @returns the names of what was copied
 * @throws {TypeError} if an argument can't be used
 * @throws {RangeError} if nothing fits
 * @example
 * const bigger = await sequential({ input: 4 }, dense(8), tanh(), dense(3), tanh(), dense(2));
 * copyWeights(model, bigger); // ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"]
 */
export function copyWeights(source: Model | SafeTensors, target: Model): string[] {
  const tensors =
    isObject(source) && "tensors" in source && kindOf(source.tensors) === "Map" ? source.tensors : undefined;
  if (!tensors)
    checkModel("copyWeights", "the first argument", source as Model, "a model or what readSafetensors gives");
  checkModel("copyWeights", "the second argument", target);
  if (!tensors) {
    const copied = copyBetween(source as Model, target);
    if (copied.length > 0) return copied;
  }
  const sources = tensors
    ? [...tensors].map(([name, { shape, data }]) => ({ name, shape, get: (): ArrayLike<number> => data }))
    : (source as Model).parameters();
  const byName = new Map(sources.map((each) => [each.name, each] as const));
  const targets = target.parameters();
  const fitting = targets.filter(
    ({ name, shape }) => byName.has(name) && shapeText(byName.get(name)!.shape) === shapeText(shape),
  );
  if (fitting.length === 0) {
    const list = (all: readonly { name: string; shape: Shape }[]): string =>
      all.map(({ name, shape }) => `${name} ${shapeText(shape)}`).join(", ") || "nothing";
    throw new RangeError(
      `copyWeights: no parameter has the same name and shape in both; the source has ${list(sources)}, ` +
        `the target ${list(targets)}; give layers the same \`name\``,
    );
  }
  for (const parameter of fitting) parameter.set(byName.get(parameter.name)!.get());
  return fitting.map(({ name }) => name);
}

/** Copies what has the same name and shape from memory to memory: a model's numbers are finite. Returns the names. */
function copyBetween(source: Model, target: Model): string[] {
  const placedIn = ({ nodes }: Model): Map<string, PlacedParameter> =>
    new Map(nodes.flatMap(({ parameters }) => parameters.map((p) => [p.name, p] as const)));
  const sources = placedIn(source);
  const copied: string[] = [];
  for (const { name, shape, size, address } of placedIn(target).values()) {
    const from = sources.get(name);
    if (!from || shapeText(from.shape) !== shapeText(shape)) continue;
    target.refuse(`${name}.set`, false);
    target.onSet?.(name, address, source.core.arena.read(from.address, size) as Float32Array<ArrayBuffer>);
    target.core.arena.write(address, source.core.arena.floats(from.address, size));
    copied.push(name);
  }
  return copied;
}
