// A formula as it is drawn with matrices: `[dw1] = [xᵀ] · [dZ1]`, from the library's tree.
import type { Expression } from "wasmgrad";
import type { TensorPart } from "./trees.ts";
import { tensorsIn } from "./trees.ts";

/** A matrix with the signs before it; signs after the last matrix stand alone. */
export interface Drawn {
  readonly before: readonly (string | Expression)[];
  readonly matrix: TensorPart | undefined;
}

const FUNCTIONS: Readonly<Record<string, string>> = { sigmoid: "σ" };

/**
 * The matrices of a formula in its order, with signs between them. A tensor that comes again is a name. Undefined where the formula
 * has no such line: fractions, cases.
 */
export function drawn(expression: Expression): Drawn[] | undefined {
  const all: Drawn[] = [];
  const seen = new Set<string>();
  let signs: (string | Expression)[] = [];
  const put = (sign: string | Expression): true => Boolean(signs.push(sign)) as true;
  const known = (e: Expression): boolean => tensorsIn(e).every(({ name }) => seen.has(name));
  const listed = (parts: readonly Expression[], sign: string): boolean =>
    parts.every((part, i) => {
      if (i > 0) put(part.op === "negative" && sign === "+" ? "−" : sign);
      return draw(part.op === "negative" && i > 0 ? part.of : part);
    });
  const draw = (e: Expression): boolean => {
    // what has nothing new in it is written, not drawn
    if (e.op !== "tensor" && known(e)) return put(e);
    switch (e.op) {
      case "tensor":
        if (seen.has(e.name)) return put(e);
        seen.add(e.name);
        all.push({ before: signs, matrix: e });
        signs = [];
        return true;
      case "add":
        return listed(e.parts, "+");
      case "hadamard":
        // a sum within would need parentheses around matrices
        return (
          e.parts.every((part) => part.op === "tensor" || known(part) || laterKnown(e.parts, part)) &&
          listed(e.parts, "∘")
        );
      case "times":
        return listed(e.parts, "·");
      case "matmul":
        return draw(e.left) && put("·") && draw(e.right);
      case "negative":
        return put("−") && draw(e.of);
      case "call":
        return e.of.length === 1 && put(FUNCTIONS[e.name] ?? e.name) && draw(e.of[0]!);
      case "sum":
        return e.along !== "all" && e.of.op === "tensor" && put("∑") && draw(e.of);
      default:
        return false;
    }
  };
  if (!draw(expression)) return undefined;
  return signs.length > 0 ? [...all, { before: signs, matrix: undefined }] : all;
}

/** Is everything in a part drawn by the parts before it? */
function laterKnown(parts: readonly Expression[], part: Expression): boolean {
  const before = new Set(
    parts
      .slice(0, parts.indexOf(part))
      .flatMap(tensorsIn)
      .map(({ name }) => name),
  );
  return tensorsIn(part).every(({ name }) => before.has(name));
}
