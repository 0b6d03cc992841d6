import type { Loss } from "../losses/loss.ts";
import type { Metric } from "./metric.ts";

/** The loss of one of several outputs, without its weight in the sum and without penalties. Its kernel comes with the loss of all. */
export function outputLoss({ joint, reduction }: Loss): Metric<"loss"> {
  return {
    name: "loss",
    type: "outputLoss",
    options: {},
    kernel: "outputLoss",
    load() {},
    input: "loss",
    check() {},
    stateSize: () => 2,
    args: () => ({ joint: joint ? 1 : 0 }),
    // rows whose weights are 0 have no mean: 0, as of the loss itself
    result: ([total, divisor]) => (reduction === "sum" ? total! : divisor! > 0 ? total! / divisor! : 0),
  };
}
