import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { shapeText } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * Makes a sequence of one vector: [n] to [times, n].
 *
 * @param times steps, 1 or more
 * @throws {TypeError | RangeError} if `times` can't be used or the input isn't a vector
 * @example sequential({ input: 4 }, repeatVector(3), dense(2)) // [3, 2]
 */
export function repeatVector(times: number | ({ times: number } & Named), options: Named = {}): Layer {
  const settings = withFirst<{ times: number } & Named>("repeatVector", "times", times, options);
  checkKeys("repeatVector", settings, ["times", "name"]);
  const { times: steps, name } = settings;
  checkWhole("repeatVector", "times", steps);
  return Object.freeze<LibraryLayer>({
    type: "repeatVector",
    name,
    options: { times: steps },
    kernel: "repeatVector",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadSequence,
    outputShape(input, where) {
      if (input.length === 1) return [steps, input[0]!];
      throw new RangeError(`${where}: the input must be a vector, [n], got ${shapeText(input)}`);
    },
    args: (_context, input) => ({ n: input[0]!, times: steps }),
  });
}
