// What losses say of models that end with layers which don't go with them.
import type { LossDescription } from "./loss.ts";

type RefusedEnds = NonNullable<LossDescription["refusedEnds"]>;

const logarithms = (end: string): string =>
  `takes log-probabilities, but the model ends with a ${end}, which makes probabilities; leave it out, and put logSoftmax() in its place`;

/** Of losses of log-probabilities: probabilities themselves would be taken for these. */
export const noProbabilities = (): RefusedEnds => ({ softmax: logarithms("softmax"), sigmoid: logarithms("sigmoid") });

/** Of losses that contain a softmax or sigmoid: a second one is refused. */
export const noSecond = (own: string): RefusedEnds => ({
  [own]: `contains the ${own}, but the model ends with one too; leave it out (model.probabilities applies it)`,
});

/** Of losses that contain a sigmoid. */
export const noSoftmax = (): RefusedEnds => ({
  ...noSecond("sigmoid"),
  softmax: "contains a sigmoid, but the model ends with a softmax; leave it out",
});
