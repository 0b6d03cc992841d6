// How units are: what they give on the training points, and where they are flat.
import { activations, type Model, trace } from "wasmgrad";
import type { UnitTerms } from "../../elements/maps/layout.ts";
import { scaled } from "../../play/data.ts";
import type { LayerLook } from "../../play/diagnose.ts";
import type { Questions } from "../../play/protocol.ts";
import type { ActivationName } from "../../play/setup.ts";
import type { Training } from "../../play/training.ts";
import type { Job } from "./job.ts";

/** Points that are looked at. */
const TRACED = 256;

/** Where the slope is below a hundredth of its largest: such a unit hardly learns. */
const SATURATED: Partial<Record<ActivationName, (a: number) => boolean>> = {
  tanh: (a) => 1 - a * a < 0.01,
  softsign: (a) => (1 - Math.abs(a)) ** 2 < 0.01,
  sigmoid: (a) => 4 * a * (1 - a) < 0.01,
  hardSigmoid: (a) => a <= 0 || a >= 1,
  relu6: (a) => a <= 0 || a >= 6,
  relu: (a) => a === 0,
};

function pointsToLookAt({ train }: Training): { x: Float32Array; y: Float32Array } | undefined {
  if (!train) return undefined;
  const [x, y] = [train.x as Float32Array, train.y as Float32Array];
  return { x: x.subarray(0, 2 * TRACED), y: y.subarray(0, TRACED) };
}

/** Every layer's numbers; none if there are no points. */
export function look({ training, layers }: Job): LayerLook[] {
  const points = pointsToLookAt(training);
  if (!points) return [];
  const traced = trace(training.trainer, points.x, points.y);
  const parameters = training.model.parameters();
  return layers.map(({ name, units }, k) => ({
    activation: training.setup.layers[k]?.activation ?? "linear",
    activations: traced.get(name).values,
    units,
    weights: parameters[2 * k]!.get(),
    gradients: traced.get(`dw${k + 1}`).values,
  }));
}

/** How often a unit gives 0 on the training points, and how often it is flat. */
function sharesOf({ training, layers }: Job, layer: number, unit: number): Pick<UnitTerms, "zeros" | "saturated"> {
  const points = pointsToLookAt(training);
  if (!points) return { zeros: Number.NaN, saturated: Number.NaN };
  const { name, units } = layers[layer - 1]!;
  const values = activations(training.model, points.x, [name])[name]!.filter((_, i) => i % units === unit);
  const share = (is: ((a: number) => boolean) | undefined): number =>
    is === undefined ? 0 : values.filter((a) => is(a)).length / values.length;
  const activation = training.setup.layers[layer - 1]?.activation;
  return { zeros: share((a) => a === 0), saturated: share(activation && SATURATED[activation]) };
}

/** The terms of a unit's sum at a place, for a model with the weights that are shown, and how often it is flat. */
export function termsOf(its: Job, model: Model, { layer, unit, x }: Questions["unit"]["take"]): UnitTerms {
  const { training, layers } = its;
  const point = scaled(Float32Array.from(x), training.scaling);
  const { name, units } = layers[layer - 1]!;
  const before = layers[layer - 2]?.name;
  const values = activations(model, point, [...(before ? [before] : []), `Z${layer}`, name]);
  const inputs = before ? values[before]! : point;
  const [w, b] = model.parameters().slice(2 * layer - 2);
  const all = w!.get();
  return {
    inputs: inputs.slice(),
    weights: Float32Array.from({ length: inputs.length }, (_, i) => all[i * units + unit]!),
    bias: b!.get()[unit]!,
    z: values[`Z${layer}`]![unit]!,
    a: values[name]![unit]!,
    ...sharesOf(its, layer, unit),
  };
}
