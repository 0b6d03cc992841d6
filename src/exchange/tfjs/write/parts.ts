// Our initializers, penalties and constraints as Keras writes them.
import type { ParameterSpec } from "../../../graph/parameter.ts";

const SCALED: Readonly<Record<string, readonly [scale: number, mode: string, distribution: string]>> = {
  glorotUniform: [1, "fan_avg", "uniform"],
  glorotNormal: [1, "fan_avg", "normal"],
  heUniform: [2, "fan_in", "uniform"],
  heNormal: [2, "fan_in", "normal"],
  lecunUniform: [1, "fan_in", "uniform"],
  lecunNormal: [1, "fan_in", "normal"],
};

const made = (class_name: string, config: object) => ({ class_name, config });

function initializerConfig({ initializer: { initializer, options } }: ParameterSpec): object {
  const scaled = Object.hasOwn(SCALED, initializer) ? SCALED[initializer]! : undefined;
  if (scaled) {
    const [scale, mode, distribution] = scaled;
    return made("VarianceScaling", { scale, mode, distribution, seed: null });
  }
  if (initializer === "ones") return made("Ones", {});
  if (initializer === "constant") return made("Constant", { value: options["value"] });
  if (initializer === "uniform")
    return made("RandomUniform", { minval: options["low"], maxval: options["high"], seed: null });
  if (initializer === "normal")
    return made("RandomNormal", { mean: options["mean"], stddev: options["deviation"], seed: null });
  if (initializer === "orthogonal") return made("Orthogonal", { gain: options["gain"], seed: null });
  return made("Zeros", {});
}

function regularizerConfig({ regularizer }: ParameterSpec): object | null {
  if (!regularizer) return null;
  const { lambda } = regularizer.options;
  return made("L1L2", {
    l1: regularizer.regularizer === "l1" ? lambda : 0,
    l2: regularizer.regularizer === "l2" ? lambda : 0,
  });
}

function constraintConfig({ constraint, shape }: ParameterSpec): object | null {
  if (!constraint) return null;
  if (constraint.constraint === "nonNeg") return made("NonNeg", {});
  const { axis = shape.length > 2 ? shape.slice(0, -1).map((_, i) => i) : 0, limit } = constraint.options;
  return constraint.constraint === "maxNorm" ? made("MaxNorm", { max_value: limit, axis }) : made("UnitNorm", { axis });
}

/** The options of a parameter by its name in Keras; of none nothing. */
export function parameterConfig(theirs: string, spec: ParameterSpec | undefined): Record<string, unknown> {
  if (!spec) return {};
  return {
    [`${theirs}_initializer`]: initializerConfig(spec),
    [`${theirs}_regularizer`]: regularizerConfig(spec),
    [`${theirs}_constraint`]: constraintConfig(spec),
  };
}
