// Transfers weights between models: `cut` makes a part of a model a layer of another, `copyWeights` copies by name.
import type { GraphBuilder, Layer } from "../graph/layer.ts";
import { checkBoolean, checkKeys, checkKind, isObject, kindOf } from "../util/check.ts";
import { shared } from "../nn/composites/shared.ts";
import { chainOf } from "../nn/composites/composite.ts";
import type { SafeTensors } from "../formats/safetensors.ts";
import { checkModel, type Model } from "./model.ts";
import { type Part, partOf } from "./part.ts";
import type { PlacedParameter } from "../graph/parameter.ts";
import { sharedWeights } from "./sharedWeights.ts";
import { type Shape, shapeText } from "../util/shape.ts";

/** Options of `cut`. */
export interface CutOptions {
  /** Name of the layer or input whose value the part begins with; default the model's input. */
  readonly from?: string;
  /** False: nothing of it is trained; true: all of it; default as in the model. */
  readonly trainable?: boolean;
  /** The same parameters in the same memory, not a copy; default false. */
  readonly share?: boolean;
}

/** Options of `modelLayer`. */
export interface ModelLayerOptions {
  /** False: nothing of it is trained; true: all of it; default as in the model. */
  readonly trainable?: boolean;
  /** The same parameters in the same memory, not a copy; default true. */
  readonly share?: boolean;
  /** What the names of its layers begin with, and a dot; default nothing. */
  readonly name?: string;
}

/**
 * The layers of a model up to one of them, as one value that brings its weights, running statistics, and names along: what a model for
 * another task begins with. Later training of either model doesn't change the other.
 *
 * @param model usually a trained one
 * @param to name of a layer, also of one within a composite; that of the last one within `residual`, `chain` and the like means what the
 * composite gives; names that weren't given are in `model.summary()`
 * @param options.from name of a layer or input: the part begins with what it gives, which is then the part's input; default the model's
 * input. `cut(model, "code")` and `cut(model, "picture", { from: "code" })` are an encoder and its decoder
 * @param options.trainable false: what is carried over stays as it is; true: all of it is trained, also what was frozen in the model,
 * inside composites, too; default: trained or frozen as in the model
 * @param options.share true: the new model has the same parameters in the same memory, its core's, so that what one learns the other knows
 * at once; default false, a copy. Each has its own gradients; a trainer's optimizer has states of its own. Train them in turns, not by two `fit` at once. A file of the new
 * model has them, too
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} if there is no such layer, or other values than `from` are needed, such as what a residual adds; when a model is
 * made, if its input gives a parameter another shape, or it has another memory than what it shares
 * @example
 * const trained = await sequential({ input: 4 }, dense(16), relu({ name: "features" }), dense(3));
 * const start = cut(trained, "features", { trainable: false });
 * const fresh = await sequential({ input: 4 }, start, dense(2)); // the head alone is trained
 * const head = await sequential({ input: 16 }, cut(trained, "dense2", { from: "features" }));
 */
export function cut(model: Model, to: string, options: CutOptions = {}): Layer {
  checkModel("cut", "the first argument", model);
  checkKind(typeof to === "string", "cut", "the second argument", "a layer's name", to);
  checkKeys("cut", options, ["from", "trainable", "share"]);
  const { from, trainable, share = false } = options;
  if (from !== undefined) checkKind(typeof from === "string", "cut", "from", "a layer's name", from);
  if (trainable !== undefined) checkBoolean("cut", "trainable", trainable);
  checkBoolean("cut", "share", share);
  return layerOf("cut", model, partOf("cut", model, to, from, trainable === true), trainable, share);
}

/**
 * A model as a layer of others, with its weights: towers that see two inputs, a generator and a critic that are trained in turns. Where the value is
 * used more than once, each use has the same parameters, and their gradients are added up.
 *
 * @param model of any layers; one of several inputs reads those of the new model that have their names
 * @param options.trainable false: nothing of it changes while the new model is trained; true: all of it is trained, also what is frozen in the
 * model; default: trained or frozen as in the model
 * @param options.share true, the default: the new model has the same parameters in the same memory, its core's, so that what one learns the
 * other knows at once; false: a copy. Each has its own gradients; a trainer's optimizer has states of its own. Train them in turns, not by two
 * `fit` at once. A file of the new model has them, too
 * @param options.name what the names of its layers begin with, as in `critic.dense1`, where two models have layers of the same name; its layers
 * must then not read one another by name; default nothing
 * @throws {TypeError} if an argument can't be used
 * @throws {RangeError} if layers read one another by names that would be others; when a model is made, if its input gives a parameter another shape, or it has another memory than what it shares
 * @see Bromley and others, "Signature verification using a Siamese time delay neural network", 1993
 * @see Goodfellow and others, "Generative adversarial networks", 2014
 * @example
 * const tower = await sequential({ input: 4, seed: 1 }, dense(8), tanh(), dense(2));
 * const pair = inputs({ left: 4, right: 4 });
 * const both = modelLayer(tower); // one value, used twice
 * const twins = await sequential({ input: pair }, subtract([from("left", both), from("right", both)]), dense(1));
 * const trainer = new Trainer(twins, { loss: binaryCrossEntropyWithLogits(), optimizer: adam() });
 * const rows = pair.join({ left: [[1, 2, 3, 4], [4, 3, 2, 1]], right: [[1, 2, 3, 4], [0, 0, 0, 0]] });
 * await trainer.fit({ x: rows, y: [1, 0] });
 * tower.predict([1, 2, 3, 4]); // by what was learned
 */
export function modelLayer(model: Model, options: ModelLayerOptions = {}): Layer {
  checkModel("modelLayer", "the first argument", model);
  checkKeys("modelLayer", options, ["trainable", "share", "name"]);
  const { trainable, share = true, name } = options;
  if (trainable !== undefined) checkBoolean("modelLayer", "trainable", trainable);
  checkBoolean("modelLayer", "share", share);
  checkKind(name === undefined || typeof name === "string", "modelLayer", "name", "a string", name);
  const prefix = name === undefined ? "" : `${name}.`;
  return shared(
    layerOf(
      "modelLayer",
      model,
      partOf("modelLayer", model, undefined, undefined, trainable === true, prefix),
      trainable,
      share,
    ),
  );
}

/** A part of a model as a layer, with its weights. */
function layerOf(
  where: string,
  model: Model,
  { layers, parameters }: Part,
  trainable: boolean | undefined,
  share: boolean,
): Layer {
  const all = new Map(model.parameters().map((p) => [p.name, p] as const));
  const kept = [...parameters].map(([name, there]) => [name, all.get(there)!] as const);
  const shapes = new Map(kept.map(([name, { shape }]) => [name, shape]));
  const weights = share
    ? sharedWeights(where, model, parameters)
    : new Map(kept.map(([name, parameter]) => [name, parameter.get()]));
  const inside = chainOf("cut", layers);
  return Object.freeze<Layer>({
    ...inside,
    trainable,
    weights,
    expand(graph, x) {
      const first = graph.nodes.length;
      const end = inside.expand!.call(this, graph, x);
      for (const node of graph.nodes.slice(first)) checkShapes(where, node, shapes);
      return end;
    },
  });
}

/** Refuses parameters of another shape than in the model that was cut. */
function checkShapes(
  where: string,
  { layer, specs }: GraphBuilder["nodes"][number],
  shapes: ReadonlyMap<string, Shape>,
): void {
  for (const spec of specs) {
    const name = `${layer.name}.${spec.name}`;
    const before = shapes.get(name);
    if (spec.owner || !before || shapeText(before) === shapeText(spec.shape)) continue;
    throw new RangeError(
      `${where}: ${name} was ${shapeText(before)} in the model that was cut, but here it would be ${shapeText(spec.shape)}; ` +
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
