// Describes simpleRnn, lstm and gru: options, shapes, and the slots of assembly/nn/layers/recurrent.ts.
import { loadSequence } from "../../../build/binaries.js";
import { checkBoolean, checkKeys, checkKind, checkWhole, withSecond } from "../../util/check.ts";
import { glorotUniform } from "../initializers/uniform.ts";
import { orthogonal } from "../initializers/orthogonal.ts";
import { zeros } from "../initializers/constant.ts";
import type { Constraint, Initializer, ParameterSpec, Regularizer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, type KernelContext, type LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { LayerStem } from "../../runtime/kernels.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import { gemmScratchBytes } from "../../runtime/coreFunctions.ts";
import { requireIntegers } from "../../graph/integerInputs.ts";
import type { Named } from "../named.ts";
import { KeptStates } from "./kept.ts";
import { addFinals, outputLayout } from "./finalStates.ts";

/** Options of all recurrent layers. */
export interface RecurrentOptions extends Named {
  /** Put out the states of all steps, [steps, units], not the last one alone; default false. */
  readonly returnSequences?: boolean;
  /**
   * Go through the steps from the last one to the first; default false. With `lengths`, each row begins at its own last step.
   * With `returnSequences`, the output at step t is the state after the last step to step t have been read.
   */
  readonly reverse?: boolean;
  /** Name of another input of one number per row: how many of its steps count, from the first: 1 to n. Default: all. */
  readonly lengths?: string;
  /** Name of another input, [units]: the state before the first step. Default: zeros. */
  readonly initialState?: string;
  /**
   * The name under which layers after it read the state after the last step, [units]: `from("h")`, or another's `initialState: "h"`. With
   * `lengths` it is each row's own last step, with `reverse` the first one. Default: it has none.
   */
  readonly finalState?: string;
  /**
   * Go on from row to row of the next batch: each begins with the states that the same row of the batch before ended with, and no gradient
   * goes back there. `model.resetStates()` begins anew; so does each epoch of `fit`, and `evaluate`. Default false.
   */
  readonly stateful?: boolean;
  /** Initial weights of the input; default `glorotUniform()`. */
  readonly kernelInitializer?: Initializer;
  /** Initial weights of the state; default `orthogonal()`. */
  readonly recurrentInitializer?: Initializer;
  /** Initial bias; default `zeros()`. */
  readonly biasInitializer?: Initializer;
  /** Penalty on the weights of the input; default none. */
  readonly kernelRegularizer?: Regularizer;
  /** Penalty on the weights of the state; default none. */
  readonly recurrentRegularizer?: Regularizer;
  /** Penalty on the bias; default none. */
  readonly biasRegularizer?: Regularizer;
  /** What the weights of the input are kept to after every update, such as `maxNorm()`; default nothing. */
  readonly kernelConstraint?: Constraint;
  /** What the weights of the state are kept to; default nothing. */
  readonly recurrentConstraint?: Constraint;
  /** What the biases are kept to; default nothing. */
  readonly biasConstraint?: Constraint;
  /** False: the parameters stay as they are; default true. */
  readonly trainable?: boolean;
}

/** What differs between the three: the kernels, and what they have besides the weights and one bias. */
export interface Cell {
  /** The factory's name, and the stem of the kernels. */
  readonly type: LayerStem & ("simpleRnn" | "lstm" | "gru");
  /** Columns of the weights, as a multiple of the units. */
  readonly gates: number;
  /** Numbers of a step's gates that are saved for the backward pass, as a multiple of the units. */
  readonly kept: number;
  /** Names of the bias parameters. */
  readonly biases: readonly string[];
  /** Options that name other inputs: the states before the first step. */
  readonly states: readonly string[];
  /** What differs with `resetAfter: false`, if it has the option. */
  readonly resetBefore?: Partial<Cell>;
  /** Sizes of further areas of scratch memory, in float32 numbers, by name. */
  scratchSizes?(units: number, capacity: number): Readonly<Record<string, number>>;
  /** The slots after those of all recurrent layers. `steps`: steps that are saved; `scratch`: addresses of the areas. */
  args?(context: KernelContext, units: number, steps: number, scratch: Readonly<Record<string, number>>): KernelArgs;
}

type Everything = RecurrentOptions & { units: number; initialCell?: string; finalCell?: string; resetAfter?: boolean };

const KEYS = [
  "units",
  "returnSequences",
  "reverse",
  "resetAfter",
  "lengths",
  "initialState",
  "initialCell",
  "finalState",
  "finalCell",
  "stateful",
  "kernelInitializer",
  "recurrentInitializer",
  "biasInitializer",
  "kernelRegularizer",
  "recurrentRegularizer",
  "biasRegularizer",
  "kernelConstraint",
  "recurrentConstraint",
  "biasConstraint",
  "trainable",
  "name",
];

/** Checks the options that a user gave and describes the layer. */
export function recurrent(cell: Cell, unitsOrOptions: unknown, more: object): Layer {
  const { type } = cell;
  const options = withSecond<Everything>(type, "units", "returnSequences", unitsOrOptions, more);
  const own: Readonly<Record<string, boolean>> = {
    initialCell: cell.states.includes("initialCell"),
    finalCell: cell.states.includes("initialCell"),
    resetAfter: cell.resetBefore !== undefined,
  };
  checkKeys(
    type,
    options,
    KEYS.filter((key) => own[key] ?? true),
    { gobackwards: "reverse" },
  );
  const { units, returnSequences = false, reverse = false, resetAfter = true } = options;
  const {
    lengths,
    initialState,
    initialCell,
    finalState,
    finalCell,
    stateful = false,
    trainable = true,
    name,
  } = options;
  const {
    kernelInitializer = glorotUniform(),
    recurrentInitializer = orthogonal(),
    biasInitializer = zeros(),
    kernelRegularizer,
    recurrentRegularizer,
    biasRegularizer,
    kernelConstraint,
    recurrentConstraint,
    biasConstraint,
  } = options;
  const initializers = { kernelInitializer, recurrentInitializer, biasInitializer };
  const regularizers = { kernelRegularizer, recurrentRegularizer, biasRegularizer };
  const constraints = { kernelConstraint, recurrentConstraint, biasConstraint };
  checkWhole(type, "units", units);
  checkBoolean(type, "returnSequences", returnSequences);
  checkBoolean(type, "reverse", reverse);
  checkBoolean(type, "resetAfter", resetAfter);
  checkBoolean(type, "stateful", stateful);
  checkNames(type, { lengths, initialState, initialCell }, "the name of another input");
  checkNames(type, { finalState, finalCell }, "a name for it");
  checkParameterOptions(type, options);
  const odd = stateful && (["reverse", "initialState", "initialCell"] as const).find((key) => options[key]);
  if (odd) {
    const why =
      odd === "reverse" ? "the batch before ended at the other end" : "it begins where the batch before ended";
    throw new RangeError(`${type}: stateful can't be used with ${odd}, as ${why}; leave one of them out`);
  }
  const way = { returnSequences, reverse, ...(own["resetAfter"] && { resetAfter }) };
  const cells = own["initialCell"] && { initialCell, finalCell };
  const states = { initialState, finalState, ...cells, stateful };
  const parameters = { ...initializers, ...regularizers, ...constraints, trainable };
  return describeRecurrent(cell, { units, ...way, lengths, ...states, ...parameters, name });
}

/** Refuses what can't be a name. */
export function checkNames(where: string, names: Readonly<Record<string, unknown>>, kind: string): void {
  for (const [key, value] of Object.entries(names)) {
    checkKind(value === undefined || (typeof value === "string" && value !== ""), where, key, kind, value);
  }
}

export type Complete = { readonly [Key in keyof Everything]: Everything[Key] | undefined } & Required<
  Pick<Everything, "units" | "kernelInitializer" | "recurrentInitializer" | "biasInitializer">
>;

/**
 * Describes a layer whose options are complete.
 *
 * @param joined its output is a row of all that it puts out, from which `addFinals` takes the parts
 */
export function describeRecurrent(of: Cell, complete: Complete, joined = false): Layer {
  const { name, trainable, ...options } = complete;
  const cell = options.resetAfter === false ? { ...of, ...of.resetBefore } : of;
  const { type, gates, biases } = cell;
  const { units, returnSequences, reverse, lengths, initialState, initialCell, stateful } = options;
  const layout = (steps: number) => outputLayout(steps, options, joined);
  const named = options.finalState !== undefined || options.finalCell !== undefined;
  const others = { lengths, initialState, initialCell };
  const extras = Object.fromEntries(Object.entries(others).filter(([, input]) => input !== undefined));
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { ...options, trainable },
    kernel: type,
    // the steps' inputs are saved in the order of the steps; lengths are read from the input
    backwardReads: lengths === undefined ? "neither" : "input",
    overwrites: true,
    parallel: { forward: "barrier", backward: "barrier" },
    trainable,
    extras: extras as Readonly<Record<string, string>>,
    fixed: ["lengths"],
    ...(named &&
      !joined && {
        expand(graph, x) {
          return addFinals(graph, x, this, describeRecurrent(of, complete, true), false);
        },
      }),
    ...(stateful === true && {
      keptBytes: 4 * units * cell.states.length,
      keeps: (core, nodes) => new KeptStates(core, nodes),
    }),
    rules: (nodes, node) => requireIntegers(nodes, node, "lengths", 1, node.input[0]!),
    load: loadSequence,
    outputShape(input, where, shapes = {}) {
      if (input.length !== 2) {
        const advice =
          "a recurrent layer before this one needs returnSequences: true, other inputs a reshape([steps, features])";
        throw new RangeError(
          `${where}: the input must be a sequence, [steps, features], got ${shapeText(input)}; ${advice}`,
        );
      }
      for (const [slot, shape] of Object.entries(shapes)) checkExtra(where, slot, extras[slot]!, shape, units);
      if (joined) return [layout(input[0]!).total];
      return returnSequences === true ? [input[0]!, units] : [units];
    },
    parameters: (input): ParameterSpec[] => [
      {
        name: "weightIh",
        shape: [input[1]!, gates * units],
        initializer: options.kernelInitializer,
        regularizer: options.kernelRegularizer,
        constraint: options.kernelConstraint,
      },
      {
        name: "weightHh",
        shape: [units, gates * units],
        initializer: options.recurrentInitializer,
        regularizer: options.recurrentRegularizer,
        constraint: options.recurrentConstraint,
      },
      ...biases.map((bias) => ({
        name: bias,
        shape: [gates * units],
        initializer: options.biasInitializer,
        regularizer: options.biasRegularizer,
        constraint: options.biasConstraint,
      })),
    ],
    args(context, input) {
      const [steps, features] = input as readonly [number, number];
      const { training, capacity } = context;
      const columns = gates * units;
      const scratch = allocateScratch(context, {
        panelsIh: Math.max(panels(features, columns), panels(columns, features)),
        panelsHh: Math.max(panels(units, columns), panels(columns, units)),
        dState: training ? capacity * units : 0,
        product: gemmScratchBytes(context.core, [Math.max(features, units), columns, capacity * steps]) / 4,
        ...cell.scratchSizes?.(units, capacity),
      });
      // outside training each step overwrites the previous one
      const kept = training ? steps : 1;
      const states = training ? steps + 1 : 1;
      return {
        weightIh: context.parameter("weightIh"),
        dWeightIh: context.gradient("weightIh"),
        weightHh: context.parameter("weightHh"),
        dWeightHh: context.gradient("weightHh"),
        bias: context.parameter(biases[0]!),
        dBias: context.gradient(biases[0]!),
        steps,
        features,
        units,
        sequences: Number(returnSequences),
        reverse: Number(reverse === true),
        keep: Number(training),
        lengths: context.input("lengths"),
        initialState: context.input("initialState"),
        dInitialState: context.inputGradient("initialState"),
        inputs: context.saved("inputs", 4 * features * kept),
        gates: context.saved("gates", 4 * cell.kept * units * (type === "simpleRnn" ? 1 : kept)),
        states: context.saved("states", 4 * units * states),
        panelsIh: scratch["panelsIh"]!,
        panelsHh: scratch["panelsHh"]!,
        dGates: training ? context.common(4 * capacity * steps * cell.kept * units + 64) : 0,
        dState: scratch["dState"]!,
        scratch: scratch["product"]!,
        zero: context.zeros(Math.max(columns, features)),
        outputRow: 4 * layout(steps).total,
        finalState: 4 * layout(steps).state,
        kept: context.kept?.() ?? 0,
        ...cell.args?.(context, units, kept, scratch),
        ...(cell.states.length > 1 && { finalCell: 4 * layout(steps).cell }),
      };
    },
    flops: ([steps, features]) => 2 * steps! * (features! + units) * gates * units,
  });
}

/** The same layer from the last step to the first, under another name. */
export function backward(cell: Cell, layer: Layer, name: string | undefined): Layer {
  const turned = describeRecurrent(cell, { ...(layer.options as unknown as Complete), reverse: true });
  const { args, expand } = turned;
  backwards.add(args!);
  // that it goes backward is its place's doing, not an option's: a file says nothing of it
  const options = { ...layer.options, reverse: false };
  return Object.freeze<Layer>({ ...layer, name, options, args: args!, ...(expand && { expand }) });
}

/** Arguments of layers that go backward by their place: copies of a layer have the same. */
const backwards = new WeakSet<NonNullable<Layer["args"]>>();

/** Does the layer go backward by its place in `bidirectional`? */
export const goesBackward = ({ args }: Layer): boolean => args !== undefined && backwards.has(args);

/** Floats of weights packed in panels of 8 columns. */
export const panels = (k: number, n: number): number => k * Math.ceil(n / 8) * 8;

/** Allocates consecutive areas of scratch memory, each with 64 bytes to spare, which may be read and written past its end. */
function allocateScratch(
  context: KernelContext,
  floats: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const offsets: Record<string, number> = {};
  let bytes = 0;
  for (const [name, count] of Object.entries(floats)) {
    offsets[name] = bytes;
    bytes += Math.ceil(count / 16) * 64 + 64;
  }
  const base = context.scratch(bytes);
  return Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, base + offset]));
}

/** Refuses another input of the wrong shape. */
function checkExtra(where: string, slot: string, name: string, shape: Shape, units: number): void {
  const wanted = slot === "lengths" ? 1 : units;
  if (shape.length === 1 && shape[0] === wanted) return;
  throw new RangeError(`${where}: the ${slot} "${name}" must have the shape ${wanted}, got ${shapeText(shape)}`);
}
