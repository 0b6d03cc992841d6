// The public API, and nothing else.
export { type Model, type ModelOptions, type Parameter, sequential } from "./model/model.ts";
export { type Inputs, inputs, type Parts } from "./nn/composites/inputs.ts";
export { type OutputOptions, type Outputs, outputs } from "./nn/composites/outputs.ts";
export { type Backend, backend, type Engine, engine } from "./model/backend.ts";
export { copyWeights, cut } from "./model/transfer.ts";
export type { FitOptions, History } from "./training/fitLoop.ts";
export { Trainer, type TrainerOptions } from "./training/trainer.ts";
export { type GradCheckOptions, type GradCheckResult, gradCheck, type GradientCheck } from "./inspect/gradCheck.ts";
export type { LayerSummary, Summary } from "./model/summary.ts";
export { Trace, trace, type TracedTensor } from "./inspect/trace.ts";
export { NonFiniteError } from "./training/nonFinite.ts";
export { type Core } from "./runtime/core.ts";
export { type OwnKernels } from "./runtime/kernels.ts";
export { useCore } from "./runtime/binaries.ts";
export { type Dataset, dataset, type Target, type TrainingData } from "./data/dataset.ts";
export { type Input, type Samples, samples } from "./data/samples.ts";
export { type Callback, earlyStopping, type TrainingState } from "./training/callbacks.ts";
export { type Logs } from "./nn/metrics/metric.ts";
export type { Layer, KernelContext } from "./graph/layer.ts";
export type { ParameterSpec } from "./graph/parameter.ts";
export type { KernelArgs } from "./runtime/record.ts";
export type { Loss } from "./nn/losses/loss.ts";
export type { Metric } from "./nn/metrics/metric.ts";
export type { Optimizer } from "./nn/optimizers/optimizer.ts";
export type { Initializer } from "./graph/parameter.ts";
export type { Constraint } from "./graph/parameter.ts";
export type { Regularizer } from "./graph/parameter.ts";
export type { Schedule } from "./nn/optimizers/schedules.ts";
export type { Shape } from "./util/shape.ts";
export {
  type ByInput,
  type CustomBackward,
  type CustomForward,
  customLayer,
  type CustomLayerOptions,
  type CustomParameter,
} from "./nn/custom/customLayer.ts";
export { customLoss, type CustomLossOptions, type CustomLossPass } from "./nn/custom/customLoss.ts";
export * from "./nn/composites/index.ts";
export * from "./nn/layers/index.ts";
export * from "./nn/activations/index.ts";
export * from "./nn/losses/index.ts";
export * from "./nn/optimizers/index.ts";
export * from "./nn/metrics/index.ts";
export * from "./nn/regularizers/index.ts";
export * from "./nn/constraints/index.ts";
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
} from "./nn/initializers.ts";
export {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  oneCycle,
  reduceOnPlateau,
  stepDecay,
} from "./nn/optimizers/schedules.ts";
