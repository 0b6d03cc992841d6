// `stepper`: runs a model of sequences one step at a time, at the cost of one step.
import { flattenRows, type Input } from "../data/samples.ts";
import { type GraphNode, INPUT, type Layer, type ModelNode, type Value, whereText } from "../graph/layer.ts";
import { gruCell } from "../nn/layers/gru.ts";
import { KeptStates } from "../nn/layers/kept.ts";
import { lstmCell } from "../nn/layers/lstm.ts";
import { type Complete, describeRecurrent, goesBackward } from "../nn/layers/recurrent.ts";
import { simpleRnnCell } from "../nn/layers/simpleRnn.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";
import { type ForwardPlan, makeForwardPlan, type PlanSource } from "./forwardPlan.ts";
import { checkModel, type Model } from "./model.ts";

const CELLS = [simpleRnnCell, lstmCell, gruCell];

/** Layers that give of each step what they would of it alone; so do activations, and what `timeDistributed` applies. */
const STEPWISE: readonly string[] = [
  "add",
  "batchNorm",
  "dense",
  "dropout",
  "embedding",
  "gaussianNoise",
  "identity",
  "layerNorm",
  "prelu",
  "rmsNorm",
  "spatialDropout1d",
  "tiedDense",
];

/** A model that reads a sequence step by step. Made by `stepper`. */
export class Stepper {
  /** Shape of a row of x: of one step. */
  readonly inputShape: Shape;
  /** Shape of a row of the output, after one step. */
  readonly outputShape: Shape;
  readonly #model: Model;
  readonly #source: PlanSource;
  readonly #kept: KeptStates;
  readonly #rules: Model["rules"];
  #plan: ForwardPlan | undefined;

  /** @internal */
  constructor(model: Model) {
    const step: Shape = [1, ...model.inputShape.slice(1)];
    const { nodes, stepped } = nodesOfOneStep(model, step);
    const kept = new KeptStates(model.core, nodes);
    this.inputShape = step.length > 1 ? step.slice(1) : step;
    const { output } = nodes.at(-1)!;
    this.outputShape = stepped && output.length > 1 ? output.slice(1) : output;
    this.#model = model;
    this.#kept = kept;
    this.#rules = nodes.flatMap(
      (node) => node.layer.rules?.(nodes as unknown as GraphNode[], node as unknown as GraphNode) ?? [],
    );
    this.#source = Object.assign(Object.create(model) as PlanSource, { nodes, inputShape: step, kept });
  }

  /**
   * Reads one step, and gives the output after it: what `model.predict` gives for all steps so far, to the bit; of a model that puts
   * out every step, the last one's.
   *
   * @param x a step of each row: as many rows as the step before
   * @returns float32, rows times outputs
   * @throws {TypeError | RangeError} if x is not made of such rows; if there are other rows than in the step before
   */
  predict(x: Input): Float32Array {
    return this.#infer(x, "predict", false);
  }

  /** The same as probabilities, as `model.probabilities` gives them. */
  probabilities(x: Input): Float32Array {
    return this.#infer(x, "probabilities", true);
  }

  /** Begins anew: the next step is a first one. */
  resetStates(): void {
    this.#kept.reset();
  }

  #infer(x: Input, name: string, probabilities: boolean): Float32Array {
    const model = this.#model;
    const where = `stepper.${name}`;
    const flat = flattenRows(x, this.inputShape, where, "x");
    const { rows } = flat;
    model.refuse(where, false);
    let plan = this.#plan;
    if (plan?.capacity !== rows || plan.outputActivation !== model.outputActivation) {
      this.#kept.check("predict", rows, where);
      plan?.workspace.free();
      this.#plan = undefined;
      this.#plan = plan = makeForwardPlan(this.#source, rows, false);
    }
    model.loadRows(flat, 0, rows, plan.graph.input.address, where, "x", this.inputShape);
    for (const rule of this.#rules) rule(flat, sizeOf(this.inputShape), where);
    this.#kept.ready(where, rows);
    plan.program.run(probabilities ? { first: plan.forward.first, last: plan.after.last } : plan.forward, rows);
    return model.core.arena.read(plan.graph.output.address, rows * sizeOf(this.outputShape));
  }
}

/**
 * Runs a model that was made for sequences one step at a time, at the cost of one step: the states of its recurrent layers are kept
 * from call to call. So a model that was trained on texts can be given one character, say what comes next, and be given that. It has
 * the model's own weights, as they are at each call; what it keeps is its own.
 *
 * @param model its input is a sequence, [steps] or [steps, ...]; before and between its recurrent layers are layers that work on each
 *   step alone, such as embedding, dense, activations, layerNorm, dropout, `timeDistributed`
 * @throws {TypeError} if it isn't a model
 * @throws {RangeError} if no layer of it is recurrent, one reads more than the steps so far (`reverse`, `bidirectional`, attention,
 *   convolutions), or it has several inputs
 * @example
 * const model = await sequential({ input: [8] }, embedding(5, 4), lstm(16), dense(5)); // and trained
 * const text = stepper(model);
 * let character = 3;
 * for (let i = 0; i < 20; i++) {
 *   const logits = text.predict([character]);
 *   character = logits.indexOf(Math.max(...logits)); // or drawn by text.probabilities
 * }
 */
export function stepper(model: Model): Stepper {
  checkModel("stepper", "the argument", model);
  return new Stepper(model);
}

/** The nodes of a model for sequences of one step: recurrent layers go on from step to step. `stepped`: it puts out every step. */
function nodesOfOneStep(model: Model, input: Shape): { nodes: readonly ModelNode[]; stepped: boolean } {
  if (model.inputs) throw new RangeError("stepper: the model must have one input, a sequence, got several");
  const nodes: ModelNode[] = [];
  /** Values that have the steps as their first axis. */
  const stepped = new Set<Value>([INPUT]);
  for (const node of model.nodes) {
    const { from, others, index } = node;
    const read = [from, ...Object.values(others)].filter((value) => stepped.has(value));
    if (read.length === 0) {
      nodes.push(node);
      continue;
    }
    const where = `stepper: ${whereText(node.layer.original ?? node.layer, index)}`;
    const shapeOf = (value: Value): Shape => nodes[value]?.output ?? input;
    const shapes = Object.fromEntries(Object.entries(others).map(([slot, value]) => [slot, shapeOf(value)]));
    const layer = layerOfOneStep(node, where);
    const x = shapeOf(from);
    const output = layer.outputShape(x, where, shapes);
    if (!layer.keeps || node.layer.options["returnSequences"] === true) stepped.add(index);
    nodes.push({ ...node, layer, input: x, output });
  }
  if (!nodes.some(({ layer }) => layer.keeps)) {
    throw new RangeError(
      "stepper: the model must have a recurrent layer that reads its input, such as lstm(64), got none",
    );
  }
  return { nodes, stepped: stepped.has(nodes.length - 1) };
}

/** The layer of a node that reads steps, for one of them. Refuses what needs more than that. */
function layerOfOneStep({ layer, input }: ModelNode, where: string): Layer {
  const { type, kernel, options } = layer;
  const refuse = (why: string): never => {
    throw new RangeError(`${where} can't go step by step: ${why}`);
  };
  const cell = kernel === "timeDistributed" ? undefined : CELLS.find((each) => each.type === type);
  if (cell) {
    const odd = ["reverse", "lengths", "initialState", "initialCell", "finalState", "finalCell"].find(
      (key) => options[key],
    );
    if (odd !== undefined) refuse(`it has ${odd}`);
    if (goesBackward(layer)) refuse("it goes from the last step to the first");
    return describeRecurrent(cell, { ...options, stateful: true } as unknown as Complete);
  }
  const alone =
    kernel === "timeDistributed" ||
    layer.activation === true ||
    layer.trainingOnly === true ||
    STEPWISE.includes(type) ||
    (type === "join" && (options["axis"] === -1 || options["axis"] === input.length - 1) && input.length > 1);
  if (!alone)
    refuse(`what it gives of a step (of ${shapeText(input)}) depends on others, or isn't known to depend on it alone`);
  return layer;
}
