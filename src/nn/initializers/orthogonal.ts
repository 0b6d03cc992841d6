// Orthonormal initial values.
import type { Initializer } from "../../graph/parameter.ts";
import { extraFunction } from "../../runtime/extraFunction.ts";
import { checkFinite, checkKeys } from "../../util/check.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import { fillNormal } from "./normal.ts";

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain` (default 1); more than two axes count as [all but the last,
 * last]. Made of normal numbers by Gram and Schmidt's method, in float64. It needs 8 bytes of scratch memory for each number.
 *
 * @param options.gain what the vectors are multiplied by; default 1
 * @throws {TypeError | RangeError} if the gain is not a finite number, or the parameter has one axis; if the scratch memory can't be
 * had
 * @see Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning", 2014
 * @example dense(10, { kernelInitializer: orthogonal() })
 */
export function orthogonal(options: { gain?: number } = {}): Initializer {
  checkKeys("orthogonal", options, ["gain"]);
  const { gain = 1 } = options;
  checkFinite("orthogonal", "gain", gain);
  return {
    initializer: "orthogonal",
    options: { gain },
    fill: (target) => {
      const { core, shape, address } = target;
      if (shape.length < 2)
        throw new RangeError(`orthogonal: the parameter must have two axes or more, got ${shapeText(shape)}`);
      const columns = shape.at(-1)!;
      const rows = sizeOf(shape) / columns;
      const tall = rows >= columns;
      const [count, length] = tall ? ([columns, rows] as const) : ([rows, columns] as const);
      const bytes = extraFunction(core, "randomOrthogonalScratch")(count, length);
      const scratch = core.arena.allocate(bytes, "orthogonal", `the scratch memory of ${count} vectors of ${length}`);
      fillNormal(target, 0, 1);
      extraFunction(core, "randomOrthogonal")(
        address,
        count,
        length,
        tall ? 1 : columns,
        tall ? columns : 1,
        gain,
        scratch.address,
      );
      core.arena.free(scratch);
    },
  };
}
