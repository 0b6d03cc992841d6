// The public API, and nothing else. Headings are the pages of docs/api.

// # Model
// A model: its layers, their parameters, and how many threads compute it.
export { type BackwardOptions, type Model, type ModelOptions, type Parameter, sequential } from "./model/model.ts";
export { type Inputs, inputs, type Parts } from "./nn/composites/inputs.ts";
export { type OutputOptions, type Outputs, outputs } from "./nn/composites/outputs.ts";
export { type Backend, backend, type Engine, engine } from "./model/backend.ts";
export { copyWeights, cut, type CutOptions, modelLayer, type ModelLayerOptions } from "./model/transfer.ts";
export { type Stepper, stepper } from "./model/stepper.ts";
export type { LayerSummary, Summary } from "./model/summary.ts";
export type { Shape } from "./util/shape.ts";
export { useCore } from "./runtime/binaries.ts";

// # Data
// Rows of numbers, and their targets.
export { type Dataset, dataset, type Target, type TrainingData } from "./data/dataset.ts";
export { type Input, type Samples, samples } from "./data/samples.ts";
export { type Batch, batches, type Row, rows, type Source, type SourceOf } from "./data/sources.ts";
export { mixup, type MixupOptions } from "./data/mixup.ts";
export type { Random } from "./data/random.ts";

// # Training
// Fitting a model to data, and following how it goes.
export type { History } from "./training/position.ts";
export type { FitOptions } from "./training/fitOptions.ts";
export type { Warning, WarningName, WarningOptions } from "./training/warnings.ts";
export { Trainer, type TrainerOptions } from "./training/trainer.ts";
export { NonFiniteError } from "./training/nonFinite.ts";
export { copyOptimizerState } from "./training/copyOptimizerState.ts";
export { type EmaWeights, emaWeights } from "./training/emaWeights.ts";
export { type Callback, earlyStopping, type TrainingState } from "./training/callbacks.ts";
export { checkpoint } from "./training/checkpoint.ts";
export type { CheckpointInfo, CheckpointOptions, CheckpointStore } from "./training/checkpointStore.ts";
export { type Logs, type Measured, type NamesOf } from "./nn/metrics/metric.ts";

// # Layers
// The layers of a model: each is a function from options to a description, which `sequential` takes. Shapes are those of a
// batch or, without `rows`, of one row.
export * from "./nn/layers/index.ts";

// # Activations
// Functions that are applied between layers. All take a `name`; some have an option.
export * from "./nn/activations/index.ts";

// # Composites
// Layers made of layers: branches, skipped connections, shared weights.
export * from "./nn/composites/index.ts";

// # Losses
// What a model is trained to make small.
export type { Loss } from "./nn/losses/loss.ts";
export * from "./nn/losses/index.ts";
export { ctcDecode, ctcTargets } from "./nn/losses/ctcRows.ts";

// # Metrics
// What is computed besides the loss, to follow how good a model is.
export type { Metric } from "./nn/metrics/metric.ts";
export * from "./nn/metrics/index.ts";

// # Optimizers
// The rules by which parameters follow their gradients.
export type { Optimizer, OptimizerOptions } from "./nn/optimizers/optimizer.ts";
export * from "./nn/optimizers/index.ts";

// # Schedules
// How an optimizer's learning rate changes while it trains.
export type { RunningSchedule, Schedule, ScheduleOptions } from "./nn/optimizers/schedule.ts";
export { type ScheduleSpan, scheduleSequence } from "./nn/optimizers/scheduleSequence.ts";
export {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmup,
  oneCycle,
  reduceOnPlateau,
  stepDecay,
} from "./nn/optimizers/schedules.ts";

// # Initializers
// What a parameter's values are before training.
export type { Initializer } from "./graph/parameter.ts";
export * from "./nn/initializers/index.ts";

// # Regularizers
// Penalties on large weights.
export type { Regularizer } from "./graph/parameter.ts";
export * from "./nn/regularizers/index.ts";

// # Constraints
// What weights are kept to after every update.
export type { Constraint } from "./graph/parameter.ts";
export * from "./nn/constraints/index.ts";

// # Inspection
// Every tensor of a pass, what layers give for rows of x, and gradients compared with differences.
export { activations, type ActivationsOptions } from "./inspect/activations.ts";
export { type GradCheckOptions, type GradCheckResult, gradCheck, type GradientCheck } from "./inspect/gradCheck.ts";
export { Trace, trace, type TracedTensor, type TracedUpdate } from "./inspect/trace.ts";
export { explain, type Step } from "./inspect/explain.ts";
export type { Condition, Expression, Index } from "./inspect/expression.ts";
export type { StepText, Term } from "./inspect/terms.ts";

// # Custom layers
// Layers, losses, metrics and optimizers of your own, in JavaScript.
export {
  type ByInput,
  type CustomBackward,
  type CustomForward,
  customLayer,
  type CustomLayerOptions,
  type CustomParameter,
} from "./nn/custom/customLayer.ts";
export { customLoss, type CustomLossOptions, type CustomLossPass } from "./nn/custom/customLoss.ts";
export { customMetric, type CustomMetricOptions, type CustomMetricPass } from "./nn/custom/customMetric.ts";
export { customOptimizer, type CustomOptimizerOptions, type CustomUpdate } from "./nn/custom/customOptimizer.ts";
export { lambda, type LambdaOptions } from "./nn/custom/lambda.ts";

// # Kernels
// Layers of your own whose kernels are compiled: what a layer is made of, and what the core has for it.
export type { Core } from "./runtime/core.ts";
export type { OwnKernels } from "./runtime/kernels.ts";
export type { Layer, KernelContext } from "./graph/layer.ts";
export type { Fans, ParameterSpec } from "./graph/parameter.ts";
export type { KernelArgs } from "./runtime/record.ts";
