// Activations of TensorFlow.js, and the layers that are them here.
import * as w from "../../../nn/activations/index.ts";
import { activityPenalty } from "../../../nn/layers/activityPenalty.ts";
import type { Layer } from "../../../graph/layer.ts";
import { isRecord } from "../../../util/check.ts";
import { type Config, jsonText, pythonic } from "./config.ts";
import { activityOf } from "./parts.ts";

/** By the name in model.json; undefined: nothing is done. */
const ACTIVATIONS: Readonly<Record<string, (() => Layer) | undefined>> = {
  linear: undefined,
  relu: w.relu,
  relu6: w.relu6,
  elu: w.elu,
  selu: w.selu,
  sigmoid: w.sigmoid,
  // as TensorFlow.js computes it, whichever Keras has written the file
  hard_sigmoid: () => w.hardSigmoid({ slope: 0.2 }),
  softplus: w.softplus,
  softsign: w.softsign,
  tanh: w.tanh,
  softmax: w.softmax,
  log_softmax: w.logSoftmax,
  gelu: w.gelu,
  gelu_new: () => w.gelu({ approximate: "tanh" }),
  mish: w.mish,
  swish: w.silu,
  silu: w.silu,
  leaky_relu: () => w.leakyRelu({ slope: 0.2 }),
};

/** The name of the activation that a key has. */
export function activationName(config: Config, key: string, usual = "linear"): string {
  const value = config.raw(key) ?? usual;
  const name = isRecord(value) ? (value["class_name"] ?? value["className"]) : value;
  const word =
    typeof name === "string" ? pythonic(name.replace(/^[A-Z]/, (letter) => letter.toLowerCase())) : undefined;
  if (word === undefined || !Object.hasOwn(ACTIVATIONS, word)) {
    throw config.odd(key, `must be one of ${Object.keys(ACTIVATIONS).join(", ")}`);
  }
  if (isRecord(value)) {
    const options = Object.entries(isRecord(value["config"]) ? value["config"] : {}).find(
      ([each, option]) => each !== "name" && option !== null && option !== undefined,
    );
    if (options) throw config.odd(key, `can't have options, but it has ${options[0]} ${jsonText(options[1])}`);
  }
  return word;
}

/** The layer of an activation by its name, or none. */
export const activationOf = (name: string): Layer | undefined => ACTIVATIONS[name]?.();

/** The activation of a layer, and the penalty on what it gives: none, one or two layers. */
export function activationLayers(config: Config): Layer[] {
  const layer = activationOf(activationName(config, "activation"));
  const penalty = activityOf(config);
  return [...(layer ? [layer] : []), ...(penalty ? [activityPenalty(penalty)] : [])];
}
