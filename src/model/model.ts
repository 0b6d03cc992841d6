// `sequential` and `Model`: parameters, prediction, passes by hand, and the fingerprint.
import { freeWith, Workspace } from "../runtime/arena.ts";
import { checkBoolean, checkKeys, checkKind, checkNumbers, checkShape, isObject, valueText } from "../util/check.ts";
import { type FlatRows, flattenRows, type Input, nonFiniteText, type Rule, writeScaled } from "../data/samples.ts";
import { summarize, type Summary } from "./summary.ts";
import { buildGraph } from "../graph/graph.ts";
import { type GraphNode, type Kept, type Layer, type ModelNode, type Weights, whereText } from "../graph/layer.ts";
import type { Inputs } from "../nn/composites/inputs.ts";
import type { ParameterRun, PlacedParameter } from "../graph/parameter.ts";
import type { OutputActivation } from "../nn/losses/loss.ts";
import { type Core, createCore } from "../runtime/core.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import { type ForwardPlan, labelsOf, makeForwardPlan, PREDICT_ROWS, roomFor } from "./forwardPlan.ts";
import type { PredictAsyncOptions } from "./predictAsync.ts";
import { placeParameters } from "../graph/placeParameters.ts";
import { showText } from "../util/host.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";
import type { AnyWorker } from "../runtime/threads/messages.ts";

/** What `sequential` takes besides the layers. */
export interface ModelOptions {
  /** Shape of a row of the input: a number for a row of that many numbers, or the sizes of its axes; or several `inputs`. */
  readonly input: number | Shape | Inputs;
  /** Decides the initial weights, dropout and the order of rows; an integer, default 0. */
  readonly seed?: number;
  /** Another model's `core`: both then share one memory. */
  readonly core?: Core;
  /**
   * Threads that work together, up to 32, or "auto": as many as there are processors, at most 8. The numbers are the same, to the
   * bit. Where memory can't be shared there is one thread; `backend(model)` says why. Default 1.
   */
  readonly threads?: number | "auto";
  /** Makes a worker that runs wasmgrad/worker.js, where the default one can't be loaded. */
  readonly createWorker?: () => AnyWorker;
}

/** What `backward` computes. */
export interface BackwardOptions {
  /** The gradient with respect to x; default true. */
  readonly input?: boolean;
  /** The gradients of the parameters; default true. */
  readonly parameters?: boolean;
}

/** A parameter of a model: its values are read and written through copies. */
export interface Parameter {
  /** Layer and parameter: `dense1.weight`. */
  readonly name: string;
  /** Sizes of its axes. */
  readonly shape: Shape;
  /** Number of its values. */
  readonly size: number;
  /** It has a gradient and is updated; false for frozen layers and for state such as running statistics. */
  readonly trained: boolean;
  /** A copy of the values, row by row. */
  get(): Float32Array;
  /**
   * Replaces the values.
   *
   * @throws {TypeError | RangeError} if the count is wrong or a value is not a finite number
   */
  set(values: ArrayLike<number>): void;
  /** A copy of the gradient as it is now. */
  gradient(): Float32Array;
  /**
   * Replaces the gradient, which `trainer.update` goes by and `model.backward` adds to.
   *
   * @throws {TypeError | RangeError} if the count is wrong, a value is not a finite number, or the parameter isn't trained
   * @throws {Error} while `fit` trains the model
   */
  setGradient(values: ArrayLike<number>): void;
}

/**
 * A model of consecutive layers; composites such as `residual` and `concat` make it a graph.
 *
 * @param options.input shape of a row: `784`, or `[28, 28]`
 * @param options.seed decides the initial weights, dropout and the order of rows; default 0
 * @param layers one or more
 * @throws {TypeError | RangeError} if an option can't be used, or a layer can't take what the one before it gives; if memory can't
 * be allocated
 * @example const model = await sequential({ input: 784, seed: 42 }, dense(128), relu(), dense(10));
 */
export async function sequential(options: ModelOptions, ...layers: readonly Layer[]): Promise<Model> {
  return modelOf(options, layers);
}

/** `sequential` of a list: a file's layers can be more than a call can have arguments. */
export async function modelOf(options: ModelOptions, layers: readonly Layer[]): Promise<Model> {
  const isOptions = isObject(options) && !("outputShape" in options);
  checkKind(isOptions, "sequential", "the first argument", "{ input, ... }", options);
  checkKeys("sequential", options, ["input", "seed", "core", "threads", "createWorker"]);
  const { input, seed = 0, threads = 1 } = options;
  const several = isObject(input) && "entry" in input ? input : undefined;
  const inputShape = checkShape("sequential", "input", several ? several.shape : (input as number | Shape));
  checkSeed(seed);
  const isCore = options.core === undefined || typeof options.core?.kernel === "function";
  checkKind(isCore, "sequential", "core", "another model's core", options.core);
  if (layers.length === 0) throw new RangeError("sequential: at least one layer is needed, got none");
  const graph = buildGraph(inputShape, several ? [several.entry, ...layers] : layers);
  const rules = graph.flatMap((node) => node.layer.rules?.(graph, node) ?? []);
  const sharing = graph.find(({ weights }) => weights?.share)?.weights;
  const { core: home = sharing?.core } = options;
  const core =
    threads === 1
      ? (home ?? (await createCore("sequential")))
      : await (await import("../runtime/threads/sharedCore.ts")).createSharedCore("sequential", options);
  if (!home) core.createWorker = options.createWorker;
  for (const { layer, specs } of graph) {
    await layer.load?.(core);
    for (const { regularizer, constraint } of specs) {
      await regularizer?.load?.(core);
      await constraint?.load(core);
    }
  }
  return new Model(core, inputShape, several, seed, layers, graph, rules, sharing);
}

/** Refuses what can't be a model's seed: random numbers take 53 bits of it. */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`sequential: seed must be a whole number from 0 to 2^53 - 1, got ${valueText(seed)}`);
  }
}

/** Refuses what isn't a model. `kind`: what it may be. */
export function checkModel(where: string, name: string, model: Model, kind = "a model"): void {
  checkKind(typeof model?.fingerprint === "function", where, name, kind, model);
}

/** A network and its weights. Made by `sequential` or read from a file. */
export class Model {
  /** The instance of the WebAssembly core, for `sequential({ core: model.core, ... })`. */
  readonly core: Core;
  /** Shape of a row of the input. */
  readonly inputShape: Shape;
  /** Several inputs, if the model has them: `model.inputs.join({ ... })` makes rows of theirs. */
  readonly inputs: Inputs | undefined;
  /** Shape of a row of the output. */
  readonly outputShape: Shape;
  /** The seed that it was made with. */
  readonly seed: number;
  /** The layers as they were given. */
  readonly layers: readonly Layer[];
  /** @internal The nodes of its graph: the layers, those of composites included. */
  readonly nodes: readonly ModelNode[];
  /** @internal What the layers demand of the input. */
  readonly rules: readonly Rule[];
  /** @internal What stateful layers keep from batch to batch, if there are some. */
  readonly kept: Kept | undefined;
  /** @internal How outputs become probabilities, by the last trainer's loss. */
  outputActivation: OutputActivation | undefined;
  /** @internal Training passes so far: they number the dropout masks. */
  passes = 0;
  /** @internal Whose `fit` is under way. */
  inTraining: object | undefined;
  /** @internal While a worker trains a copy: is told of what is set here, or refuses it. */
  onSet: ((name: string, address: number, values: Float32Array<ArrayBuffer>) => void) | undefined;
  /** @internal Whether the last `fit` ran in a worker, and if it should have, why not. */
  offThread: { readonly worker: boolean; readonly reason: string | undefined } | undefined;
  /** @internal The trained parameters, one contiguous block of memory. */
  readonly run: ParameterRun;
  readonly #placed: readonly PlacedParameter[];
  readonly #workspace: Workspace;
  #gradients = 0;
  /** Of `predict`, and of passes by hand. */
  readonly #plans: (ForwardPlan | undefined)[] = [];
  #rowsForward = 0;

  /** @internal */
  constructor(
    core: Core,
    inputShape: Shape,
    inputs: Inputs | undefined,
    seed: number,
    layers: readonly Layer[],
    graph: readonly GraphNode[],
    rules: readonly Rule[],
    sharing: Weights | undefined,
  ) {
    this.core = core;
    this.inputShape = inputShape;
    this.inputs = inputs;
    this.outputShape = graph.at(-1)!.output;
    this.seed = seed;
    this.layers = layers;
    this.rules = rules;
    this.#workspace = new Workspace(core.arena, "sequential");
    try {
      const own = placeParameters(graph, this.#workspace);
      const { nodes, placed, made, run } = sharing?.share!(graph, own, core.arena) ?? own;
      this.nodes = nodes;
      this.#placed = placed;
      this.run = run;
      // in the order of their addresses: initializers write whole vectors, the last one over the beginning of the next parameter
      for (const { node, spec, index } of made) {
        const { name, address } = placed[index]!;
        const values = node.weights?.get(name);
        if (values) core.arena.write(address, values);
        else spec.initializer.fill({ core, shape: spec.shape, fans: spec.fans, address, seed, index });
      }
    } catch (error) {
      this.#workspace.free();
      throw error;
    }
    this.kept = this.nodes.find(({ layer }) => layer.keeps)?.layer.keeps!(core, this.nodes);
    freeWith(this, this.#workspace);
    showText(this);
  }

  /** The parameters in their order, with their values. */
  parameters(): Parameter[] {
    const { arena } = this.core;
    return this.#placed.map(({ name, shape, size, address, slot, trained }) => {
      const put = (where: string, values: ArrayLike<number>, gradient: boolean): void => {
        this.refuse(gradient ? where : `${name}.set`, gradient);
        checkNumbers(where, "the values", values);
        if (values.length !== size) {
          throw new RangeError(`${where}: ${shapeText(shape)} has ${size} values, but ${values.length} were given`);
        }
        const numbers = Float32Array.from(values);
        const bad = numbers.findIndex((value) => !Number.isFinite(value));
        if (bad >= 0) throw new RangeError(`${where}: value ${bad} must be a finite number, got ${values[bad]}`);
        if (gradient) checkKind(trained, where, "trained", "true", trained);
        else this.onSet?.(name, address, numbers);
        arena.write(gradient ? slot + this.gradientOffset() : address, numbers);
      };
      return {
        name,
        shape,
        size,
        trained,
        get: () => arena.read(address, size),
        set: (values) => put(name, values, false),
        gradient: () =>
          this.#gradients && trained ? arena.read(slot + this.gradientOffset(), size) : new Float32Array(size),
        setGradient: (values) => put(`${name}.setGradient`, values, true),
      };
    });
  }

  /** Number of scalar parameters. */
  get parameterCount(): number {
    return this.#placed.reduce((sum, p) => sum + p.size, 0);
  }

  /** Layers, shapes, parameters, bytes and operations; `String(model.summary())` is a table. */
  summary(): Summary {
    return summarize(this.core, this.inputShape, this.nodes);
  }

  /** The summary's table, which `console.log(model)` shows too in Node, Deno and Bun. */
  toString(): string {
    return String(this.summary());
  }

  /** What `JSON.stringify(model)` writes: the summary and the fingerprint, no weights. `saveModel` keeps those. */
  toJSON(): object {
    return { ...this.summary(), fingerprint: this.fingerprint() };
  }

  /** @internal Bytes from a parameter to its gradient. Gradients are allocated when they are first needed. */
  gradientOffset(): number {
    // who asks may write: any row may then have a gradient
    for (const { touched } of this.run.parameters) if (touched) this.core.arena.writeWords(touched.address, [-1]);
    if (this.#gradients === 0) this.#gradients = this.#workspace.allocate(this.run.bytes, "the gradients");
    return this.#gradients - this.run.address;
  }

  /**
   * The last layer's output for each row of x, row by row.
   *
   * @param x rows of the model's input shape: arrays, a typed array, or samples
   * @returns float32, rows times outputs
   * @throws {TypeError | RangeError} if x is not made of such rows; if a number is NaN or infinite
   * @example const logits = model.predict([[0, 1, 0.5, 1], [1, 1, 0, 0]]); // two rows
   */
  predict(x: Input): Float32Array {
    return this.#infer(x, "predict", false);
  }

  /**
   * The output as probabilities: the loss that the model was trained with says how (sigmoid, softmax); without one, or with a
   * loss on probabilities, the output as it is.
   *
   * @returns float32, rows times outputs
   */
  probabilities(x: Input): Float32Array {
    return this.#infer(x, "probabilities", true);
  }

  #infer(x: Input, where: string, probabilities: boolean): Float32Array {
    const flat = flattenRows(x, this.inputShape, where, "x");
    this.refuse(where, false);
    const outputs = sizeOf(this.outputShape);
    const result = flat.rows > PREDICT_ROWS ? roomFor(flat.rows * outputs, where) : undefined;
    // states are kept row by row, so those of a stateful model are one pass
    const plan = this.#plan(false, this.kept ? flat.rows : Math.min(flat.rows, PREDICT_ROWS));
    const range = probabilities ? { first: plan.forward.first, last: plan.after.last } : plan.forward;
    const { arena } = this.core;
    for (let row = 0; row < flat.rows; row += plan.capacity) {
      const rows = Math.min(plan.capacity, flat.rows - row);
      this.loadRows(flat, row, rows, plan.graph.input.address, where);
      if (row === 0) this.checkRules(flat, where);
      plan.program.run(range, rows);
      const part = arena.floats(plan.graph.output.address, rows * outputs);
      if (!result) return part.slice();
      result.set(part, row * outputs);
    }
    return result!;
  }

  /**
   * A label for each row: the largest output's index; for a single output 0 or 1 (1 or -1 after training with `hinge`). Where
   * each of several outputs is a yes or no of its own, compare `probabilities(x)` with a threshold instead.
   *
   * @returns int32, one per row
   * @throws {RangeError} if the model has several `outputs`: split what `predict` gives instead
   */
  classify(x: Input): Int32Array {
    if (this.layers.at(-1)!.type === "outputs") {
      throw new RangeError(
        "classify: the model has several outputs, which have no class as one; split them: outputs.split(model.predict(x))",
      );
    }
    return labelsOf(this.#infer(x, "classify", false), this.outputShape.at(-1)!, this.outputActivation);
  }

  /**
   * `predict` without holding the caller up: the event loop has its turn every few milliseconds. The same numbers, by the weights
   * at the time of the call, whatever trains the model or sets its parameters meanwhile. Calls of one model run one after another.
   *
   * @param x as for `predict`; it must not be changed until the promise resolves
   * @param options.into a Float32Array for the output, rows times outputs; default a new one
   * @param options.yieldEvery milliseconds after which control goes back to the event loop; default 8
   * @returns float32, rows times outputs: `into`, if it is given
   * @throws {TypeError | RangeError} as `predict` does, before any number is computed; if `into` hasn't the right length
   * @example const logits = await model.predictAsync(x); // the page goes on meanwhile
   */
  predictAsync(x: Input, options?: PredictAsyncOptions): Promise<Float32Array> {
    return this.#later("predictAsync", x, options) as Promise<Float32Array>;
  }

  /**
   * `classify` without holding the caller up, as `predictAsync` is to `predict`.
   *
   * @param x as for `predict`; it must not be changed until the promise resolves
   * @param options.yieldEvery milliseconds after which control goes back to the event loop; default 8
   * @returns the labels that `classify` gives, one per row
   * @throws {TypeError | RangeError} as `classify` does
   * @example const digits = await model.classifyAsync(x);
   */
  classifyAsync(x: Input, options?: Pick<PredictAsyncOptions, "yieldEvery">): Promise<number[]> {
    return this.#later("classifyAsync", x, options) as Promise<number[]>;
  }

  /** Calls what is fetched first, with the weights of now. */
  async #later(name: "predictAsync" | "classifyAsync", x: Input, options?: PredictAsyncOptions): Promise<unknown> {
    const weights = this.run.ranges.map(({ address, bytes }) => this.core.arena.read(address, bytes / 4));
    return (await import("./predictAsync.ts"))[name](this, weights, x, options);
  }

  /**
   * A training pass of your own: the output for x, keeping what `backward` needs. Dropout is active.
   *
   * @returns float32, rows times outputs
   */
  forward(x: Input): Float32Array {
    const flat = flattenRows(x, this.inputShape, "forward", "x");
    this.refuse("forward");
    this.checkBatch(flat.rows, "forward");
    const plan = this.#plan(true, flat.rows);
    this.#rowsForward = 0; // the last one's activations are overwritten
    this.loadRows(flat, 0, flat.rows, plan.graph.input.address, "forward");
    this.checkRules(flat, "forward");
    const { program } = plan;
    program.counters = { updates: 0, passes: this.passes, epochs: 0 };
    program.keepState();
    try {
      program.run(plan.forward, flat.rows);
      if (program.haltedBy) {
        throw new RangeError(
          `forward: ${program.haltedBy}, such as a running variance, would become infinite; scale x`,
        );
      }
    } catch (error) {
      program.restoreState(); // custom layers may throw, too
      throw error;
    }
    this.passes++;
    this.#rowsForward = flat.rows;
    return this.core.arena.read(plan.graph.output.address, flat.rows * sizeOf(this.outputShape));
  }

  /**
   * Adds the gradients of the parameters for the last `forward`, given the loss's gradient with respect to its output. What isn't asked
   * for isn't computed, and takes no time; the rest has the same bits. It may be called again for the same `forward`.
   *
   * @param dy rows times outputs, as `forward` gave them
   * @param options.input false: without the gradient with respect to x; default true
   * @param options.parameters false: without those of the parameters, which stay as they are, as where a model passes on to another
   *   what it says of its input; default true
   * @returns the gradient with respect to x, rows times inputs; undefined with `input: false`
   * @throws {Error} without a `forward` before it
   * @throws {TypeError | RangeError} if an option can't be used or both are false; if the count is wrong or a number is not finite
   * @example
   * const output = model.forward(x);
   * const dx = model.backward(output, { parameters: false }); // of half the sum of the output's squares
   */
  backward(dy: Input, options: BackwardOptions & { input: false }): undefined;
  backward(dy: Input, options?: BackwardOptions & { input?: true }): Float32Array;
  backward(dy: Input, options?: BackwardOptions): Float32Array | undefined;
  backward(dy: Input, options: BackwardOptions = {}): Float32Array | undefined {
    checkKeys("backward", options, ["input", "parameters"]);
    const { input = true, parameters = true } = options;
    checkBoolean("backward", "input", input);
    checkBoolean("backward", "parameters", parameters);
    checkKind(input || parameters, "backward", "input or parameters", "true", false);
    this.refuse("backward");
    const plan = this.#plans[1];
    const rows = this.#rowsForward;
    if (!plan || rows === 0) throw new Error("backward: call forward(x) first; its activations are needed");
    const flat = flattenRows(dy, this.outputShape, "backward", "dy");
    if (flat.rows !== rows) throw new RangeError(`backward: dy has ${flat.rows} rows, but forward had ${rows}`);
    this.loadRows(flat, 0, rows, plan.graph.outputGradient, "backward", "dy", this.outputShape);
    plan.program.run((plan.backwards[`${input}${parameters}`] ??= plan.backward(input, parameters)), rows);
    return input ? this.core.arena.read(plan.graph.inputGradient, rows * sizeOf(this.inputShape)) : undefined;
  }

  /**
   * Lets stateful layers begin anew, with zeros, in the next `predict`, `step` and `forward`, and in a `fit` that is under way. Nothing
   * happens if there are none.
   *
   * @example model.resetStates(); // what follows is another text
   */
  resetStates(): void {
    this.kept?.reset(this.onSet);
  }

  /** Sets all gradients to 0. */
  zeroGradients(): void {
    this.refuse("zeroGradients");
    const { address, bytes } = this.run;
    this.core.arena.floats(address + this.gradientOffset(), bytes / 4).fill(0);
  }

  /**
   * A hash of all parameters, 16 hexadecimal digits: equal fingerprints mean equal bits. How it is computed is written down in
   * docs/fingerprint.md.
   */
  fingerprint(): string {
    const { arena, exports } = this.core;
    const header = arena.allocate(256, "fingerprint", "the header");
    let hash = 0xcbf29ce484222325n;
    for (const { shape, size, address } of this.#placed) {
      arena.writeWords(header.address, [shape.length, ...shape]);
      hash = exports.hashWords(header.address, 1 + shape.length, hash);
      hash = exports.hashWords(address, size, hash);
    }
    arena.free(header);
    return BigInt.asUintN(64, hash).toString(16).padStart(16, "0");
  }

  /**
   * @internal Throws where a call would spoil a pass or a training that is under way: its gradients, counters, or running
   * statistics. It is to be asked once the user's data are read, since reading them may begin one.
   *
   * @param trains false: the call is no training of its own, and disturbs none
   */
  refuse(where: string, trains = true): void {
    this.core.arena.refuse?.(where);
    if (trains && this.inTraining) throw new Error(`${where}: the model is being trained by fit; await that first`);
  }

  /** @internal Throws if the rows break a rule of a layer, or can't go on from the batch before. */
  checkRules(flat: FlatRows, where: string): void {
    for (const rule of this.rules) rule(flat, sizeOf(this.inputShape), where);
    this.kept?.ready(where, flat.rows);
  }

  /** @internal Throws if a layer can't be trained on a batch of so many rows. */
  checkBatch(rows: number, where: string): void {
    for (const { layer, index, input, trainable } of this.nodes) {
      if (trainable) layer.checkBatch?.(rows, input, `${where}: ${whereText(layer, index)}`);
    }
  }

  /** @internal Writes rows to an address as float32, and validates them. */
  loadRows(
    flat: FlatRows,
    row: number,
    rows: number,
    address: number,
    where: string,
    name = "x",
    shape: Shape = this.inputShape,
  ): void {
    const size = sizeOf(shape);
    const count = rows * size;
    const data = count === flat.data.length ? flat.data : flat.data.subarray(row * size, row * size + count);
    writeScaled({ data, scale: flat.scale }, this.core.arena.floats(address, count));
    const bad = firstNonFinite(this.core, address, count);
    if (bad >= 0) throw new RangeError(nonFiniteText(where, name, size, row * size + bad, flat));
  }

  /** A plan for so many rows: the last one, if it can be used again. */
  #plan(training: boolean, rows: number): ForwardPlan {
    const kind = Number(training);
    const old = this.#plans[kind];
    if (old && old.capacity >= rows && (training || old.outputActivation === this.outputActivation)) return old;
    old?.workspace.free();
    this.#plans[kind] = undefined;
    return (this.#plans[kind] = makeForwardPlan(this, Math.max(rows, old?.capacity ?? 0), training));
  }
}
