// Finds the tensor in which a loss or gradient became NaN or infinite, and makes the error that names it.
import type { TrainerState } from "./trainerState.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import type { Program } from "../runtime/program.ts";
import type { PlacedParameter } from "../graph/parameter.ts";
import type { RecordRange } from "../runtime/record.ts";
import type { Model } from "../model/model.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

/** Training met a number that is NaN or infinite. Weights and state are those of the step before. */
export class NonFiniteError extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = "NonFiniteError";
  /** The update that was not made, counted from 1. */
  readonly step: number;
  /** Name of the layer in which the first such number was seen; undefined if it was the loss itself. */
  readonly layer: string | undefined;
  /** The tensor, by its textbook name. */
  readonly tensor: string;

  /** Takes the message and the properties. */
  constructor(message: string, step: number, layer: string | undefined, tensor: string) {
    super(message);
    this.step = step;
    this.layer = layer;
    this.tensor = tensor;
  }
}

/** @internal The error in the step after so many updates: its message ends with what the weights are. */
export const failure = (text: string, updates: number, layer: string | undefined, tensor: string): NonFiniteError =>
  new NonFiniteError(`${text}. The weights are those of step ${updates}`, updates + 1, layer, tensor);

/** Runs the halted pass again, record by record, until a number is not finite. The batch is still the same. */
export function diagnose(
  where: string,
  state: Pick<TrainerState, "model" | "updates" | "learningRate">,
  trainingProgram: TrainingProgram,
  pass: RecordRange,
): NonFiniteError {
  const { model, updates, learningRate } = state;
  const { program } = trainingProgram;
  const { haltedBy: what, rows } = program;
  if (what === "the update") return tooLarge(where, state);
  program.restoreState();
  const tensor = findNonFinite(model, trainingProgram, pass, rows);
  const node = tensor && tensor.layer >= 0 ? model.nodes[tensor.layer] : undefined;
  const seen = tensor
    ? `first seen in ${tensor.name}${node ? ` of layer "${node.name}"` : ""}, which is ${tensor.value}`
    : "but not when it was run again";
  return failure(
    `${where}: ${what} became NaN or infinite in step ${updates + 1}; ${seen}. ` +
      `Likely causes: a learning rate that is too large (it was ${learningRate}), inputs that are not scaled ` +
      `(to about 0 to 1, or mean 0 and deviation 1), or a loss on probabilities without a sigmoid or softmax before it`,
    updates,
    node?.name,
    tensor?.name ?? "",
  );
}

/** @internal The error for an update that might write infinite numbers: it names the largest gradient. */
export function tooLarge(
  where: string,
  { model, updates, learningRate }: Parameters<typeof diagnose>[1],
): NonFiniteError {
  const offset = model.gradientOffset();
  const sizes = model.run.parameters.map((p) =>
    model.core.arena.floats(p.slot + offset, p.size).reduce((top, g) => Math.max(top, Math.abs(g)), 0),
  );
  const largest = Math.max(...sizes);
  const worst = model.run.parameters[sizes.indexOf(largest)];
  // the rate alone can be too large, even where nothing is trained
  const { layer, tensor } = worst ? gradientOf(model, worst) : { layer: undefined, tensor: "" };
  const seen = worst ? `, the largest gradient ${largest.toPrecision(3)}, in ${tensor} of layer "${layer}"` : "";
  return failure(
    `${where}: the update became too large for float32 numbers in step ${updates + 1}: the learning rate is ${learningRate}${seen}. ` +
      `Take a smaller learning rate, smaller inputs and targets, or an optimizer with clipNorm: 1`,
    updates,
    layer,
    tensor,
  );
}

/** @internal The layer of a parameter, and its gradient's textbook name. */
export function gradientOf({ nodes }: Model, { address }: PlacedParameter): { layer: string; tensor: string } {
  const node = nodes.find(({ parameters }) => parameters.some((p) => p.address === address))!;
  const { local } = node.parameters.find((p) => p.address === address)!;
  return { layer: node.name, tensor: `d${node.textbookNames[local]}` };
}

function findNonFinite(
  model: Model,
  { program, records }: TrainingProgram,
  pass: RecordRange,
  rows: number,
): { layer: number; name: string; value: number } | undefined {
  for (const { address: first, end: last, kernel, layer, writes } of records) {
    if (first < pass.first || last > pass.last || kernel === "batchCheckLoss") continue;
    program.run({ first, last }, rows);
    if (program.haltedBy === "a layer's state") return stateOf(model, layer);
    for (const { name, address, elements, rows: hasRows } of writes) {
      const value = nonFiniteValue(model, name === "loss", address, hasRows ? elements * rows : elements);
      if (value !== undefined) return { layer, name, value };
    }
  }
  return undefined;
}

/** The state of a layer that is NaN or infinite. */
function stateOf({ core, nodes }: Model, layer: number): { layer: number; name: string; value: number } | undefined {
  for (const { local, address, size, trained } of nodes[layer]!.parameters) {
    const index = trained ? -1 : firstNonFinite(core, address, size);
    if (index >= 0) return { layer, name: local, value: core.arena.floats(address, size)[index]! };
  }
  return undefined;
}

/** The loss, or the first number of a tensor, that is NaN or infinite. */
function nonFiniteValue({ core }: Model, isLoss: boolean, address: number, count: number): number | undefined {
  const { arena } = core;
  if (isLoss) {
    const [total] = arena.doubles(address, 1) as unknown as [number];
    return Number.isFinite(total) ? undefined : total;
  }
  const index = firstNonFinite(core, address, count);
  return index < 0 ? undefined : arena.floats(address, count)[index];
}

/** The error for an update whose gradients were computed by hand. */
export function badGradient(state: TrainerState, program: Program): NonFiniteError {
  if (program.haltedBy === "the update") return tooLarge("update", state);
  const { model, updates } = state;
  const offset = model.gradientOffset();
  const bad = model.run.parameters.find((p) => firstNonFinite(model.core, p.slot + offset, p.size) >= 0)!;
  const { layer, tensor } = gradientOf(model, bad);
  return failure(
    `update: a gradient is NaN or infinite in step ${updates + 1}, first in ${tensor} of layer "${layer}". ` +
      `Look at the dy that was given to backward`,
    updates,
    layer,
    tensor,
  );
}
