// Runs random programs through the library and through PyTorch (server.py), and compares outputs, losses, gradients, the layers'
// state, and the parameters after every update.
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";
import { drawProgram, type Program, type ShapeOf } from "./draw.ts";
import type { LayerSpec, Options, Second } from "./layers.ts";
import type { Asked } from "./pytorch.ts";
import { Random } from "./random.ts";

/** A number that differs by more than rounding explains. */
export interface Difference {
  readonly step: number;
  /** "output", "loss", "d l0.weight", "d x", "l0.runningMean", or "l0.weight after the update" */
  readonly name: string;
  readonly index: number;
  readonly got: number;
  readonly expected: number;
  /** How many times the tolerance. */
  readonly times: number;
}

export interface Comparison {
  readonly program: Program;
  readonly differences: readonly Difference[];
  /** An argument was so near to a place where a gradient jumps that rounding may take the other side, or PyTorch's float32 isn't finite. */
  readonly atKink: boolean;
  readonly values: number;
}

interface Described {
  readonly type: string;
  readonly name: string;
  readonly options: object;
  readonly inner?: readonly (readonly Described[])[];
}

interface Sent {
  readonly kind: "f" | "i";
  readonly shape: readonly number[];
  readonly data: string;
}

interface Step {
  readonly values: Readonly<Record<string, string>>;
  readonly noise: Readonly<Record<string, number>>;
  readonly kink: number;
  readonly updated: Readonly<Record<string, string>>;
  /** How far a parameter moves, at most, when its clipped and penalized gradient is rounded to float32. */
  readonly unsure: Readonly<Record<string, number>>;
}

/**
 * Relative to a number, for each that a gradient may be the sum of (equal ones are rounded alike each time), to the largest of its
 * tensor, and to what PyTorch's own float32 is off.
 */
const TOLERANCE = { own: 2e-5, each: 2e-8, largest: 4e-6, noise: 16 };

/**
 * Relative to the change of a parameter, to the parameter (rounding of the sum alone is 6e-8), to the rate, and to what the rounding of
 * gradients makes of it: where a penalty almost cancels a gradient, an optimizer that divides by its size makes much of what is left.
 */
const UPDATE_TOLERANCE = { change: 5e-5, own: 3e-7, rate: 3e-6, rounding: 4 };

/** Distances to a kink, relative to the largest argument. */
const KINK = 1e-5;

const makers = w as unknown as Readonly<Record<string, (...args: unknown[]) => w.Layer>>;

function build({ type, options, inner }: LayerSpec, name: string): w.Layer {
  const below = (inner ?? []).map((branch, b) => branch.map((layer, i) => build(layer, `${name}_${b}_${i}`)));
  if (type === "residual") return w.residual(...below[0]!);
  if (type === "concat") return w.concat(below, options);
  if (type === "bidirectional") return w.bidirectional(build(inner![0]![0]!, name));
  if (inner) return makers[type]!(below, options);
  return makers[type]!({ ...options, name });
}

/** With the options that the library filled in. */
function describe(spec: LayerSpec, name: string): Described {
  const { type, inner } = spec;
  if (type === "bidirectional") return { type, name, options: {}, inner: [[describe(inner![0]![0]!, name)]] };
  const below = inner?.map((branch, b) => branch.map((layer, i) => describe(layer, `${name}_${b}_${i}`)));
  return { type, name, options: inner ? spec.options : build(spec, name).options, ...(below && { inner: below }) };
}

const layerName = (i: number): string => `l${i}`;

/** The inputs of a model; the first is what the first layer works on. */
const inputsOf = ({ input, seconds }: Pick<Program, "input" | "seconds">): w.Shape | w.Inputs =>
  Object.keys(seconds).length === 0
    ? input
    : w.inputs({ x: input, ...Object.fromEntries(Object.entries(seconds).map(([name, { shape }]) => [name, shape])) });

const shapeOf: ShapeOf = async (input, layers, seconds) => {
  if (layers.length === 0) return input;
  const made = layers.map((layer, i) => build(layer, layerName(i)));
  const model = await w.sequential({ input: inputsOf({ input, seconds }) }, ...made);
  return model.outputShape;
};

/** Numbers of another input. */
function numbersOf({ shape, whole }: Second, rows: number, seed: number): Float32Array {
  const size = rows * sizeOf(shape);
  if (!whole) return normal(size, { seed });
  return Float32Array.from(wholes(size, { seed, below: whole[1] - whole[0] + 1 }), (n) => n + whole[0]);
}

/** Rows of all inputs. */
function rowsOf({ input, seconds, seed }: Program, rows: number, t: number): Float32Array {
  const x = normal(rows * sizeOf(input), { seed: seed * 13 + t });
  const given = inputsOf({ input, seconds });
  if (!("entry" in given)) return x;
  const others = Object.entries(seconds).map(([name, second], i): [string, Float32Array] => [
    name,
    numbersOf(second, rows, seed * 41 + 8 * t + i),
  ]);
  return given.join({ x, ...Object.fromEntries(others) });
}

export const draw = (seed: number, only?: string): Promise<Program> => drawProgram(seed, shapeOf, only);

/** Parameters as they might be in the middle of a training. */
function fill(model: w.Model, seed: number): void {
  for (const [i, p] of model.parameters().entries()) {
    const local = p.name.slice(p.name.lastIndexOf(".") + 1);
    const own = seed * 31 + i;
    if (local === "runningVariance" || local === "gamma") p.set(uniform(p.size, { seed: own, low: 0.5, high: 1.5 }));
    else {
      const fan = p.shape.length > 1 ? p.size / p.shape.at(-1)! : 4;
      p.set(normal(p.size, { seed: own, deviation: Math.min(1, 1 / Math.sqrt(fan)) }));
    }
  }
}

/** Targets that the loss can be asked for. */
function targets({ loss, seed }: Program, rows: number, output: w.Shape, step: number): Float32Array | Int32Array {
  const own = seed * 17 + step;
  const size = rows * sizeOf(output);
  const classes = output.at(-1)!;
  const labels = (count: number): Int32Array => wholes(count, { seed: own, below: classes });
  switch (loss.type) {
    case "hinge":
      return Float32Array.from(wholes(size, { seed: own, below: 2 }), (bit) => 2 * bit - 1);
    case "binaryCrossEntropy":
    case "binaryCrossEntropyWithLogits":
      return Float32Array.from(wholes(size, { seed: own, below: 2 }));
    case "klDivergence": {
      const p = uniform(size, { seed: own, low: 0.1, high: 1 });
      return p.map((value, i) => {
        const first = i - (i % classes);
        return value / p.slice(first, first + classes).reduce((a, b) => a + b, 0);
      });
    }
    case "softmaxCrossEntropy":
    case "negativeLogLikelihood":
      return labels(rows);
    case "sequenceCrossEntropy":
      return labels(rows * output[0]!);
    case "poisson":
      return Float32Array.from(wholes(size, { seed: own, below: 6 }));
    case "focal":
    case "dice":
      return uniform(size, { seed: own, low: 0, high: 1 });
    case "quantile":
      return normal(Array.isArray(loss.options["quantile"]) ? size / classes : size, { seed: own });
    case "tripletMargin":
      return new Float32Array(rows);
    case "ctc":
      return sequences(loss.options, rows, output, own);
    default:
      return normal(size, { seed: own });
  }
}

/** Rows of labels, some of which need more steps than there are, if they may. */
function sequences(options: Options, rows: number, [steps, classes]: w.Shape, seed: number): Float32Array {
  const random = new Random(seed);
  const blank = options["blank"] as number;
  const lengths = Array.from({ length: rows }, () => (options["lengths"] ? random.whole(1, steps!) : steps!));
  const labels = lengths.map((length) => {
    // with one between equal neighbours
    const most = options["zeroInfinity"] ? length : Math.ceil(length / 2);
    const count = random.whole(0, most);
    return Array.from({ length: count }, () => (blank + random.whole(1, classes! - 1)) % classes!);
  });
  return w.ctcTargets(labels, { maxLabels: steps!, ...(options["lengths"] === true && { lengths }) });
}

const send = (values: Float32Array | Int32Array, shape: readonly number[]): Sent => ({
  kind: values instanceof Float32Array ? "f" : "i",
  shape,
  data: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
});

function receive(text: string): Float64Array {
  const bytes = Buffer.from(text, "base64");
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

/** What the library computed in a step, by name. */
type Values = ReadonlyMap<string, ArrayLike<number>>;

export async function compare(program: Program, python: Asked): Promise<Comparison> {
  const { seed, input, vocabulary, layers, rows, seconds } = program;
  const model = await w.sequential(
    { input: inputsOf(program), seed },
    ...layers.map((layer, i) => build(layer, layerName(i))),
  );
  fill(model, seed);
  const loss = (w as unknown as Record<string, (options: object) => w.Loss>)[program.loss.type]!(program.loss.options);
  const optimizer = (w as unknown as Record<string, (options: object) => w.Optimizer>)[program.optimizer.type]!(
    program.optimizer.options,
  );
  const trainer = new w.Trainer(model, { loss, optimizer });
  const parameters = model.parameters();
  const trained = parameters.filter((p) => p.trained);
  const states = parameters.filter((p) => !p.trained);
  const { arena } = model.core;
  const ours: { values: Values; before: Values; after: Values }[] = [];
  const asked: object[] = [];
  for (const [t, count] of rows.entries()) {
    const size = count * sizeOf(model.inputShape);
    const tokens = vocabulary === undefined ? undefined : wholes(size, { seed: seed * 13 + t, below: vocabulary });
    const x = tokens ? Float32Array.from(tokens) : rowsOf(program, count, t);
    const y = targets(program, count, model.outputShape, t);
    const weights = program.weighted ? uniform(count, { seed: seed * 7 + t, low: 0.1, high: 2 }) : undefined;
    const before = new Map(parameters.map((p) => [p.name, p.get()]));
    // "check": every tensor apart, with the gradient of x, and no update
    const { step } = trainer.trainerState.load("check", x, y as Float32Array, weights, "compare");
    step.program.run(step.manual, count);
    const values = new Map<string, ArrayLike<number>>([
      ["output", arena.read(step.graph.output.address, count * sizeOf(model.outputShape))],
      ["loss", [arena.f64[step.loss / 8]! / arena.f64[step.loss / 8 + 1]!]],
      ...trained.map((p) => [`d ${p.name}`, p.gradient()] as const),
      ...states.map((p) => [p.name, p.get()] as const),
    ]);
    if (!tokens) values.set("d x", arena.read(step.graph.inputGradient, size));
    for (const p of states) p.set(before.get(p.name)!);
    const gradients = Object.fromEntries(trained.map((p) => [p.name, send(p.gradient(), p.shape)]));
    const { loss: stepLoss } = trainer.step(x, y as Float32Array, weights ? { sampleWeights: weights } : {});
    values.set("loss of the step", [stepLoss!]);
    ours.push({ values, before, after: new Map(trained.map((p) => [p.name, p.get()])) });
    const shape = loss.targetShape?.(model.outputShape) ?? model.outputShape;
    const target = y instanceof Int32Array ? [count, ...model.outputShape.slice(0, -1)] : [count, ...shape];
    asked.push({
      x: send(tokens ?? x, [count, ...model.inputShape]),
      y: send(y, target),
      weights: weights && send(weights, [count]),
      parameters: Object.fromEntries(parameters.map((p) => [p.name, send(before.get(p.name)!, p.shape)])),
      trained: trained.map(({ name }) => name),
      gradients,
    });
  }
  const described = layers.map((layer, i) => describe(layer, layerName(i)));
  const answer = (await python.ask({
    inputs: [["x", input], ...Object.entries(seconds).map(([name, { shape }]) => [name, shape])],
    layers: described,
    loss: { type: loss.type, options: loss.options },
    optimizer: { type: optimizer.type, options: (optimizer as unknown as { options: object }).options },
    steps: asked,
  })) as { steps: Step[] };
  const positions = Math.max(...model.nodes.map(({ input: shape, output }) => longest(shape, output)));
  const differences = answer.steps.flatMap((theirs, t) => {
    const own = TOLERANCE.own + TOLERANCE.each * rows[t]! * positions;
    return differencesOf(ours[t]!, theirs, t, { own, rate: UPDATE_TOLERANCE.rate * optimizer.learningRate });
  });
  const values = ours.reduce((sum, one) => sum + [...one.values.values()].reduce((n, v) => n + v.length, 0), 0);
  return { program, differences, values, atKink: answer.steps.some(({ kink }) => kink < KINK) };
}

function differencesOf(
  { values, before, after }: { values: Values; before: Values; after: Values },
  theirs: Step,
  step: number,
  tolerance: { own: number; rate: number },
): Difference[] {
  const found: Difference[] = [];
  const check = (name: string, got: ArrayLike<number>, expected: Float64Array, bound: (i: number) => number): void => {
    let worst: Difference | undefined;
    if (got.length !== expected.length)
      throw new Error(`${name}: PyTorch has ${expected.length} numbers, the library ${got.length}`);
    for (let i = 0; i < expected.length; i++) {
      const times = Math.abs(got[i]! - expected[i]!) / bound(i);
      if (times <= 1 || (worst && !(times > worst.times))) continue;
      worst = { step, name, index: i, got: got[i]!, expected: expected[i]!, times };
    }
    if (worst) found.push(worst);
  };
  const wanted = new Map(Object.entries(theirs.values).map(([name, text]) => [name, receive(text)]));
  // a gradient that is 0 but for rounding is as small as the others allow
  const all = largest([...wanted].flatMap(([name, v]) => (name.startsWith("d ") ? [largest(v)] : [])));
  for (const [name, got] of values) {
    const key = name === "loss of the step" ? "loss" : name;
    const expected = wanted.get(key);
    if (!expected) throw new Error(`${name}: PyTorch's side has no such tensor`);
    const floor = TOLERANCE.noise * theirs.noise[key]! + 1e-6 * (name.startsWith("d ") ? all : 0) + 1e-30;
    const most = TOLERANCE.largest * largest(expected) + floor;
    check(name, got, expected, (i) => tolerance.own * Math.abs(expected[i]!) + most);
  }
  for (const [name, got] of after) {
    const expected = receive(theirs.updated[name]!);
    const from = before.get(name)!;
    const bound = (i: number): number =>
      UPDATE_TOLERANCE.change * Math.abs(expected[i]! - from[i]!) +
      UPDATE_TOLERANCE.own * Math.abs(from[i]!) +
      tolerance.rate +
      UPDATE_TOLERANCE.rounding * theirs.unsure[name]! +
      1e-9;
    check(`${name} after the update`, got, expected, bound);
  }
  return found;
}

/** Places of a row that share a channel's parameters. */
const longest = (...shapes: w.Shape[]): number => Math.max(...shapes.map((shape) => sizeOf(shape.slice(0, -1))));

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The command that runs one program again. */
export const again = (seed: number, only?: string): string =>
  `npm run compare -- --seed ${seed} --count 1${only === undefined ? "" : ` --only ${only}`}`;

/** A failure as text, with all that it takes to see it again. */
export function report({ program, differences, atKink }: Comparison, only?: string): string {
  const lines = differences.slice(0, 6).map(({ step, name, index, got, expected, times }) => {
    const factor = times.toPrecision(3);
    return `  step ${step}: ${name}[${index}] is ${got}, PyTorch has ${expected} (${factor} times the tolerance)`;
  });
  return [`${atKink ? "at a kink: " : ""}${again(program.seed, only)}`, ...lines, `  ${JSON.stringify(program)}`].join(
    "\n",
  );
}
