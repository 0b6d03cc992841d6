// The node tests whose numbers aren't ours, and what makes ours theirs.
import type { Case } from "./archive.ts";
import { input, numberOf } from "./node.ts";
import type { Tensor } from "./proto.ts";
import { sizeOf } from "./tensors.ts";

export interface Difference {
  readonly reason: string;
  /** Our numbers as the file has them. */
  readonly asThere: (given: readonly (Tensor | undefined)[], entry: Case) => readonly (Tensor | undefined)[];
  /** Of the file's numbers, relative to the largest one, where they have fewer digits than float32. */
  readonly tolerance?: number;
}

/** Our running variance divides by n - 1, as PyTorch's; ONNX's by n. */
const divideByAll: Difference = {
  reason: "ONNX's running variance divides by n, ours by n - 1, as PyTorch's",
  asThere([y, mean, variance], entry) {
    const { shape } = input(entry, 0);
    const old = input(entry, 4).data;
    const share = numberOf(entry, "momentum", 0.9);
    const n = sizeOf(shape) / shape[1]!;
    const data = Float32Array.from(variance!.data, (value, i) => {
      const kept = share * old[i]!;
      return kept + ((value - kept) * (n - 1)) / n;
    });
    return [y, mean, { ...variance!, data }];
  },
};

const halfPrecision: Difference = {
  reason: "the file has float16, and rounds to it on the way",
  asThere: (given) => given,
  tolerance: 2 ** -10, // the last bit of float16
};

const fourDigits: Difference = {
  reason: "the file has four digits, of what went in as of what came out",
  asThere: (given) => given,
  tolerance: 2e-4,
};

/** By operator and by the test's name. */
export const DIFFERENT: Readonly<Record<string, Readonly<Record<string, Difference>>>> = {
  Attention: {
    attention_4d_fp16: halfPrecision,
    attention_4d_gqa_with_past_and_present_fp16: halfPrecision,
  },
  AveragePool: { averagepool_2d_ceil_last_window_starts_on_pad: fourDigits },
  BatchNormalization: {
    batchnorm_epsilon_training_mode: divideByAll,
    batchnorm_example_training_mode: divideByAll,
  },
};
