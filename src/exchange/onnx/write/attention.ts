// Attention, as products of matrices. Where a query attends to nothing its weights are 0, not those of a softmax.
import { int } from "./graphWriter.ts";
import { project } from "./dense.ts";
import type { LayerWriter, Place } from "./place.ts";
import { BOOL } from "./value.ts";

/** The least float32: its power of e beside any score is 0. */
const LEAST = -3.4028234663852886e38;

interface Options {
  readonly heads: number;
  readonly causal: boolean;
}

/** [steps, width] to [heads, steps, width / heads], or with the last two axes exchanged. */
function split(place: Place, tensor: string, steps: number, width: number, heads: number, turned: boolean): string {
  const parts = place.graph.reshape(tensor, [-1, steps, heads, width / heads]);
  return place.graph.transpose(parts, turned ? [0, 2, 3, 1] : [0, 2, 1, 3]);
}

const attention: LayerWriter = (place) => {
  const { graph, others, input } = place;
  const { heads, causal } = place.options as unknown as Options;
  const memory = others["memory"] ?? place.x;
  const [steps, positions] = [input[0]!, memory.shape[0]!];
  const [keyWidth, valueWidth] = [place.parameter("weightQ")!.shape[1]!, place.parameter("weightV")!.shape[1]!];
  const [x, attended] = [place.x.get("last"), memory.get("last")];
  const queries = split(place, project(place, x, "weightQ", "biasQ"), steps, keyWidth, heads, false);
  const keys = split(place, project(place, attended, "weightK", "biasK"), positions, keyWidth, heads, true);
  const values = split(place, project(place, attended, "weightV", "biasV"), positions, valueWidth, heads, false);
  const scale = graph.number(1 / Math.sqrt(keyWidth / heads));
  let scores = place.op("Mul", [place.op("MatMul", [queries, keys]), scale]);
  /** Of all heads, or of each. */
  const perHead = (slot: string): string => {
    const value = others[slot]!;
    return value.shape.length === 3
      ? value.get("last")
      : place.op("Unsqueeze", [value.get("last"), graph.integers([1])]);
  };
  if (others["scoreBias"]) scores = place.op("Add", [scores, perHead("scoreBias")]);
  const counts = (tensor: string): string => place.op("Cast", [tensor], { to: int(BOOL) });
  const masks: string[] = [];
  if (causal) {
    masks.push(graph.truths("causal", [steps, positions], (i) => i % positions <= Math.floor(i / positions)));
  }
  const keyMask = others["keyMask"];
  if (keyMask) masks.push(counts(graph.reshape(keyMask.get("last"), [-1, 1, 1, positions])));
  if (others["mask"]) masks.push(counts(perHead("mask")));
  const [first, ...more] = masks;
  const all = first === undefined ? undefined : more.reduce((sum, mask) => place.op("And", [sum, mask]), first);
  if (all !== undefined) scores = place.op("Where", [all, scores, graph.number(LEAST)]);
  let shares = place.op("Softmax", [scores], { axis: int(-1) });
  // with `causal` alone every query attends to the first position
  if (all !== undefined && (keyMask || others["mask"])) shares = place.op("Where", [all, shares, graph.number(0)]);
  const found = graph.transpose(place.op("MatMul", [shares, values]), [0, 2, 1, 3]);
  return place.give("last", project(place, graph.reshape(found, [-1, steps, valueWidth]), "weightO", "biasO"));
};

export const ATTENTION: Readonly<Record<string, LayerWriter>> = { attention, selfAttention: attention };
