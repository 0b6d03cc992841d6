// Finds the tensor in which a loss or gradient became NaN or infinite, and makes the error that names it.
import type { TrainerState } from "./trainerState.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import type { RecordRange } from "../runtime/record.ts";
import type { Model } from "../model/model.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

/** Training met a number that is NaN or infinite. The weights are those of the step before. */
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

/** Runs the halted pass again, record by record, until a number is not finite. The batch is still the same. */
export function diagnose(
  where: string,
  { model, updates, learningRate }: Pick<TrainerState, "model" | "updates" | "learningRate">,
  trainingProgram: TrainingProgram,
  pass: RecordRange,
  rows: number,
): NonFiniteError {
  const step = updates + 1;
  const what = trainingProgram.program.haltedBy;
  const tensor = findNonFinite(model, trainingProgram, pass, rows);
  const node = tensor && tensor.layer >= 0 ? model.nodes[tensor.layer] : undefined;
  const seen = tensor
    ? `first seen in ${tensor.name}${node ? ` of layer "${node.name}"` : ""}, which is ${tensor.value}`
    : "but not when it was run again";
  return new NonFiniteError(
    `${where}: ${what} became NaN or infinite in step ${step}; ${seen}. ` +
      `Likely causes: a learning rate that is too large (it was ${learningRate}), inputs that are not scaled ` +
      `(to about 0 to 1, or mean 0 and deviation 1), or a loss on probabilities without a sigmoid or softmax before it. ` +
      `The weights are those of step ${updates}`,
    step,
    node?.name,
    tensor?.name ?? "",
  );
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
    for (const { name, address, elements, rows: hasRows } of writes) {
      const value = nonFiniteValue(model, name === "loss", address, hasRows ? elements * rows : elements);
      if (value !== undefined) return { layer, name, value };
    }
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
export function badGradient({ model, updates }: Pick<TrainerState, "model" | "updates">): NonFiniteError {
  const offset = model.gradientOffset();
  const { core } = model;
  const bad = model.run.parameters.find((p) => firstNonFinite(core, p.address + offset, p.size) >= 0)!;
  const node = model.nodes.find((n) => n.parameters.some(({ address }) => address === bad.address))!;
  const tensor = `d${node.textbookNames[bad.local]}`;
  return new NonFiniteError(
    `update: a gradient is NaN or infinite in step ${updates + 1}, first in ${tensor} of layer "${node.name}". ` +
      `Look at the dy that was given to backward. The weights are those of step ${updates}`,
    updates + 1,
    node.name,
    tensor,
  );
}
