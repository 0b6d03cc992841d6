// A layer as a golden set describes it, and what a case of one layer gives to it.
import * as w from "../../../src/index.ts";
import type { Golden } from "../golden.ts";
import type { Config } from "./config.ts";

/** A layer as a golden set describes it. */
export interface Entry {
  readonly type: string;
  readonly config: Config;
  /** The name of our layer. */
  readonly name: string;
  /** Shape of a parameter, by its local name in the set (`weight_ih`); undefined if the layer has none. */
  parameter(key: string): readonly number[] | undefined;
  /** Other inputs of the layer (`lengths`, `h0`, `c0`, `key_mask`), which have the same names in the model. */
  readonly others: readonly string[];
}

/** The local name of one of our parameters in a golden set: `forward.weightIh` is `fwd_weight_ih`. */
export function goldenKey(local: string): string {
  const key = local.replace(/^forward\./, "fwd_").replace(/^backward\./, "bwd_");
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("_variance", "_var");
}

/** The shape of a parameter that the layer can't be without. */
export function needed(entry: Entry, key: string): readonly number[] {
  const shape = entry.parameter(key);
  if (!shape) throw new Error(`${entry.config.where}: a layer "${entry.type}" needs the parameter "${key}"`);
  return shape;
}

/** Numbers in one line are rows of one number each. */
export function rowsAndShape(golden: Golden, name: string): [number, number[]] {
  const [rows, ...shape] = golden.shape(name);
  return [rows!, shape.length === 0 ? [1] : shape];
}

/** The layer of a case of one layer, called "layer". */
export const singleEntry = (golden: Golden, others: readonly string[] = []): Entry => ({
  type: golden.case.op,
  config: golden.config,
  name: "layer",
  parameter: (key) => (golden.has(key) ? golden.shape(key) : undefined),
  others,
});

/**
 * The inputs of a model, joined.
 * @param main the first one
 * @param others names of those that come after it
 */
export function inputsOf(
  golden: Golden,
  main: string,
  others: RegExp,
): { io: w.Inputs; x: Float32Array; names: string[] } {
  const names = [main, ...Object.keys(golden.case.tensors).filter((name) => others.test(name))];
  const io = w.inputs(Object.fromEntries(names.map((name) => [name, rowsAndShape(golden, name)[1]])));
  const x = io.join(Object.fromEntries(names.map((name) => [name, Float32Array.from(golden.get(name))])));
  return { io, x, names };
}
