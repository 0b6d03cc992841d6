// What losses say of models that end with layers which don't go with them.
import type { LossDescription } from "./loss.ts";

type RefusedEnds = NonNullable<LossDescription["refusedEnds"]>;

/** What is wrong, and how the last layer of a model that was read is left out. */
const leftOut =
  (fault: string): RefusedEnds[string] =>
  (before) =>
    before === undefined
      ? fault
      : `${fault}; of a model that was read, sequential({ input }, cut(model, "${before}")) does`;

const logarithms = (end: string): RefusedEnds[string] =>
  leftOut(
    `takes log-probabilities, but the model ends with a ${end}, which makes probabilities; leave it out, and put logSoftmax() in its place`,
  );

/** Of losses of log-probabilities: probabilities themselves would be taken for these. */
export const noProbabilities = (): RefusedEnds => ({ softmax: logarithms("softmax"), sigmoid: logarithms("sigmoid") });

/** Of losses that contain a softmax or sigmoid: a second one is refused. */
export const noSecond = (own: string): RefusedEnds => ({
  [own]: leftOut(`contains the ${own}, but the model ends with one too; leave it out (model.probabilities applies it)`),
});

/** Of losses that contain a sigmoid. */
export const noSoftmax = (): RefusedEnds => ({
  ...noSecond("sigmoid"),
  softmax: leftOut("contains a sigmoid, but the model ends with a softmax; leave it out"),
});
