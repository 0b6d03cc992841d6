// Operators that do something with each number, of tensors that are known: learned temperatures, gates of constants, tables of waves.
import type { Attributes } from "../attributes.ts";
import type { WorkNode } from "../workGraph.ts";
import { erf, exp, log, sigmoid, sine, softplus, tanh } from "./functions.ts";
import { numbers } from "./numbers.ts";
import type { Fold } from "./operators.ts";

/** What an operator with these attributes does with a number. */
type OfNumber = (attributes: Attributes) => (x: number) => number;

const gelu = (x: number): number => 0.5 * x * (1 + erf(x * Math.sqrt(0.5)));
const geluTanh = (x: number): number => 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
const within = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** To the nearest whole number, of two the even one. */
function round(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const OF_NUMBERS: Readonly<Record<string, OfNumber>> = {
  Exp: () => exp,
  Log: () => log,
  Sigmoid: () => sigmoid,
  Tanh: () => tanh,
  Erf: () => erf,
  Sin: () => (x) => sine(x),
  Cos: () => (x) => sine(x, 1),
  Round: () => round,
  Relu: () => (x) => Math.max(x, 0),
  Softplus: () => softplus,
  Softsign: () => (x) => x / (1 + Math.abs(x)),
  Mish: () => (x) => x * tanh(softplus(x)),
  HardSwish: () => (x) => x * within(x / 6 + 0.5, 0, 1),
  LeakyRelu: (attributes) => {
    const alpha = attributes.float("alpha", 0.01);
    return (x) => (x < 0 ? alpha * x : x);
  },
  Elu: (attributes) => {
    const alpha = attributes.float("alpha", 1);
    return (x) => (x < 0 ? alpha * (exp(x) - 1) : x);
  },
  Celu: (attributes) => {
    const alpha = attributes.float("alpha", 1);
    return (x) => (x < 0 ? alpha * (exp(x / alpha) - 1) : x);
  },
  Selu: (attributes) => {
    const alpha = attributes.float("alpha", 1.6732631921768188);
    const gamma = attributes.float("gamma", 1.0507010221481323);
    return (x) => gamma * (x < 0 ? alpha * (exp(x) - 1) : x);
  },
  HardSigmoid: (attributes) => {
    const [alpha, beta] = [attributes.float("alpha", 0.2), attributes.float("beta", 0.5)];
    return (x) => within(alpha * x + beta, 0, 1);
  },
  Swish: (attributes) => {
    const alpha = attributes.float("alpha", 1);
    return (x) => x * sigmoid(alpha * x);
  },
  Gelu: (attributes) => (attributes.string("approximate", "none") === "tanh" ? geluTanh : gelu),
};

/** Bounds are inputs since opset 11. */
const clip: Fold = ([x, low, high], { attributes }) => {
  const from = low ? low.data[0]! : attributes.float("min", -Infinity);
  const to = high ? high.data[0]! : attributes.float("max", Infinity);
  return { ...x!, data: x!.data.map((value) => within(value, from, to)) as Float32Array };
};

const eachNumber =
  (ofNumber: OfNumber): Fold =>
  ([x], { attributes }: WorkNode) => {
    const compute = ofNumber(attributes);
    attributes.ints("consumed_inputs"); // of opset 1
    const data = numbers(x!.type, x!.data.length);
    for (let i = 0; i < data.length; i++) data[i] = compute(x!.data[i]!);
    return { ...x!, data };
  };

/** By operator. */
export const ACTIVATION_FOLDS: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(Object.entries(OF_NUMBERS).map(([operator, make]) => [operator, eachNumber(make)])),
  Clip: clip,
};
