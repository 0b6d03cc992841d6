// Names of optimizers, apart from the optimizers: a page whose worker trains needs no more.

export const OPTIMIZERS = [
  "sgd",
  "momentum",
  "nesterov",
  "adam",
  "adamw",
  "amsgrad",
  "rmsprop",
  "adagrad",
  "adadelta",
] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** Learning rates with which they are usually begun, but for what a page has of its own. */
export const USUAL_RATE: Readonly<Record<OptimizerName, number>> = {
  sgd: 0.1,
  momentum: 0.1,
  nesterov: 0.1,
  adam: 0.01,
  adamw: 0.01,
  amsgrad: 0.01,
  rmsprop: 0.01,
  adagrad: 0.1,
  adadelta: 1,
};

/** The rate where another optimizer is chosen: its usual one, unless the rate was set to something else than that of the one before. */
export const rateAfter = (
  rate: number,
  before: OptimizerName,
  now: OptimizerName,
  usual: (name: OptimizerName) => number = (name) => USUAL_RATE[name],
): number => (rate === usual(before) ? usual(now) : rate);
