// Activations that are written as arithmetic around a simpler function: GELU, SiLU, Mish, HardSwish.
import type { OnnxAttribute } from "../../../../formats/onnxTypes.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { coefficientsOf, multipleOf, type Polynomial, polynomialOf, sameCoefficients } from "./polynomials.ts";
import {
  addBefore,
  downstream,
  encloses,
  type Instead,
  isMakeable,
  isOperator,
  makeMultiple,
  nodesOf,
  numberConstant,
  outputOf,
  upstream,
} from "./rewriting.ts";

/** An activation of x: an outer polynomial of x and t, where t is a function of an inner polynomial of x. */
interface Family {
  /** The operators from t back to the inner polynomial. */
  readonly inner: readonly string[];
  /** Is the inner function, with its attributes, one that goes with these coefficients, from that of x^0 on? */
  readonly fits: (coefficients: readonly number[], node: WorkNode, graph: WorkGraph) => boolean;
  /** Pairs of powers of x and t with their coefficients. */
  readonly outer: readonly (readonly [x: number, t: number, scale: number])[];
  readonly activation: (x: string, coefficients: readonly number[]) => Activation;
}

interface Activation {
  readonly operator: string;
  readonly attributes?: readonly OnnxAttribute[];
  /** x is multiplied by it first, and the result divided by it. */
  readonly slope?: number;
}

/** sqrt(2 / pi), with which GELU's other form begins. */
const ROOT_2_PI = 0.7978845608028654;
/** Exported constants are rounded, and tutorials write them with few digits. */
const FEW_DIGITS = 2e-4;

const near = (wanted: readonly number[]): Family["fits"] => {
  return (found) => found.length === wanted.length && sameCoefficients(found, wanted, FEW_DIGITS);
};
const isX: Family["fits"] = near([0, 1]);

const HALVES = [
  [1, 0, 0.5],
  [1, 1, 0.5],
] as const;

/** The bounds of Clip; NaN: it isn't known. */
export interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export function boundsOf(graph: WorkGraph, node: WorkNode): Bounds {
  const bound = (at: number, attribute: string): number | undefined =>
    node.inputs[at] ? (graph.scalar(node.inputs[at]) ?? NaN) : node.attributes.float(attribute);
  return { min: bound(1, "min"), max: bound(2, "max") };
}

const FAMILIES: readonly Family[] = [
  {
    inner: ["Erf"],
    fits: near([0, Math.sqrt(0.5)]),
    outer: HALVES,
    activation: () => ({ operator: "Gelu", attributes: [{ name: "approximate", type: "string", value: "none" }] }),
  },
  {
    inner: ["Tanh"],
    fits: near([0, ROOT_2_PI, 0, ROOT_2_PI * 0.044715]),
    outer: HALVES,
    activation: () => ({ operator: "Gelu", attributes: [{ name: "approximate", type: "string", value: "tanh" }] }),
  },
  {
    inner: ["Sigmoid"],
    fits: (found) => found.length === 2 && found[0] === 0,
    outer: [[1, 1, 1]],
    activation: (_, [, slope]) => ({ operator: "Swish", slope: slope! }),
  },
  { inner: ["Tanh", "Softplus"], fits: isX, outer: [[1, 1, 1]], activation: () => ({ operator: "Mish" }) },
  {
    inner: ["HardSigmoid"],
    fits: (found, { attributes }) =>
      sameCoefficients(found, [0, 1]) &&
      sameCoefficients([attributes.float("alpha", 0.2), attributes.float("beta", 0.5)], [1 / 6, 0.5]),
    outer: [[1, 1, 1]],
    activation: () => ({ operator: "HardSwish" }),
  },
  {
    inner: ["Clip"],
    fits: (found, node, graph) => {
      const { min, max } = boundsOf(graph, node);
      return sameCoefficients(found, [3, 1]) && min === 0 && max === 6;
    },
    outer: [[1, 1, 1 / 6]],
    activation: () => ({ operator: "HardSwish" }),
  },
];

/** GELU of both forms, SiLU, Mish and HardSwish, in every order that they can be written in. */
export function activations(graph: WorkGraph): void {
  for (const family of FAMILIES) {
    for (const node of nodesOf(graph, family.inner[0]!)) {
      const innermost = innermostOf(graph, node, family.inner);
      if (innermost) rewrite(graph, family, node, innermost);
    }
  }
}

function innermostOf(graph: WorkGraph, node: WorkNode, inner: readonly string[]): WorkNode | undefined {
  let own: WorkNode = node;
  for (const operator of inner.slice(1)) {
    const next = graph.producer(own.inputs[0] ?? "");
    if (!isOperator(next, operator)) return undefined;
    own = next;
  }
  return own;
}

function rewrite(graph: WorkGraph, family: Family, node: WorkNode, innermost: WorkNode): void {
  const argument = innermost.inputs[0] ?? "";
  const t = outputOf(node);
  const values = downstream(graph, t).slice(1);
  for (const x of upstream(graph, argument)) {
    const coefficients = coefficientsOf(polynomialOf(graph, argument, new Set([x])), x, 3);
    if (!coefficients || !family.fits(shortened(coefficients), innermost, graph)) continue;
    const pattern: Polynomial = family.outer.map(([power, of, scale]) => {
      return { scale, powers: new Map([...(power ? [[x, power] as const] : []), ...(of ? [[t, of] as const] : [])]) };
    });
    const focus = new Set([x, t]);
    const found = values.flatMap((value) => {
      const multiple = multipleOf(polynomialOf(graph, value, focus), pattern);
      const fits = multiple && isMakeable(multiple) && encloses(graph, value, new Set([x, ...multiple.rest.keys()]));
      return fits ? [{ value, multiple }] : [];
    });
    // the 0.5 of a GELU may come last
    const exact = found.find(({ multiple }) => multiple.rest.size === 0 && Math.abs(multiple.scale - 1) < 1e-6);
    const best = exact ?? found[0];
    if (!best) continue;
    const { operator, attributes, slope = 1 } = family.activation(x, coefficients);
    const { value, multiple } = best;
    const plain = Math.abs(slope - 1) < 1e-6;
    const times: Instead = { operator: "Mul", inputs: [x, plain ? "" : numberConstant(graph, slope)] };
    const input = plain ? x : addBefore(graph, value, times, graph.shape(x));
    const instead = { operator, inputs: [input], attributes };
    makeMultiple(graph, value, instead, { ...multiple, scale: multiple.scale / (plain ? 1 : slope) });
    graph.removeUnused();
    return;
  }
}

const shortened = (coefficients: readonly number[]): readonly number[] =>
  coefficients.slice(0, coefficients.findLastIndex((scale) => scale !== 0) + 1);
