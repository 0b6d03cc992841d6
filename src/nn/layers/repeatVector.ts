import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { shapeText } from "../../util/shape.ts";

/**
 * Makes a sequence of one vector: [n] to [times, n].
 *
 * @param times steps, 1 or more
 * @throws TypeError, RangeError if `times` can't be used or the input isn't a vector
 * @example sequential({ input: 4 }, repeatVector(3), dense(2)) // [3, 2]
 */
export function repeatVector(
  timesOrOptions: number | { times: number; name?: string },
  more: { name?: string } = {},
): Layer {
  const options = withFirst<{ times: number; name?: string }>("repeatVector", "times", timesOrOptions, more);
  checkKeys("repeatVector", options, ["times", "name"]);
  const { times, name } = options;
  checkWhole("repeatVector", "times", times);
  return Object.freeze<Layer>({
    type: "repeatVector",
    name,
    options: { times },
    kernel: "repeatVector",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadSequence,
    outputShape(input, where) {
      if (input.length === 1) return [times, input[0]!];
      throw new RangeError(`${where}: the input must be a vector, [n], got ${shapeText(input)}`);
    },
    args: (_context, input) => ({ n: input[0]!, times }),
  });
}
