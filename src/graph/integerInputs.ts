// Requires inputs of a model to be integers, such as the indices into an embedding's table.
import type { Rule } from "../data/samples.ts";
import type { GraphNode } from "./layer.ts";
import { whereText } from "./layer.ts";
import { INPUT, type Value } from "./layer.ts";
import { sizeOf } from "../util/shape.ts";

/** How many integers from 0 on float32 tells apart: inputs come as float32. */
export const MOST_INTEGERS = 16_777_216;

/**
 * The rule that what a layer reads must be integers from `least` to `most`. It must come from the model's input.
 * @param slot of the layer's other inputs; "" for the one that it works on
 */
export function requireIntegers(
  nodes: readonly GraphNode[],
  node: GraphNode,
  slot: string,
  least: number,
  most: number,
): Rule[] {
  const { layer, index } = node;
  const where = whereText(layer, index);
  let value: Value | undefined = slot === "" ? node.from : node.others[slot];
  if (value === undefined) return [];
  const count = sizeOf(value === INPUT ? node.input : nodes[value]!.output);
  // where in a row of the input each of them is
  const places = Uint32Array.from({ length: count }, (_, i) => i);
  while (value !== INPUT) {
    const { layer: writer, from, input }: GraphNode = nodes[value]!;
    const move = writer.placeOf?.(input) ?? ((place: number) => place + (writer.offset ?? 0));
    if (writer.kernel !== undefined && writer.offset === undefined && !writer.placeOf) {
      throw new RangeError(
        `${where}: ${slot || "what it reads"} must be an input of the model, not what a layer computes`,
      );
    }
    places.forEach((place, i) => (places[i] = move(place)));
    value = from;
  }
  if (most > MOST_INTEGERS) {
    throw new RangeError(
      `${where}: ${slot || "what it reads"} may be up to ${most}, but inputs are float32, which tells whole numbers apart up to ` +
        `${MOST_INTEGERS}`,
    );
  }
  const what = `${slot ? `the ${slot}` : "what is looked up"} of ${where}`;
  const rule: Rule = ({ data, rows, scale }, size, caller) => {
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < count; i++) {
        const number = data[r * size + places[i]!]! * scale;
        if (Number.isInteger(number) && number >= least && number <= most) continue;
        throw new RangeError(
          `${caller}: ${what} must be whole numbers from ${least} to ${most}, but x at row ${r}, position ${i} is ${number}`,
        );
      }
    }
  };
  const runs: { offset: number; count: number }[] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last && last.offset + last.count === place) last.count++;
    else runs.push({ offset: place, count: 1 });
  }
  return [Object.assign(rule, { integers: runs.map((run) => ({ ...run, least, most, what })) })];
}
