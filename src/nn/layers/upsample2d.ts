import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { imageOf } from "./image.ts";

interface UpsampleOptions {
  readonly factor?: number;
  readonly name?: string;
}

/**
 * Shows every cell `factor` times in both directions, the nearest one: [height, width, channels] to
 * [outHeight, outWidth, channels]; y[i, j] = x[floor(i / factor), floor(j / factor)].
 *
 * @param factor a whole number of 1 or more; default 2
 * @throws TypeError, RangeError if the factor can't be used or the input is no image
 * @example sequential({ input: [4, 4, 2] }, upsample2d(2), flatten(), dense(1))
 */
export function upsample2d(factorOrOptions: number | UpsampleOptions = 2, more: { name?: string } = {}): Layer {
  const options = withFirst<UpsampleOptions>("upsample2d", "factor", factorOrOptions, more);
  checkKeys("upsample2d", options, ["factor", "name"]);
  const { factor = 2, name } = options;
  checkWhole("upsample2d", "factor", factor);
  return Object.freeze<Layer>({
    type: "upsample2d",
    name,
    options: { factor },
    kernel: "upsample2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      return [height * factor, width * factor, channels];
    },
    args: (_context, input) => ({ height: input[0]!, width: input[1]!, channels: input[2]!, factor }),
  });
}
