// What mappings read from nodes.
import type { Case } from "./archive.ts";
import type { Tensor } from "./proto.ts";

/** A node that layers can't say. The message is the attribute, value or operator that is missing. */
export class Missing extends Error {}

/** Throws unless layers can say it. */
export function need(holds: boolean, what: string): void {
  if (!holds) throw new Missing(what);
}

export const numberOf = ({ node }: Case, name: string, otherwise: number): number =>
  (node.attributes.get(name) ?? otherwise) as number;

export const numbersOf = ({ node }: Case, name: string, otherwise: readonly number[]): readonly number[] =>
  (node.attributes.get(name) ?? otherwise) as readonly number[];

export const textOf = ({ node }: Case, name: string, otherwise: string): string =>
  (node.attributes.get(name) ?? otherwise) as string;

/** An input that must be there. */
export function input({ inputs, name }: Case, index: number): Tensor {
  const tensor = inputs[index];
  if (!tensor) throw new RangeError(`${name}: input ${index} is missing`);
  return tensor;
}

/** An axis from the front; negative ones count from the end. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
