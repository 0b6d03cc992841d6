// All operators that are known, and what is said of others.
import { valueText } from "../../../../util/check.ts";
import { nearest } from "../../../../util/suggest.ts";
import type { WorkNode } from "../workGraph.ts";
import { ACTIVATIONS } from "./activations.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import type { Builder } from "./builder.ts";
import type { Operator } from "./family.ts";
import { LAST_STEPS } from "./lastSteps.ts";
import { JOINS } from "./joins.ts";
import { LINEAR } from "./linear.ts";
import { MASKS } from "./masks.ts";
import { MOVEMENT } from "./movement.ts";
import { NORMS } from "./norms.ts";
import { PARTS } from "./parts.ts";
import { RECURRENT } from "./recurrent.ts";
import { REDUCTIONS } from "./reductions.ts";
import { ATTENTION } from "./attentionOperator.ts";
import { WINDOWS } from "./windows.ts";

/** Operators that no layer has, and what would work in their place. */
const INSTEAD: Readonly<Record<string, string>> = {
  ArgMax: "export the model without it: model.classify gives the largest number's place",
  ArgMin: "export the model without it",
  TopK: "export the model without it, and sort what the model gives",
  NonMaxSuppression: "export the model without it, and choose among what it gives",
  If: "export it with the condition fixed, so that one branch is left",
  Loop: "export it unrolled: a loop over a fixed number of times",
  Scan: "LSTM, GRU and RNN have layers",
  Erf: "a Gelu of Div, Erf, Add, Mul and Mul has a layer",
  Log: "LogSoftmax has a layer",
  Sin: "features by sines can be computed before, as a part of x",
  Cos: "features by cosines can be computed before, as a part of x",
  Sqrt: "normalisations have layers, where it is part of one",
  Where: "a mask that is a constant, before a Softmax, has a layer",
  Tile: "copies along one axis, whose number is a constant of 1 to 256, have one",
  ConstantOfShape: "one whose shape follows from constants, or from the input's, has none to compute",
  Range: "one whose bounds follow from constants, or from the input's shape, has none to compute",
  Einsum: "MatMul and Transpose have layers",
  ScatterND: "Concat, Slice and Pad have layers",
  QuantizeLinear: "export the model before it is quantised",
  DequantizeLinear: "export the model before it is quantised",
};

/** Operators of others that mean what ONNX's own of the same name do. */
const SAME = ["com.microsoft.Gelu", "com.microsoft.SimplifiedLayerNormalization"];

/** Names that are listed beside one that is unknown. */
const NEAR = 4;

let known: ReadonlyMap<string, Operator> | undefined;

/** The operator of a node. Throws if there is none. */
export function operatorOf(builder: Builder, node: WorkNode): Operator {
  known ??= new Map(
    [
      ACTIVATIONS,
      ARITHMETIC,
      ATTENTION,
      LAST_STEPS,
      JOINS,
      LINEAR,
      MASKS,
      MOVEMENT,
      NORMS,
      PARTS,
      RECURRENT,
      REDUCTIONS,
      WINDOWS,
    ].flatMap((family) => Object.entries(family)),
  );
  const { operator, domain } = node;
  const isKnown = domain === "" || SAME.includes(`${domain}.${operator}`);
  const found = isKnown ? known.get(operator) : undefined;
  if (found) return found;
  if (domain !== "") {
    const advice =
      domain === "com.microsoft" ? "take the file before ONNX Runtime optimised it" : "export it with ONNX's own";
    throw builder.error(node, `operators of the domain "${domain}" aren't known; ${advice}`);
  }
  const advice = Object.hasOwn(INSTEAD, operator) ? INSTEAD[operator] : undefined;
  throw builder.error(
    node,
    advice
      ? `no layer computes it; ${advice}`
      : `unknown operator ${valueText(operator)}; known ones that are called nearly so: ${nearest(operator, [...known.keys()], NEAR).join(", ")}`,
  );
}
