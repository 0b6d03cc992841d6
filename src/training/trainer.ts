// `Trainer`: the public interface of this folder, and updates from gradients that were computed by hand.
import type { FiguresOf, Measured, Metric, NamesOf } from "../nn/metrics/metric.ts";
import { checkKeys, checkKind, checkNotNegative, isObject } from "../util/check.ts";
import type { Target, TrainingData } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Source } from "../data/sources.ts";
import { evaluation, fit, offThread } from "./fitLoop.ts";
import type { FitOptions } from "./fitOptions.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import type { History } from "./position.ts";
import { restoreState, takeState } from "./state.ts";
import { step, update } from "./step.ts";
import { isLoss, type Loss } from "../nn/losses/loss.ts";
import { checkModel, type Model } from "../model/model.ts";
import { isOptimizer, type Optimizer } from "../nn/optimizers/optimizer.ts";
import type { Schedule } from "../nn/optimizers/schedule.ts";
import { showText } from "../util/host.ts";
import { TrainerState } from "./trainerState.ts";

/** What a trainer consists of. */
export interface TrainerOptions<Metrics extends readonly Metric[] = readonly Metric[], L extends Loss = Loss> {
  /** What is made small, such as `softmaxCrossEntropy()`; without one, loops by hand are what is left: `model.backward` and `update`. */
  readonly loss?: L | undefined;
  /** How parameters follow their gradients, such as `adam({ learningRate: 1e-3 })`. */
  readonly optimizer: Optimizer;
  /** Metrics besides the loss; default none. */
  readonly metrics?: Metrics;
  /** How the optimizer's learning rate changes; default not at all. */
  readonly schedule?: Schedule;
}

/**
 * Trains a model: a loss to make small, an optimizer that says how, and metrics to follow. Without a loss it has the updates of loops
 * by hand alone: `update`, after `model.forward` and `model.backward`.
 *
 * A trainer's type knows its metrics if they are written where it is made, and with them the names of its figures. `Trainer` without
 * more is a trainer of any metrics.
 *
 * @example
 * const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
 * await trainer.fit({ x, y }, { epochs: 5 });
 */
export class Trainer<const Metrics extends readonly Metric[] = readonly Metric[], L extends Loss = Loss> {
  /** The model that is trained. */
  readonly model: Model;
  /** What is made small. A trainer that was given none has undefined here, whatever the type says: few programs should ask. */
  readonly loss: L;
  /** How parameters follow their gradients. */
  readonly optimizer: Optimizer;
  /** The metrics that are computed besides the loss. */
  readonly metrics: Metrics;
  readonly #state: TrainerState;

  /**
   * Checks that the parts fit the model.
   *
   * @param model what is trained
   * @throws {TypeError | RangeError} if a part is missing or doesn't fit the model
   */
  constructor(model: Model, options: TrainerOptions<Metrics, L>) {
    checkParts(model, options);
    const { loss, optimizer, metrics = [] as readonly Metric[] as Metrics, schedule } = options;
    loss?.check(model.outputShape, "Trainer");
    if (loss) refuseEnd(model, loss);
    this.model = model;
    this.loss = loss as L;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.#state = new TrainerState(model, { loss, optimizer, metrics, schedule });
    if (loss) {
      // targets that may be either are known with the data: what fits neither is refused here
      this.trainerState.checkMetrics(loss.target === "labels", 1, "Trainer");
      model.outputActivation = loss.outputActivation;
    }
    showText(this);
  }

  /** @internal On the prototype, so that what writes a trainer's parts doesn't write the memory. */
  get trainerState(): TrainerState {
    return this.#state;
  }

  /** Updates made so far. */
  get updates(): number {
    return this.trainerState.updates;
  }

  /** Epochs finished so far. A second `fit` goes on with new orders of the rows. */
  get epochs(): number {
    return this.trainerState.epochs;
  }

  /**
   * The learning rate of the next update. Once it is set it stays, from the next update on: a schedule isn't asked for rates any more,
   * and the optimizer's own rate, from which it started, no longer counts. `learningRates` of the optimizer go on multiplying it. It may be set
   * in callbacks, too, and while `fit` runs, with threads and a worker: then from the next passes on. `state` and `restore` have it.
   *
   * @throws {TypeError | RangeError} when it is set, if it isn't a number of 0 or more
   * @example
   * trainer.learningRate /= 10;
   */
  get learningRate(): number {
    return this.trainerState.learningRate;
  }

  set learningRate(rate: number) {
    checkNotNegative("Trainer", "learningRate", rate);
    this.trainerState.rate = rate;
  }

  /** The loss, the optimizer, the metrics and the model's table, which `console.log(trainer)` shows too in Node, Deno and Bun. */
  toString(): string {
    const parts = [this.loss, this.optimizer, ...this.metrics].flatMap((part) => part?.type ?? "no loss");
    return `Trainer: ${parts.join(", ")}\n${String(this.model)}`;
  }

  /**
   * Trains on the data. Control goes back to the event loop every few milliseconds.
   *
   * @param data { x, y }, a data set, or what `batches` or `rows` makes of a source
   * @returns the loss and the metrics of every epoch
   * @throws {TypeError | RangeError} before any number is computed, if data or options can't be used
   * @throws {Error} while another `fit` trains the model
   * @throws {NonFiniteError} if a loss or gradient is NaN or infinite; the weights are then those of the step before
   * @example const history = await trainer.fit({ x, y }, { epochs: 10, batchSize: 64, validationSplit: 0.2 });
   */
  fit(
    data: TrainingData | Source,
    options: FitOptions<NamesOf<Metrics> | FiguresOf<L>> = {},
  ): Promise<History<NamesOf<Metrics> | FiguresOf<L>>> {
    return fit(this.trainerState, data, options);
  }

  /**
   * Stops `fit` for a while, after the updates that it is making. Nothing happens if none is under way; a signal ends one that is
   * paused, too.
   *
   * @returns a promise that resolves once it stands still: parameters are those of this moment, and may be set
   * @example
   * await trainer.pause();
   * console.log(model.predict(x));
   * trainer.resume();
   */
  pause(): Promise<void> {
    return offThread().then((its) => its.pause(this.trainerState));
  }

  /** Lets a paused `fit` go on. */
  resume(): void {
    // without the file nothing was paused
    offThread().then(
      (its) => its.resume(this.trainerState),
      () => {},
    );
  }

  /**
   * Copies the parameters from the worker that trains them (`fit` with `worker`), so that `predict` and `parameters()` see them as they
   * are now: as often as a page is painted, if you like. Nothing happens where `fit` runs on this thread, or not at all.
   *
   * @example
   * await trainer.refresh();
   * console.log(model.predict(x));
   */
  async refresh(): Promise<void> {
    await this.trainerState.offThread?.refresh();
  }

  /**
   * The loss and the metrics on data, without dropout; nothing is changed.
   *
   * @param data { x, y }, a data set, or what `batches` or `rows` makes of a source
   * @param options.batchSize rows per batch; default 256
   * @param options.yieldEvery milliseconds after which control goes back to the event loop; default 8
   * @returns `{ loss, ...metrics }`
   * @throws {TypeError | RangeError} if the data can't be used
   * @example const { loss, accuracy } = await trainer.evaluate({ x, y });
   */
  async evaluate(
    data: TrainingData | Source,
    options: EvaluateOptions = {},
  ): Promise<Measured<NamesOf<Metrics> | FiguresOf<L>>> {
    this.model.refuse("evaluate", false); // now: not once a pass that asks for it is over
    return (await evaluation()).evaluate(this.trainerState, data, options);
  }

  /**
   * One update from one batch.
   *
   * @param options.sampleWeights what each row counts, 0 or more; default all 1
   * @returns the batch's loss, before the update, and the metrics on it
   * @throws {TypeError | RangeError | NonFiniteError} as `fit` does
   * @example for (let i = 0; i < 100; i++) console.log(trainer.step(x, y).loss);
   */
  step(
    x: Input,
    y: Target,
    options: { sampleWeights?: ArrayLike<number> } = {},
  ): Measured<NamesOf<Metrics> | FiguresOf<L>> {
    return step(this.trainerState, x, y, options);
  }

  /**
   * One update from the gradients that `model.backward` has added up; they stay as they are until `model.zeroGradients()`.
   *
   * @throws {NonFiniteError} if a gradient is NaN or infinite; the weights are then unchanged
   * @example
   * const trainer = new Trainer(model, { optimizer: adam() }); // needs no loss
   * const output = model.forward(x);
   * model.zeroGradients();
   * model.backward(output.map((value) => value / output.length)); // of a loss that is smallest where all outputs are 0
   * trainer.update();
   */
  update(): void {
    update(this.trainerState);
  }

  /**
   * The training as it stands, in bytes: the model's parameters and running statistics, the optimizer's state, gradients, the counts of
   * updates, epochs and passes, what the schedule has observed, and what `stateful` layers keep. `restore` takes them back, here or in a trainer of the same model,
   * optimizer and schedule in any other process, which then goes on with the same bits. What the last `forward` computed isn't in it.
   *
   * @returns little-endian: a header, and four bytes for each parameter, gradient and number of the optimizer's state
   * @throws {Error} while `fit` is making updates: in a callback, or while it is paused, it isn't. With a worker pause it in
   *   callbacks, too, so that the optimizer's state is copied from there
   * @throws {Error} if a schedule of your own observes values, but has no `state`
   * @example
   * const before = trainer.state();
   * trainer.step(x, y);
   * trainer.restore(before); // as if the step had never been made
   */
  state(): Uint8Array {
    return takeState(this.trainerState);
  }

  /**
   * Goes back to a state that `state` gave, as often as you like: the trainings that follow are the same, to the bit.
   *
   * @param state it may be a view of any buffer
   * @throws {TypeError | RangeError} if it isn't a state, was cut, or is of another model, seed, optimizer or schedule, or of a newer
   *   version; nothing is then changed
   * @throws {Error} while `fit` trains the model, in its callbacks and pauses too
   * @example
   * const start = trainer.state();
   * for (const batchSize of [8, 32, 128]) {
   *   trainer.restore(start); // each begins with the same weights
   *   await trainer.fit({ x, y }, { batchSize });
   * }
   */
  restore(state: Uint8Array): void {
    restoreState(this.trainerState, state);
  }
}

/** Validates the model and the options. */
function checkParts(model: Model, options: TrainerOptions): void {
  const must = (holds: boolean, name: string, kind: string, value: unknown): void =>
    checkKind(holds, "Trainer", name, kind, value);
  checkModel("Trainer", "the first argument", model);
  must(isObject(options), "options", "{ loss, optimizer, ... }", options);
  checkKeys("Trainer", options, ["loss", "optimizer", "metrics", "schedule"]);
  const { loss, optimizer, metrics = [], schedule } = options;
  must(loss === undefined || isLoss(loss), "loss", "a loss such as softmaxCrossEntropy()", loss);
  must(isOptimizer(optimizer), "optimizer", "an optimizer such as adam()", optimizer);
  must(Array.isArray(metrics), "metrics", "an array such as [accuracy()]", metrics);
  must(loss !== undefined || metrics.length === 0, "metrics", "left out where there is no loss", metrics);
  [...metrics].forEach((metric: Metric, i) => {
    must(typeof metric?.stateSize === "function", `metrics[${i}]`, "a metric such as accuracy()", metric);
    if (metrics.findIndex((other: Metric) => other.name === metric.name) < i) {
      throw new RangeError(`Trainer: metrics[${i}] is a second "${metric.name}"; each figure can be given once`);
    }
  });
  must(
    schedule === undefined || typeof schedule?.start === "function",
    "schedule",
    "a schedule such as cosineDecay({ period: 1000 })",
    schedule,
  );
}

/** Refuses a loss that doesn't go with the layer that the model ends with, such as one that contains a second softmax. */
function refuseEnd(model: Model, { type, refusedEnds = {} }: Loss): void {
  const end = model.nodes.findLast(({ layer }) => layer.kernel !== undefined && !layer.trainingOnly);
  const fault = end && refusedEnds[end.layer.type];
  if (fault) throw new RangeError(`Trainer: ${type} ${fault(model.nodes[end.from]?.name)}`);
}
