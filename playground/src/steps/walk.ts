// One training step to be walked through: what was given, the arrows in their order, and what each number comes from.
import {
  explain,
  gradCheck,
  type GradCheckResult,
  type Input,
  type Step,
  type Target,
  trace,
  type TracedTensor,
  type Trainer,
} from "wasmgrad";
import { asColumns, tensorsIn } from "./trees.ts";

/** An arrow: the step that it stands for; an update's are those of all parameters of a layer. */
export interface Arrow {
  readonly steps: readonly Step[];
  readonly part: Step["part"];
}

/** Everything on the screen comes from here: one trace. */
export interface Look {
  readonly arrows: readonly Arrow[];
  /** x, y and the parameters. */
  readonly given: readonly TracedTensor[];
  /** The parameters among them. */
  readonly parameters: readonly TracedTensor[];
  readonly tensors: ReadonlyMap<string, TracedTensor>;
  /** The number of the arrow, from 1, that makes a tensor; 0 of what was given. */
  readonly madeBy: ReadonlyMap<string, number>;
  readonly loss: number;
  /** The loss on the same rows after the update; undefined where there is none. */
  readonly after: number | undefined;
}

/** Looks at one training step. Nothing is changed by it. */
export function lookAt(trainer: Trainer, x: Input, y: Target): Look {
  const traced = trace(trainer, x, y, { update: true });
  const steps = explain(traced);
  const arrows: Arrow[] = [];
  for (const step of steps) {
    const last = arrows.at(-1);
    if (step.part === "update" && last?.part === "update" && last.steps[0]!.layer === step.layer)
      arrows[arrows.length - 1] = { ...last, steps: [...last.steps, step] };
    else arrows.push({ steps: [step], part: step.part });
  }
  const tensors = new Map<string, TracedTensor>(traced.given.map((tensor) => [tensor.name, tensor]));
  const madeBy = new Map<string, number>(traced.given.map(({ name }) => [name, 0]));
  arrows.forEach((arrow, i) => {
    for (const { name, tensor, lines, inputs } of arrow.steps) {
      // an optimizer's states before the update
      for (const input of inputs) if (!tensors.has(input.name)) tensors.set(input.name, input);
      for (const line of lines) {
        tensors.set(line.name, line.tensor);
        madeBy.set(line.name, i + 1);
      }
      tensors.set(name, tensor);
      madeBy.set(name, i + 1);
    }
  });
  const parameters = traced.given.filter(({ name, layer }) => layer !== undefined && !/^(x|y)$/.test(name));
  return {
    arrows,
    given: traced.given,
    parameters,
    tensors,
    madeBy,
    loss: traced.get("loss").values[0]!,
    after: traced.update ? lossAfter(trainer, x, y) : undefined,
  };
}

/** Makes the update, looks, and takes it back. */
function lossAfter(trainer: Trainer, x: Input, y: Target): number | undefined {
  const before = trainer.state();
  try {
    trainer.step(x, y);
    return trace(trainer, x, y).get("loss").values[0];
  } catch {
    return undefined;
  } finally {
    trainer.restore(before);
  }
}

/** Above so many numbers not all are nudged. */
const ALL_CHECKED = 300;
const SOME_CHECKED = 50;

/** Largest error that is still right, as gradCheck has it. */
const TOLERANCE = 0.005;

export interface Check {
  readonly result: GradCheckResult;
  /** How many numbers don't agree. */
  readonly wrong: number;
  /** How many numbers there are. */
  readonly of: number;
  /** The pair for a number of a gradient, by its name and place: `dw1:3`. */
  readonly pairs: ReadonlyMap<string, { readonly analytic: number; readonly numeric: number; readonly error: number }>;
}

/** Compares the gradients with differences of the loss. */
export function checkOf(trainer: Trainer, x: Input, y: Target, { arrows, parameters }: Look): Check {
  const gradients = arrows.flatMap(({ part, steps }) => (part === "backward" ? steps : []));
  const ofParameters = new Set(parameters.map(({ name }) => `d${name}`));
  const values = gradients.map(({ name }) => name).filter((name) => !ofParameters.has(name));
  const of = gradients.reduce((sum, { tensor }) => sum + tensor.values.length, 0);
  const limit = of > ALL_CHECKED ? { limit: SOME_CHECKED } : {};
  const result = gradCheck(trainer, x, y, { offenders: 1e6, values, ...limit });
  // parameters have their layer's name there: dense1.weight
  const names = new Map<string, string>();
  for (const { name, kind, layer } of gradients) names.set(`${layer}.${kind.replace(/^.*\./, "")}`, name);
  const pairs = new Map(
    result.offenders.map((pair) => [`${names.get(pair.parameter) ?? pair.parameter}:${pair.index}`, pair]),
  );
  const wrong = result.offenders.filter(({ error }) => !(error <= TOLERANCE)).length;
  return { result, wrong, of, pairs };
}

/** How the operands of an arrow's step are drawn, in the order of its formula as it is shown. */
export function rolesOf(step: Step, columnwise: boolean): ReadonlyMap<string, "a" | "b" | "c"> {
  const { expression } = step;
  const names =
    expression && columnwise ? [...new Set(tensorsIn(asColumns(expression)).map(({ name }) => name))] : step.operands;
  return new Map(names.map((name, i) => [name, i === 0 ? "a" : i === 1 ? "b" : "c"]));
}

/** The numbers that one number comes from: places in each operand, as the library counts them. */
export function sourcesOf(step: Step, index: readonly number[]): Map<string, number[][]> {
  const sources = new Map<string, number[][]>();
  const filled = step.substituted(index);
  if (!filled) return sources;
  for (const { name, index: place } of tensorsIn(filled)) {
    const places = sources.get(name) ?? [];
    places.push((place ?? []) as number[]);
    sources.set(name, places);
  }
  // terms that are 0 because of a label are left out: the label stays marked
  for (const input of step.inputs) {
    if (sources.has(input.name)) continue;
    const like = step.inputs.find((other) => sources.has(other.name) && String(other.shape) === String(input.shape));
    if (like) sources.set(input.name, sources.get(like.name)!);
  }
  return sources;
}
