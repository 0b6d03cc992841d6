// Attention without weights of its own: those of our layer are unit matrices.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, joinAll, type Mapping } from "../mapping.ts";
import { input, need, numberOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { broadcast, concat, floats, reshape, sizeOf, slice, transpose } from "../tensors.ts";

/** [rows, heads, steps, size]; of three axes, the last one has the heads. */
const asHeads = (x: Tensor, heads: number): Tensor =>
  x.shape.length === 4 ? x : transpose(reshape(x, [x.shape[0]!, x.shape[1]!, heads, -1]), [0, 2, 1, 3]);

/** [rows, steps, heads size] */
const asSequence = (x: Tensor): Tensor => reshape(transpose(x, [0, 2, 1, 3]), [x.shape[0]!, x.shape[2]!, -1]);

/** A matrix that chooses columns: column c of the result is `factor` times column of(c). */
function choice(from: number, to: number, of: (column: number) => number, factor = 1): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let column = 0; column < to; column++) matrix[of(column) * to + column] = factor;
  return matrix;
}

/** A unit matrix with columns of zeros behind it. */
function unit(from: number, to: number): Float32Array {
  const matrix = new Float32Array(from * to);
  for (let i = 0; i < from; i++) matrix[i * to + i] = 1;
  return matrix;
}

/** The same sequence with columns of zeros behind it. */
function widened(x: Tensor, width: number): Tensor {
  const [rows, steps, own] = x.shape as [number, number, number];
  return own === width
    ? x
    : concat([x, floats(new Float32Array(rows * steps * (width - own)), [rows, steps, width - own])], 2);
}

/** What `causal` leaves, where `past` positions come before the first query's own. */
function triangle(steps: number, positions: number, past: number): Tensor {
  const data = Array.from({ length: steps * positions }, (_, i) =>
    i % positions <= Math.floor(i / positions) + past ? 1 : 0,
  );
  return floats(data, [1, 1, steps, positions]);
}

/** The mask and the scores' bias that are our layer's other inputs: [rows, heads, steps, positions], or without the heads. */
function scoresOf(
  mask: Tensor | undefined,
  causal: Tensor | undefined,
  shape: readonly number[],
): Record<string, Tensor> {
  const heads = mask && mask.shape.length > 2 && mask.shape.at(-3)! > 1 ? shape[1]! : 1;
  const full = [shape[0]!, heads, shape[2]!, shape[3]!];
  const all = [mask, causal].map((each) => each && broadcast(each, full).data);
  const ofRows = heads === 1 ? full.toSpliced(1, 1) : full;
  const each = (value: (i: number) => number): Tensor =>
    floats(Float32Array.from({ length: sizeOf(full) }, (_, i) => value(i)), ofRows); // prettier-ignore
  const isAdded = mask !== undefined && mask.type !== "bool";
  const [given, triangular] = all;
  const lowest = isAdded && Array.from(mask.data).includes(-Infinity);
  const masked = (i: number): boolean =>
    (given !== undefined && (isAdded ? given[i] === -Infinity : given[i] === 0)) || triangular?.[i] === 0;
  return {
    // an infinite number is a mask
    ...(causal || lowest || (mask && !isAdded) ? { mask: each((i) => (masked(i) ? 0 : 1)) } : {}),
    ...(isAdded ? { scoreBias: each((i) => (given![i] === -Infinity ? 0 : given![i]!)) } : {}),
  };
}

async function attention(entry: Case): Promise<readonly (Tensor | undefined)[]> {
  const { inputs, node } = entry;
  const [, , , mask, pastKey, pastValue, lengths] = inputs;
  need(!lengths, "nonpad_kv_seqlen");
  need(numberOf(entry, "softcap", 0) === 0, "softcap");
  need(!node.outputs[3], "qk_matmul_output");
  const q = asHeads(input(entry, 0), numberOf(entry, "q_num_heads", 1));
  const groups = numberOf(entry, "kv_num_heads", 1);
  // what was before goes first
  const before = (past: Tensor | undefined, x: Tensor): Promise<Tensor> | Tensor => (past ? joinAll([past, x], 2) : x);
  const k = await before(pastKey, asHeads(input(entry, 1), groups));
  const v = await before(pastValue, asHeads(input(entry, 2), groups));
  const [heads, steps, size] = q.shape.slice(1) as [number, number, number];
  const [shared, positions] = k.shape.slice(1) as [number, number];
  const valueSize = v.shape[3]!;
  const [keyWidth, valueWidth] = [heads * size, heads * valueSize];
  // queries and outputs have one width: the larger
  const width = Math.max(keyWidth, valueWidth);
  // keys and values side by side; the heads of a group choose the same columns
  const memory = concat([asSequence(k), asSequence(v)], 2);
  const column = (c: number, each: number): number =>
    Math.floor(Math.floor(c / each) / (heads / shared)) * each + (c % each);
  const parameters = {
    weightQ: choice(width, keyWidth, (c) => c, numberOf(entry, "scale", 1 / Math.sqrt(size)) * Math.sqrt(size)),
    weightK: choice(memory.shape[2]!, keyWidth, (c) => column(c, size)),
    weightV: choice(memory.shape[2]!, valueWidth, (c) => shared * size + column(c, valueSize)),
    weightO: unit(valueWidth, width),
  };
  const past = pastKey?.shape[2] ?? 0;
  const causal = numberOf(entry, "is_causal", 0) === 1;
  const offset = causal && past > 0 ? triangle(steps, positions, past) : undefined;
  const others = scoresOf(mask, offset, [q.shape[0]!, heads, steps, positions]);
  const layer = w.attention({
    memory: "memory",
    heads,
    keyWidth,
    valueWidth,
    causal: causal && !offset,
    useBias: false,
    ...Object.fromEntries(Object.keys(others).map((name) => [name, name])),
  });
  const all = await apply(widened(asSequence(q), width), [layer], parameters, { memory, ...others });
  const y = slice(all, 2, 0, valueWidth);
  const ofHeads = transpose(reshape(y, [q.shape[0]!, steps, heads, valueSize]), [0, 2, 1, 3]);
  return [input(entry, 0).shape.length === 3 ? y : ofHeads, k, v];
}

export const attentions: Readonly<Record<string, Mapping>> = { Attention: attention };
