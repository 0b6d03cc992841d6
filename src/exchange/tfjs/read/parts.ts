// Initializers, regularizers and constraints of Keras, and ours. Initial values matter only where a model is made anew; the others train.
import * as w from "../../../nn/constraints/index.ts";
import * as initial from "../../../nn/initializers/index.ts";
import { l1, l2 } from "../../../nn/regularizers/index.ts";
import type { Constraint, Initializer, Regularizer } from "../../../graph/parameter.ts";
import { isRecord } from "../../../util/check.ts";
import { type Config, jsonText, pythonic } from "./config.ts";

/** A class and its options, or a name alone. */
function serialized(
  config: Config,
  key: string,
): { readonly name: string; readonly options: Record<string, unknown> } | undefined {
  const value = config.raw(key);
  if (value === undefined) return undefined;
  if (typeof value === "string") return { name: value, options: {} };
  if (!isRecord(value)) throw config.odd(key, "must be an object of class_name and config");
  const name = value["class_name"] ?? value["className"];
  const given = value["config"] ?? {};
  if (typeof name !== "string" || !isRecord(given)) throw config.odd(key, "must be an object of class_name and config");
  const options = Object.fromEntries(Object.entries(given).map(([each, option]) => [pythonic(each), option]));
  return { name, options };
}

const plain = (name: string): string => name.toLowerCase().replaceAll("_", "");

const finite = (value: unknown, usual: number): number =>
  typeof value === "number" && Number.isFinite(value) ? value : usual;

/** VarianceScaling by its scale, mode and distribution. */
const SCALED: Readonly<Record<string, () => Initializer>> = {
  "1 fan_avg uniform": initial.glorotUniform,
  "1 fan_avg normal": initial.glorotNormal,
  "2 fan_in uniform": initial.heUniform,
  "2 fan_in normal": initial.heNormal,
  "1 fan_in uniform": initial.lecunUniform,
  "1 fan_in normal": initial.lecunNormal,
};

const INITIALIZERS: Readonly<Record<string, (options: Record<string, unknown>) => Initializer | undefined>> = {
  zeros: () => initial.zeros(),
  ones: () => initial.ones(),
  constant: ({ value }) => initial.constant(finite(value, 0)),
  randomuniform: ({ minval, maxval }) => initial.uniform({ low: finite(minval, -0.05), high: finite(maxval, 0.05) }),
  randomnormal: ({ mean, stddev }) => initial.normal({ mean: finite(mean, 0), deviation: finite(stddev, 0.05) }),
  glorotuniform: initial.glorotUniform,
  glorotnormal: initial.glorotNormal,
  heuniform: initial.heUniform,
  henormal: initial.heNormal,
  lecununiform: initial.lecunUniform,
  lecunnormal: initial.lecunNormal,
  orthogonal: ({ gain }) => initial.orthogonal({ gain: finite(gain, 1) }),
  variancescaling: ({ scale, mode, distribution }) => {
    if (typeof mode !== "string" || typeof distribution !== "string") return undefined;
    const key = `${finite(scale, 1)} ${pythonic(mode)} ${distribution.replace(/^(un)?truncated_/, "")}`;
    return Object.hasOwn(SCALED, key) ? SCALED[key]!() : undefined;
  },
};

/** The initializer of a key, if we have one like it; the values are those of the file. */
export function initializerOf(config: Config, key: string): Initializer | undefined {
  const given = serialized(config, key);
  if (!given) return undefined;
  const name = plain(given.name);
  if (!Object.hasOwn(INITIALIZERS, name)) return undefined;
  try {
    return INITIALIZERS[name]!(given.options);
  } catch {
    return undefined; // numbers that no one can be made of
  }
}

/** The penalty of a key. */
export function regularizerOf(config: Config, key: string): Regularizer | undefined {
  const given = serialized(config, key);
  if (!given) return undefined;
  const name = plain(given.name);
  if (!/^l1l2$|^l1$|^l2$/.test(name)) throw config.odd(key, "must be L1L2, L1 or L2");
  const [one, two] = penaltiesOf(given.options, name);
  if (one > 0 && two > 0)
    throw config.odd(key, "may have l1 or l2 above 0, not both: a parameter has one penalty here");
  if (one < 0 || two < 0) throw config.odd(key, "must have numbers of 0 or more");
  return one > 0 ? l1(one) : two > 0 ? l2(two) : undefined;
}

const penaltiesOf = (options: Record<string, unknown>, name: string): readonly [number, number] => [
  name === "l2" ? 0 : finite(options["l1"], name === "l1" ? 0.01 : 0),
  name === "l1" ? 0 : finite(options["l2"], name === "l2" ? 0.01 : 0),
];

/** The penalties on what a layer gives: l1 and l2. */
export function activityOf(config: Config): { readonly l1: number; readonly l2: number } | undefined {
  const given = serialized(config, "activity_regularizer");
  if (!given) return undefined;
  const name = plain(given.name);
  if (!/^l1l2$|^l1$|^l2$/.test(name)) throw config.odd("activity_regularizer", "must be L1L2, L1 or L2");
  const [one, two] = penaltiesOf(given.options, name);
  if (one < 0 || two < 0) throw config.odd("activity_regularizer", "must have numbers of 0 or more");
  return one === 0 && two === 0 ? undefined : { l1: one, l2: two };
}

/** What the values of a key's parameter are kept to. */
export function constraintOf(config: Config, key: string): Constraint | undefined {
  const given = serialized(config, key);
  if (!given) return undefined;
  const { name, options } = given;
  const axis = options["axis"] ?? 0;
  const axes = Array.isArray(axis) && axis.length > 0 ? (axis as number[]) : (axis as number);
  try {
    if (plain(name) === "maxnorm") return w.maxNorm(finite(options["max_value"], 2), { axis: axes });
    if (plain(name) === "unitnorm") return w.unitNorm({ axis: axes });
  } catch (error) {
    throw config.odd(key, `can't be used (${(error as Error).message})`);
  }
  if (plain(name) === "nonneg") return w.nonNeg();
  throw config.odd(key, `must be MaxNorm, UnitNorm or NonNeg, not ${jsonText(name)}`);
}

/** The options of a parameter: its initializer, penalty and constraint, by our names. */
export function parameterOptions(config: Config, theirs: string, ours = theirs) {
  const initializer = initializerOf(config, `${theirs}_initializer`);
  const regularizer = regularizerOf(config, `${theirs}_regularizer`);
  const constraint = constraintOf(config, `${theirs}_constraint`);
  return {
    ...(initializer && { [`${ours}Initializer`]: initializer }),
    ...(regularizer && { [`${ours}Regularizer`]: regularizer }),
    ...(constraint && { [`${ours}Constraint`]: constraint }),
  };
}

/** The same where we have an initializer alone: anything that trains otherwise is refused. */
export function initialOnly(config: Config, theirs: string, ours: string) {
  for (const key of [`${theirs}_regularizer`, `${theirs}_constraint`]) {
    if (config.raw(key) !== undefined)
      throw config.odd(key, "can't be kept, as the layer has none here; it must be null");
  }
  const initializer = initializerOf(config, `${theirs}_initializer`);
  return initializer ? { [`${ours}Initializer`]: initializer } : {};
}
