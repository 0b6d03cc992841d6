// Giving layers their places: names, shapes, and the names of a textbook.
import { checkKind } from "./check.ts";
import { type Layer, whereText } from "./layer.ts";
import type { Node } from "./plan.ts";
import type { Shape } from "./shape.ts";

/** A layer in its place, before any memory is taken. */
export type Draft = Omit<Node, "parameters"> & {
  readonly specs: ReturnType<NonNullable<Layer["parameters"]>>;
};

/** Names and shapes, checked before any memory is taken. */
export function draft(inputShape: Shape, layers: readonly Layer[]): Draft[] {
  layers.forEach(checkLayer);
  const given = layers.flatMap((layer) => layer.name ?? []);
  const twice = given.find((name, i) => given.indexOf(name) < i);
  if (twice !== undefined) {
    throw new RangeError(`sequential: two layers are called ${JSON.stringify(twice)}; names must differ`);
  }
  const names = new Set(given);
  let shape = inputShape;
  let number = 0; // of layers with parameters so far: the book's index
  let activated = true;
  return layers.map((layer, index) => {
    const where = whereText(layer, index);
    const count = layers.slice(0, index + 1).filter(({ type }) => type === layer.type).length;
    const name = layer.name ?? freeName(layer.type, count, names);
    names.add(name);
    const input = shape;
    const output = layer.outputShape(input, where);
    const specs = layer.parameters?.(input) ?? [];
    let outputName = name;
    if (specs.length > 0) {
      number++;
      activated = false;
      outputName = `Z${number}`;
    } else if (layer.activation && !activated) {
      activated = true;
      outputName = `a${number}`;
    }
    const bookNames = Object.fromEntries(
      specs.map((spec) => [spec.name, `${{ weight: "w", bias: "b" }[spec.name] ?? spec.name}${number}`]),
    );
    shape = output;
    return { layer, name, index, input, output, outputName, bookNames, specs };
  });
}

function checkLayer(layer: Layer, index: number): void {
  const place = `layer ${index + 1}`;
  checkKind(typeof layer?.outputShape === "function", "sequential", place, "a layer such as dense(10)", layer);
  const { name } = layer;
  checkKind(name === undefined || typeof name === "string", "sequential", `the name of ${place}`, "a string", name);
}

/** dense1, dense2, ...: a layer's type and how many of it there are so far, or the next number that is not taken. */
function freeName(type: string, count: number, taken: ReadonlySet<string>): string {
  return taken.has(`${type}${count}`) ? freeName(type, count + 1, taken) : `${type}${count}`;
}
