// Giving layers their places: names, shapes, and the names of a textbook.
import { type Layer, whereText } from "./layer.ts";
import type { Node } from "./plan.ts";
import type { Shape } from "./shape.ts";

/** A layer in its place, before any memory is taken. */
export type Draft = Omit<Node, "parameters"> & {
  readonly specs: ReturnType<NonNullable<Layer["parameters"]>>;
};

/** Names and shapes, checked before any memory is taken. */
export function draft(inputShape: Shape, layers: readonly Layer[]): Draft[] {
  const counts = new Map<string, number>();
  const names = new Set<string>();
  let shape = inputShape;
  let number = 0; // of layers with parameters so far: the book's index
  let activated = true;
  return layers.map((layer, index) => {
    if (typeof layer?.outputShape !== "function") {
      throw new TypeError(`sequential: layer ${index + 1} must be a layer such as dense(10), got ${String(layer)}`);
    }
    const where = whereText(layer, index);
    const count = (counts.get(layer.type) ?? 0) + 1;
    counts.set(layer.type, count);
    const name = layer.name ?? `${layer.type}${count}`;
    if (names.has(name)) throw new RangeError(`sequential: two layers are called "${name}"; names must differ`);
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
