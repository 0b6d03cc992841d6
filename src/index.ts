// The public API, and nothing else.
export { type Model, type ModelOptions, type Parameter, sequential } from "./model.ts";
export { type Inputs, inputs, type Parts } from "./inputs.ts";
export { type OutputOptions, type Outputs, outputs } from "./outputs.ts";
export { type Engine, engine } from "./engine.ts";
export { copyWeights, cut } from "./transfer.ts";
export type { FitOptions, History } from "./fit.ts";
export { Trainer, type TrainerOptions } from "./trainer.ts";
export { type GradCheckOptions, type GradCheckResult, gradCheck, type GradientCheck } from "./inspect/gradCheck.ts";
export type { LayerSummary, Summary } from "./inspect/summary.ts";
export { Trace, trace, type TracedTensor } from "./inspect/trace.ts";
export { NonFiniteError } from "./nonfinite.ts";
export { type Core } from "./module.ts";
export { type OwnKernels } from "./kernels.ts";
export { useCore } from "./binaries.ts";
export { type Dataset, dataset, type Target, type TrainingData } from "./data/dataset.ts";
export { type Input, type Samples, samples } from "./data/samples.ts";
export { type Callback, earlyStopping, type TrainingState } from "./callbacks.ts";
export { type Logs } from "./metrics/metric.ts";
export type { Layer, TailContext } from "./layer.ts";
export type { ParameterSpec } from "./parameter.ts";
export type { Tail } from "./record.ts";
export type { Loss } from "./losses/loss.ts";
export type { Metric } from "./metrics/metric.ts";
export type { Optimizer } from "./optimizers/optimizer.ts";
export type { Initializer } from "./parameter.ts";
export type { Constraint } from "./parameter.ts";
export type { Regularizer } from "./parameter.ts";
export type { Schedule } from "./schedules.ts";
export type { Shape } from "./shape.ts";
export {
  type ByInput,
  type CustomBackward,
  type CustomForward,
  customLayer,
  type CustomLayerOptions,
  type CustomParameter,
} from "./custom/customLayer.ts";
export { customLoss, type CustomLossOptions, type CustomLossPass } from "./custom/customLoss.ts";
export * from "./composites/index.ts";
export * from "./layers/index.ts";
export * from "./activations/index.ts";
export * from "./losses/index.ts";
export * from "./optimizers/index.ts";
export * from "./metrics/index.ts";
export * from "./regularizers/index.ts";
export * from "./constraints/index.ts";
export {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  uniform,
  zeros,
} from "./initializers.ts";
export {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  oneCycle,
  reduceOnPlateau,
  stepDecay,
} from "./schedules.ts";
