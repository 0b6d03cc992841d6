// Nodes that read several values, as TensorFlow.js' layers.
import type { Shape } from "../../../util/shape.ts";
import type { Context } from "./context.ts";
import type { Write } from "./plain.ts";
import type { Ref } from "./writer.ts";

const both = (c: Context): readonly [Ref, Ref] => [c.x, c.others["other"]!];

const merge =
  (className: string): Write =>
  (c) =>
    c.writer.add(className, c.name, {}, both(c), c.node.output);

/** Numbers of the last axis become their sum. */
function summed(c: Context, x: Ref, shape: Shape): Ref {
  const n = x.shape.at(-1)!;
  const swapped = c.step("Permute", "swap", { dims: [2, 1] }, x, [n, x.shape[0]!]);
  const pooled = c.step("GlobalAveragePooling1D", "pool", {}, swapped, shape);
  return c.plain("Rescaling", { scale: n, offset: 0 }, pooled);
}

const dot: Write = (c) => {
  const [a, b] = both(c);
  const normalize = c.node.layer.kernel === "dotCosine";
  if (a.shape.length === 1) return c.writer.add("Dot", c.name, { axes: -1, normalize }, [a, b], c.node.output);
  if (normalize || a.shape.length > 2) {
    throw c.refuse(
      `takes ${normalize ? "cosines" : "products"} of rows with ${a.shape.length} axes`,
      "vectors would work",
    );
  }
  return summed(c, c.step("Multiply", "products", {}, [a, b], a.shape), c.node.output);
};

const matmul: Write = (c) => {
  const [a, b] = both(c);
  if (a.shape.length !== 2)
    throw c.refuse(`multiplies rows with ${a.shape.length} axes`, "rows of two axes would work");
  const [transposeA, transposeB] = [c.option<boolean>("transposeA"), c.option<boolean>("transposeB")];
  return c.writer.add(
    "Dot",
    c.name,
    { axes: [transposeA ? 1 : 2, transposeB ? 2 : 1], normalize: false },
    [a, b],
    c.node.output,
  );
};

const join: Write = (c) => {
  const axis = c.option<number>("axis");
  const all = [c.x, ...Object.values(c.others)];
  const place = axis < 0 ? axis : axis + 1;
  return c.writer.add("Concatenate", c.name, { axis: place }, all, c.node.output);
};

/** By the type of the node. */
export const MERGE: Readonly<Record<string, Write>> = {
  add: merge("Add"),
  dot,
  join,
  matmul,
  maximum: merge("Maximum"),
  multiply: merge("Multiply"),
  subtract: (c) => {
    const [a, b] = both(c);
    return c.writer.add("Add", c.name, {}, [a, c.rescale(b, -1, 0, "negative")], c.node.output);
  },
};
