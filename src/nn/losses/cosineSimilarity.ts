import { loadLosses } from "../../../build/loadLosses.js";
import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * 1 - cos of the angle between output and target, vectors along the last axis: 0 where they point the same way, 2 where they are
 * opposite; how long they are doesn't matter. cos = output · target / sqrt((|output|^2 + 1e-12) (|target|^2 + 1e-12)), as in PyTorch's
 * `cosine_embedding_loss`, so that a vector of zeros has loss 1. Any shape.
 *
 * @param options.reduction "mean" over the vectors (default) or "sum"
 * @throws {RangeError} if the reduction is another word
 * @example new Trainer(model, { loss: cosineSimilarity(), optimizer: adam() })
 */
export function cosineSimilarity(options: LossOptions = {}): Loss {
  const loss = elementwiseLoss({ type: "cosineSimilarity", load: loadLosses }, options);
  return Object.freeze<Loss>({ ...loss, args: ({ shape }) => ({ n: shape.at(-1)! }) });
}
