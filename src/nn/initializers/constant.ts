// Initializers that give all values the same number.
import type { Initializer } from "../../graph/parameter.ts";
import { checkFinite, checkKeys, withFirst } from "../../util/check.ts";
import { sizeOf } from "../../util/shape.ts";

/** Describes an initializer that gives all values the same number. */
const filled = (initializer: string, options: Initializer["options"], value: number): Initializer => ({
  initializer,
  options,
  fill: ({ core, address, shape }) => {
    core.arena.floats(address, sizeOf(shape)).fill(value);
  },
});

/**
 * All values equal.
 *
 * @param value a finite number
 * @throws {TypeError | RangeError} if the value is not a finite number
 * @example dense(10, { biasInitializer: constant(0.5) })
 */
export function constant(value: number | { value: number }): Initializer {
  const options = withFirst<{ value: number }>("constant", "value", value, {});
  checkKeys("constant", options, ["value"]);
  const { value: constantValue } = options;
  checkFinite("constant", "value", constantValue);
  return filled("constant", { value: constantValue }, constantValue);
}

/**
 * All 0: the default of biases.
 *
 * @example dense(10, { biasInitializer: zeros() })
 */
export function zeros(): Initializer {
  return filled("zeros", {}, 0);
}

/**
 * All 1: the default of factors, such as `layerNorm`'s.
 *
 * @example dense(10, { biasInitializer: ones() })
 */
export function ones(): Initializer {
  return filled("ones", {}, 1);
}
