// What became of what: a line for each parameter, or for each layer that has none.
import type { Model } from "../../src/index.ts";
import type { Text } from "../text.ts";

/** What was done with the numbers of a tensor. */
export type Done =
  | "copied"
  | "transposed"
  | "reordered"
  | "reshaped"
  | "part"
  | "added"
  | "folded"
  | "computed"
  | "rounded"
  | "float32"
  | "layer"
  | "left";

/** What that is called. */
export const DONE: Readonly<Record<Done, Text>> = {
  copied: { en: "copied", zh: "照抄" },
  transposed: { en: "transposed", zh: "转置" },
  reordered: { en: "re-ordered", zh: "重新排序" },
  reshaped: { en: "reshaped", zh: "改变形状" },
  part: { en: "a part of it", zh: "取其一部分" },
  added: { en: "added", zh: "相加" },
  folded: { en: "folded", zh: "合并" },
  computed: { en: "computed", zh: "计算得出" },
  rounded: { en: "rounded", zh: "舍入" },
  float32: { en: "as float32", zh: "转为 float32" },
  layer: { en: "", zh: "" },
  left: { en: "left out", zh: "略去" },
};

type Shape = readonly number[];

/** A line: a name and a shape in the file, a name and a shape of the model. */
export interface Row {
  /** In the file: a tensor, or a node or layer. */
  readonly there: string;
  readonly thereShape?: Shape | undefined;
  /** In the model: a parameter, or a layer. */
  readonly here: string;
  readonly hereShape?: Shape | undefined;
  readonly done: Done;
}

/** A layer, or a tensor of the layer before it, as those who read and write files tell them. */
export type Mapped =
  | { readonly layer: string; readonly type: string; readonly nodes: readonly string[] }
  | { readonly inputs: readonly string[]; readonly outputs: readonly string[] }
  | {
      readonly tensor: string;
      readonly shape: Shape;
      readonly data: Numbers["data"];
      readonly parameters: readonly string[];
    };

/** What is added to the options of a function that reads or writes files, to be told. */
export const telling = (all: Mapped[]): object => ({
  [Symbol.for("wasmgrad.onMapped")]: (mapped: Mapped) => void all.push(mapped),
});

/** The same as rows. */
export function rowsOf(all: readonly Mapped[], model: Model): Row[] {
  const parameters = new Map(model.parameters().map(({ name, shape, get }) => [name, { shape, get }] as const));
  const uses = new Map<string, number>();
  for (const mapped of all) {
    if ("tensor" in mapped) for (const name of mapped.parameters) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const order = [...parameters.keys()];
  /** The lines of a layer's tensors so far, to be put in the order of the parameters. */
  let own: Row[] = [];
  const rows: Row[] = [];
  const flush = (): void => {
    rows.push(...own.toSorted((a, b) => order.indexOf(a.here) - order.indexOf(b.here)));
    own = [];
  };
  for (const mapped of all) {
    if ("layer" in mapped) {
      flush();
      rows.push({ there: nodesText(mapped.nodes), here: `${mapped.layer} (${mapped.type})`, done: "layer" });
      continue;
    }
    if (!("tensor" in mapped)) continue;
    for (const name of mapped.parameters) {
      const { shape, get } = parameters.get(name)!;
      const done = doneOf(mapped, { shape, data: get() });
      const added = done === "computed" && (uses.get(name)! > 1 || mapped.parameters.length > 1);
      const isKnown = mapped.tensor !== "";
      const line = {
        there: isKnown ? mapped.tensor : "-",
        thereShape: isKnown ? mapped.shape : undefined,
        here: name,
        hereShape: shape,
      };
      own.push({ ...line, done: added ? "added" : done });
    }
  }
  flush();
  return rows;
}

/** What a file calls inputs and outputs, where it was told. */
export const endsOf = (
  all: readonly Mapped[],
): { readonly inputs: readonly string[]; readonly outputs: readonly string[] } =>
  all.find((mapped) => "outputs" in mapped) ?? { inputs: [], outputs: [] };

/** Operators of nodes, those of which there are several with their number. */
function nodesText(nodes: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return Array.from(counts, ([node, n]) => (n > 1 ? `${n} ${node}` : node)).join(" ") || "-";
}

/** Numbers with their shape. */
interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

/** What was done with a tensor so that it is a parameter, by their numbers: it isn't said, but seen. */
export function doneOf(there: Numbers, here: Numbers): Done {
  const size = here.data.length;
  const at = (of: Numbers, i: number): number => Math.fround(Number(of.data[i]));
  const plain = (shape: Shape): string => shape.filter((n) => n !== 1).join("x");
  if (there.data.length !== size) return partDone(there, here, at);
  const axes = there.shape.map((_, i) => i);
  const orders = axes.length <= 4 ? permutations(axes) : [axes];
  for (const order of orders) {
    const isSame = order.every((axis, i) => axis === i);
    const shape = order.map((axis) => there.shape[axis]!);
    if (!isSame && plain(shape) !== plain(here.shape)) continue;
    if (!moved(there.shape, order, (from, to) => Object.is(at(there, from), at(here, to)))) continue;
    return !isSame ? "transposed" : plain(there.shape) === plain(here.shape) ? "copied" : "reshaped";
  }
  return sumOf(there, at) === sumOf(here, at) ? "reordered" : "computed";
}

/** The same where the tensor has more numbers: the parameter may be a part of it, or two parts that were added, such as biases. */
function partDone(there: Numbers, here: Numbers, at: (of: Numbers, i: number) => number): Done {
  const size = here.data.length;
  if (size === 0 || there.data.length % size !== 0) return "computed";
  const count = there.data.length / size;
  const part = (from: (k: number) => number): Numbers => ({ shape: [size], data: Float32Array.from({ length: size }, (_, k) => at(there, from(k))) }); // prettier-ignore
  const parts = Array.from({ length: count }, (_, i) => part((k) => i * size + k));
  // or along the last axis
  const width = there.shape.at(-1)!;
  const own = width / count;
  const columns = width % count === 0 ? parts.map((_, i) => part((k) => Math.floor(k / own) * width + i * own + (k % own))) : []; // prettier-ignore
  const sum = sumOf(here, at);
  if ([...parts, ...columns].some((each) => sumOf(each, at) === sum)) return "part";
  const sums = parts
    .slice(1)
    .map(({ data }, i) => Float32Array.from({ length: size }, (_, k) => Number(data[k]) + at(parts[i]!, k)));
  return sums.some((data) => sumOf({ shape: [size], data }, at) === sum) ? "added" : "computed";
}

const permutations = (axes: readonly number[]): number[][] =>
  axes.length <= 1
    ? [[...axes]]
    : axes.flatMap((axis, i) => permutations(axes.filter((_, k) => k !== i)).map((rest) => [axis, ...rest]));

/** Goes through a transposition; ends where `holds` doesn't. */
function moved(shape: Shape, order: readonly number[], holds: (from: number, to: number) => boolean): boolean {
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const size = shape.reduce((product, n) => product * n, 1);
  const place = sizes.map(() => 0);
  for (let to = 0, from = 0; to < size; to++) {
    if (!holds(from, to)) return false;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return true;
}

/** A number that is the same whatever the order is. */
function sumOf(of: Numbers, at: (of: Numbers, i: number) => number): string {
  const number = new Float32Array(1);
  const word = new Uint32Array(number.buffer);
  let [sum, mixed] = [0, 0];
  for (let i = 0; i < of.data.length; i++) {
    number[0] = at(of, i);
    sum = (sum + word[0]!) % 2_147_483_647;
    mixed = (mixed ^ Math.imul(word[0]! ^ (word[0]! >>> 15), 0x85eb_ca6b)) >>> 0;
  }
  return `${sum} ${mixed}`;
}

const BITS: Readonly<Record<string, number>> = { float64: 64, float32: 32, float16: 16, bfloat16: 16 };

/** What is done where a type becomes another. */
export function doneOfType(from: string, to: string): Done {
  if (from === to) return "copied";
  const [before, after] = [BITS[from] ?? 8, BITS[to] ?? 8];
  // float16 has more digits than bfloat16, and that a larger range
  return after > before && to === "float32" ? "float32" : after > before ? "copied" : "rounded";
}
