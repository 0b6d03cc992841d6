// What is in a model.json around the layers: which kind of model it is, what wrote it, and the shapes of its inputs.
import { checkShape, isObject, isRecord, valueText } from "../../../util/check.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";
import { jsonText, refuse } from "./config.ts";
import type { LayerData } from "./layerData.ts";
import type { Network } from "./network.ts";

/** How deep JSON may be nested. */
const MOST_NESTED = 300;

/** Parses a model.json. */
export function parseJson(bytes: Uint8Array, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse(where, "it is no JSON in UTF-8", error);
  }
  if (!isRecord(value))
    throw refuse(where, `it must be an object with modelTopology and weightsManifest, got ${jsonText(value)}`);
  return value;
}

/** Refuses what is nested deeper than any model's; reading takes stack for each level. */
export function checkDepth(value: unknown, where: string): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_NESTED) throw refuse(where, `its values may be nested up to ${MOST_NESTED} deep`);
    level = level.flatMap((each) =>
      isObject(each) && !ArrayBuffer.isView(each) ? (Object.values(each) as unknown[]) : [],
    );
  }
}

/** The model of a topology: the layer that it is. */
export function modelOfTopology(json: Record<string, unknown>, where: string): LayerData {
  const format = json["format"];
  const graph =
    'it is a graph model, made of a SavedModel: a graph of operations, not of layers. Convert the Keras model with "tensorflowjs_converter --input_format=keras", ' +
    "or save it in TensorFlow.js with model.save; fromOnnx reads graphs of operations";
  if (format === "graph-model") throw refuse(where, graph);
  const topology = json["modelTopology"];
  if (isRecord(topology) && Array.isArray(topology["node"])) throw refuse(where, graph);
  if (!isRecord(topology)) throw refuse(`${where}: modelTopology`, `it must be an object, got ${jsonText(topology)}`);
  const model = topology["model_config"] ?? topology["modelConfig"] ?? topology;
  if (!isRecord(model)) throw refuse(`${where}: model_config`, `it must be an object, got ${jsonText(model)}`);
  const className = model["class_name"] ?? model["className"];
  if (className !== "Sequential" && className !== "Model" && className !== "Functional") {
    throw refuse(
      `${where}: modelTopology`,
      `class_name must be Sequential, Model or Functional, got ${jsonText(className)}; a model of a class of its own can't be read as layers`,
    );
  }
  const { config } = model;
  const name = isRecord(config) && typeof config["name"] === "string" ? config["name"] : className;
  return { className, config, name };
}

/** The names of layers that couldn't be written, by what was written for them: `toLayersModel` leaves them here. Other metadata are others' own. */
export function writtenNames(json: Record<string, unknown>): ReadonlyMap<string, string> {
  const metadata = json["userDefinedMetadata"];
  const names = isRecord(metadata) ? metadata["names"] : undefined;
  const pairs = isRecord(names) ? Object.entries(names) : [];
  return new Map(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== ""));
}

/** The shapes that a caller gave for inputs whose sizes a file leaves open: one, or by name. */
export type GivenShapes = number | Shape | Readonly<Record<string, number | Shape>> | undefined;

/** The shape of a row of an input, by what its layer says and what was given. */
function shapeOf(given: unknown, own: number | Shape | undefined, where: string): Shape {
  const advice = "give its shape in the option input: { input: [28, 28, 1] }";
  const wanted = own === undefined ? undefined : typeof own === "number" ? [own] : own;
  if (!Array.isArray(given) || given.length < 1) {
    if (wanted) return wanted;
    throw refuse(where, `its batch_input_shape must be a list of sizes, got ${jsonText(given)}; ${advice}`);
  }
  const sizes = given
    .slice(1)
    .map((n: unknown, i) => (n === null && wanted?.length === given.length - 1 ? wanted[i] : n));
  if (sizes.length === 0) return [1];
  const odd = sizes.find((n) => !Number.isSafeInteger(n) || (n as number) < 1);
  if (odd !== undefined) throw refuse(where, `it leaves sizes open, ${jsonText(given)}; ${advice}`);
  const shape = sizes as number[];
  if (sizeOf(shape) > 2 ** 30) throw refuse(where, `its rows must have at most 2^30 numbers, got ${jsonText(given)}`);
  if (wanted && (wanted.length !== shape.length || wanted.some((n, i) => n !== shape[i]))) {
    throw refuse(where, `the option input says ${jsonText(wanted)}, but the file ${jsonText(given)}`);
  }
  return shape;
}

/** Refuses what isn't a shape, or is that of no input. */
export function checkGiven(given: GivenShapes, names: readonly string[]): void {
  if (given === undefined) return;
  if (isShape(given)) {
    checkShape("fromLayersModel", "input", given);
    if (names.length === 1) return;
    throw new TypeError(`fromLayersModel: input must have the shape of each input by its name, ${names.join(", ")}`);
  }
  for (const [name, shape] of Object.entries(given)) {
    if (!names.includes(name)) {
      const known = names.map(valueText).join(", ");
      throw new TypeError(
        `fromLayersModel: input must have the shapes of the inputs ${known}, got one of ${valueText(name)}`,
      );
    }
    checkShape("fromLayersModel", `input.${name}`, shape);
  }
}

const isShape = (value: GivenShapes): value is number | Shape => typeof value === "number" || Array.isArray(value);

function givenFor(name: string, given: GivenShapes, count: number): number | Shape | undefined {
  if (given === undefined) return undefined;
  if (isShape(given)) return count === 1 ? given : undefined;
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

const batchShape = (config: unknown): unknown =>
  isRecord(config)
    ? (config["batch_input_shape"] ?? config["batchInputShape"] ?? config["batch_shape"] ?? config["batchShape"])
    : undefined;

/** The input of a Sequential: what its first layer says, which may be a model. */
export function sequenceInput(layers: readonly LayerData[], built: unknown, given: GivenShapes, where: string): Shape {
  checkGiven(given, ["input"]);
  let first = layers[0];
  if (!first) throw refuse(where, "the model has no layers");
  const own = givenFor("input", given, 1);
  let shape = batchShape(first.config);
  for (let depth = 0; shape === undefined && depth < 30 && isRecord(first.config); depth++) {
    const { layers: inner } = first.config;
    const entry: unknown = Array.isArray(inner) ? inner[0] : undefined;
    if (!isRecord(entry)) break;
    first = { className: "", config: entry["config"], name: first.name };
    shape = batchShape(first.config);
  }
  return shapeOf(shape ?? built, own, `layer ${valueText(layers[0]!.name)}`);
}

/** The inputs of a graph, by their names. */
export function networkInputs(
  { layers, inputs }: Network,
  given: GivenShapes,
): (readonly [name: string, shape: Shape])[] {
  checkGiven(
    given,
    inputs.map(({ layer }) => layer),
  );
  return inputs.map(({ layer }) => {
    const { data, nodes } = layers.get(layer)!;
    const where = `layer ${valueText(layer)}`;
    if (data.className !== "InputLayer" || nodes.length > 0) {
      throw refuse(where, `an input of the model must be an InputLayer, got ${jsonText(data.className)}`);
    }
    return [layer, shapeOf(batchShape(data.config), givenFor(layer, given, inputs.length), where)];
  });
}
