import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { imageOf } from "./image.ts";
import type { Named } from "../named.ts";

interface UpsampleOptions extends Named {
  /** How often every cell is repeated; default 2. */
  readonly factor?: number;
}

/**
 * Repeats every cell `factor` times in both directions (nearest neighbour): [height, width, channels] to
 * [outHeight, outWidth, channels]; y[i, j] = x[floor(i / factor), floor(j / factor)].
 *
 * @param factor an integer of 1 or more; default 2
 * @throws {TypeError | RangeError} if the factor can't be used or the input is no image
 * @example sequential({ input: [4, 4, 2] }, upsample2d(2), flatten(), dense(1))
 */
export function upsample2d(factor: number | UpsampleOptions = 2, options: Named = {}): Layer {
  const settings = withFirst<UpsampleOptions>("upsample2d", "factor", factor, options);
  checkKeys("upsample2d", settings, ["factor", "name"]);
  const { factor: times = 2, name } = settings;
  checkWhole("upsample2d", "factor", times);
  return Object.freeze<LibraryLayer>({
    type: "upsample2d",
    name,
    options: { factor: times },
    kernel: "upsample2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      return [height * times, width * times, channels];
    },
    args: (_context, input) => ({ height: input[0]!, width: input[1]!, channels: input[2]!, factor: times }),
  });
}
