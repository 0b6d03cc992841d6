// Activations: one operator each, or a few where the version of the operators has none.
import { type Attribute, float, int, text } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";
import { axisIn, type Form } from "./value.ts";

/** One operator, its attributes by the layer's options. */
const one =
  (operator: string, attributes: Readonly<Record<string, string>> = {}): LayerWriter =>
  (place) => {
    const given = Object.entries(attributes).map(([key, option]) => [key, float(place.options[option] as number)]);
    const values = Object.fromEntries(given) as Readonly<Record<string, Attribute>>;
    return place.each((x) => place.op(operator, [x], values));
  };

/** Over the last axis of a row. */
const along =
  (operator: string): LayerWriter =>
  (place) => {
    const { x, input } = place;
    // what was flattened, in another order, has it nowhere
    const form: Form = input.length === 1 ? "last" : x.natural;
    const axis = axisIn(form, input.length - 1, input.length);
    return place.give(form, place.op(operator, [x.get(form)], { axis: int(axis === input.length ? -1 : axis) }));
  };

/** From version `since` on by its own operator. */
const since =
  (version: number, own: LayerWriter, before: (place: Place, x: string) => string): LayerWriter =>
  (place) =>
    place.opset >= version ? own(place) : place.each((x) => before(place, x));

const ROOT_HALF = Math.sqrt(0.5);
const ROOT_2_OVER_PI = 0.7978845608028654;

function gelu(place: Place, x: string): string {
  const { op, graph } = { op: place.op.bind(place), graph: place.graph };
  if (place.options["approximate"] === "tanh") {
    const cube = op("Mul", [op("Mul", [x, x]), x]);
    const inner = op("Add", [x, op("Mul", [cube, graph.number(0.044715)])]);
    const curve = op("Tanh", [op("Mul", [inner, graph.number(ROOT_2_OVER_PI)])]);
    return op("Mul", [op("Mul", [x, graph.number(0.5)]), op("Add", [curve, graph.number(1)])]);
  }
  const erf = op("Erf", [op("Mul", [x, graph.number(ROOT_HALF)])]);
  return op("Mul", [op("Mul", [x, op("Add", [erf, graph.number(1)])]), graph.number(0.5)]);
}

const clip: LayerWriter = (place) => {
  const { low, high } = place.options as { readonly low?: number; readonly high?: number };
  const bounds = [low, high].map((bound) => (bound === undefined ? "" : place.graph.number(bound)));
  return place.each((x) => place.op("Clip", [x, ...bounds.slice(0, high === undefined ? 1 : 2)]));
};

const SIXTH = 1 / 6;

export const ACTIVATIONS: Readonly<Record<string, LayerWriter>> = {
  celu: one("Celu", { alpha: "alpha" }),
  clip,
  elu: one("Elu", { alpha: "alpha" }),
  gelu: since(
    20,
    (place) => place.each((x) => place.op("Gelu", [x], { approximate: text(place.options["approximate"] as string) })),
    gelu,
  ),
  hardSigmoid: one("HardSigmoid", { alpha: "slope", beta: "offset" }),
  hardSwish: since(14, one("HardSwish"), (place, x) =>
    place.op("Mul", [x, place.op("HardSigmoid", [x], { alpha: float(SIXTH), beta: float(0.5) })]),
  ),
  leakyRelu: one("LeakyRelu", { alpha: "slope" }),
  logSoftmax: along("LogSoftmax"),
  mish: since(18, one("Mish"), (place, x) => place.op("Mul", [x, place.op("Tanh", [place.op("Softplus", [x])])])),
  prelu: (place) => {
    const n = place.input.at(-1)!;
    if (place.input.length === 1)
      return place.give("last", place.op("PRelu", [place.x.get("last"), place.weight("slope")]));
    // channels first: a slope for each, behind which are the axes of places
    return place.each((x, form) => {
      const shape = form === "first" ? [n, ...place.input.slice(1).map(() => 1)] : [n];
      return place.op("PRelu", [x, place.weight("slope", undefined, shape)]);
    });
  },
  relu: one("Relu"),
  relu6: (place) => place.each((x) => place.op("Clip", [x, place.graph.number(0), place.graph.number(6)])),
  selu: one("Selu", { alpha: "alpha", gamma: "scale" }),
  shrink: one("Shrink", { lambd: "threshold", bias: "bias" }),
  sigmoid: one("Sigmoid"),
  silu: (place) => place.each((x) => place.op("Mul", [x, place.op("Sigmoid", [x])])),
  softmax: along("Softmax"),
  softplus: one("Softplus"),
  softsign: one("Softsign"),
  tanh: one("Tanh"),
  thresholdedRelu: one("ThresholdedRelu", { alpha: "threshold" }),
};
