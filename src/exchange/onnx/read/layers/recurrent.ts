// LSTM, GRU and RNN.
import type { Layer } from "../../../../graph/layer.ts";
import { bidirectional } from "../../../../nn/composites/bidirectional.ts";
import { concat } from "../../../../nn/composites/concat.ts";
import { gru } from "../../../../nn/layers/gru.ts";
import { lstm } from "../../../../nn/layers/lstm.ts";
import { slice } from "../../../../nn/layers/slice.ts";
import { simpleRnn } from "../../../../nn/layers/simpleRnn.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize } from "./atoms.ts";
import { atom, type Builder } from "./builder.ts";
import { learnedNumbers } from "./constants.ts";
import type { Family } from "./family.ts";
import { picked } from "./parts.ts";
import { use } from "./steps.ts";
import type { Atom, Making, Ref, Use, View } from "./types.ts";

/** Where ONNX has the gates that our layers have in their order. */
const GATES = { LSTM: [0, 2, 3, 1], GRU: [1, 0, 2], RNN: [0] } as const;

const ACTIVATIONS = { LSTM: ["Sigmoid", "Tanh", "Tanh"], GRU: ["Sigmoid", "Tanh"], RNN: ["Tanh"] } as const;

type Operator = keyof typeof GATES;

/** A node, checked. */
interface Settings {
  readonly operator: Operator;
  readonly units: number;
  readonly features: number;
  readonly directions: readonly ("forward" | "reverse")[];
  /** GRU: the reset gate acts behind the product. */
  readonly resetAfter: boolean;
  /** The rows are the first axis. */
  readonly rowsFirst: boolean;
}

function settingsOf(builder: Builder, node: WorkNode, x: View): Settings {
  const operator = node.operator as Operator;
  const { attributes } = node;
  const rowsFirst = attributes.int("layout", 0) === 1;
  builder.checkRank(node, x, [3], "its layer works on sequences");
  builder.checkRows(node, x, rowsFirst ? 0 : 1);
  const weight = builder.constant(node, 1);
  if (weight?.shape.length !== 3) throw builder.error(node, "its weights must be constants of three axes");
  const count = GATES[operator].length;
  const units = attributes.int("hidden_size", weight.shape[1]! / count);
  const direction = attributes.string("direction", "forward");
  const directions = direction === "bidirectional" ? (["forward", "reverse"] as const) : [direction as "forward"];
  if (!["forward", "reverse", "bidirectional"].includes(direction)) {
    throw builder.error(node, `it must be "forward", "reverse" or "bidirectional", got "${direction}"`, "direction");
  }
  const expected = directions.flatMap(() => ACTIVATIONS[operator]);
  const given = attributes.strings("activations");
  if (given && given.join().toLowerCase() !== expected.join().toLowerCase()) {
    throw builder.error(
      node,
      `they must be ${expected.join(", ")}, as no layer has others, got ${given.join(", ")}`,
      "activations",
    );
  }
  for (const name of ["activation_alpha", "activation_beta"]) {
    if (attributes.floats(name)?.length)
      throw builder.error(node, "its activations have no such numbers; leave it out", name);
  }
  if (attributes.has("clip")) throw builder.error(node, "no layer clips within; leave it out", "clip");
  if (attributes.int("input_forget", 0) !== 0)
    throw builder.error(node, "no layer couples input and forget gates; 0 has one", "input_forget");
  if (operator === "LSTM" && (node.inputs[7] ?? "") !== "")
    throw builder.error(node, "no layer has peepholes; leave its input 8 out");
  attributes.int("output_sequence"); // of opset 1: whether Y is given
  const resetAfter = operator === "GRU" && attributes.int("linear_before_reset", 0) === 1;
  return { operator, units, features: axisSize(x.axes[2]!), directions, resetAfter, rowsFirst };
}

/** The parameters of a direction, by their own names. */
function parametersOf(builder: Builder, node: WorkNode, settings: Settings, direction: number) {
  const { operator, units, features, directions, resetAfter } = settings;
  const gates = GATES[operator];
  const columns = gates.length * units;
  const matrix = (at: number, inner: number): Float32Array => {
    const all = builder.weights(node, at, [directions.length, columns, inner])!;
    const own = all.subarray(direction * columns * inner, (direction + 1) * columns * inner);
    const result = new Float32Array(own.length);
    gates.forEach((gate, g) => {
      for (let u = 0; u < units; u++) {
        const row = (gate * units + u) * inner;
        for (let i = 0; i < inner; i++) result[i * columns + g * units + u] = own[row + i]!;
      }
    });
    return result;
  };
  // they say first whether hidden_size is that of the weights
  const weights = { weightIh: matrix(1, features), weightHh: matrix(2, units) };
  const biases = builder.weights(node, 3, [directions.length, 2 * columns]);
  const bias = (half: 0 | 1): Float32Array => {
    const result = new Float32Array(columns);
    if (!biases) return result;
    const own = biases.subarray((2 * direction + half) * columns, (2 * direction + half + 1) * columns);
    gates.forEach((gate, g) => result.set(own.subarray(gate * units, (gate + 1) * units), g * units));
    return result;
  };
  const [input, state] = [bias(0), bias(1)];
  return {
    ...weights,
    ...(resetAfter ? { biasIh: input, biasHh: state } : { bias: input.map((value, i) => value + state[i]!) }),
  };
}

/** How many steps of each row count: of an input, unless all do. */
function lengthsOf(builder: Builder, node: WorkNode, steps: number): Use | undefined {
  const name = node.inputs[4] ?? "";
  if (name === "") return undefined;
  const constant = builder.constant(node, 4);
  if (constant) {
    if (constant.data.every((n) => n === steps)) return undefined;
    throw builder.error(
      node,
      `its lengths "${name}" are constants, other than ${steps}; they must be an input of the graph`,
    );
  }
  const lengths = builder.input(node, 4);
  builder.checkRank(node, lengths, [1], "lengths are a number for each row");
  builder.checkRows(node, lengths);
  return use(lengths, [[]]);
}

/** The state before the first step: [units]; undefined: zeros. */
function stateOf(
  builder: Builder,
  node: WorkNode,
  at: number,
  direction: number,
  { units, directions, rowsFirst }: Settings,
): Use | undefined {
  const name = node.inputs[at] ?? "";
  if (name === "") return undefined;
  const constant = builder.constant(node, at);
  if (!constant) {
    const x = builder.input(node, at);
    builder.checkRank(node, x, [3], "a state before the first step has a size for each direction");
    builder.checkRows(node, x, rowsFirst ? 0 : 1);
    const own = picked(builder, node, x, rowsFirst ? 1 : 0, direction);
    return use(own, [own.axes[1]!]);
  }
  if (constant.data.every((value) => value === 0)) return undefined;
  const rows = constant.data.length / (units * directions.length);
  const start = rowsFirst ? direction * units : direction * rows * units;
  const step = rowsFirst ? directions.length * units : units;
  const numbers = Float32Array.from(constant.data.subarray(start, start + units));
  for (let row = 1; row < rows; row++) {
    for (let i = 0; i < units; i++) {
      if (constant.data[start + row * step + i] !== numbers[i]) {
        throw builder.error(
          node,
          `the constant "${name}" has other numbers for each row, but a model treats rows alike`,
        );
      }
    }
  }
  const view = learnedNumbers(builder, node, numbers, [atom(units)], name);
  return use(view, [view.axes[0]!]);
}

/** What is wanted of a node. */
const isWanted = ({ graph }: Builder, { outputs }: WorkNode, at: number): boolean => {
  const name = outputs[at] ?? "";
  return name !== "" && (graph.isOutput(name) || graph.consumers(name).length > 0);
};

function recurrent(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const settings = settingsOf(builder, node, x);
  const { operator, units, directions, resetAfter, rowsFirst } = settings;
  const steps = axisSize(x.axes[rowsFirst ? 1 : 0]!);
  const [all, last, cell] = [0, 1, 2].map((at) => isWanted(builder, node, at)) as [boolean, boolean, boolean];
  if (!all && !last && !cell) return;
  if (operator !== "LSTM" && node.inputs.slice(6).some(Boolean))
    throw builder.error(node, "the operator has no input 7; an LSTM has cells there");
  const lengths = lengthsOf(builder, node, steps);
  const input = use(x, [x.axes[rowsFirst ? 1 : 0]!, x.axes[2]!]);
  const parameters = directions.map((_, direction) => parametersOf(builder, node, settings, direction));
  const initial = directions.map((_, direction) => [5, 6].map((at) => stateOf(builder, node, at, direction, settings)));
  const named = (all && last) || cell;
  const rowOf = (sequences: boolean, ways: number): number[] => (sequences ? [steps, ways * units] : [ways * units]);

  /** The layer of a direction; its named uses begin at `from`. */
  const layerOf = (making: Making, name: string, direction: number, from: number, more: object): Layer => {
    for (const [key, values] of Object.entries(parameters[direction]!)) making.set(`${name}.${key}`, values);
    let at = from;
    const names: Record<string, string> = {};
    if (lengths) names["lengths"] = making.nameOf(at++);
    const [state, memory] = initial[direction]!;
    if (state) names["initialState"] = making.nameOf(at++);
    if (memory) names["initialCell"] = making.nameOf(at++);
    const options = { returnSequences: all, ...names, ...more };
    if (operator === "LSTM") return lstm(units, { ...options, name });
    if (operator === "GRU") return gru(units, { ...options, resetAfter, name });
    return simpleRnn(units, { ...options, name });
  };
  const usesOf = (direction: number): Use[] => [lengths, ...initial[direction]!].filter((each) => each !== undefined);

  if (directions.length === 2 && !named) {
    const ref = builder.add({
      node,
      kind: "bidirectional",
      uses: [input, ...usesOf(0), ...usesOf(1)],
      shape: rowOf(all, 2),
      weight: node.inputs[1]!,
      make(making) {
        const forth = layerOf(making, `${making.name}.forward`, 0, 1, {});
        const back = layerOf(making, `${making.name}.backward`, 1, 1 + usesOf(0).length, {});
        // names its layers itself
        return [bidirectional(Object.freeze({ ...forth, name: making.name }), back)];
      },
    });
    give(builder, node, x, settings, all ? 0 : 1, ref);
    return;
  }
  const made = directions.map((way, direction) => {
    const outputs = [...(all && last ? ["finalState"] : []), ...(cell ? ["finalCell"] : [])];
    const ref = builder.add({
      node,
      kind: operator === "RNN" ? "simpleRnn" : operator.toLowerCase(),
      uses: [input, ...usesOf(direction)],
      shape: rowOf(all, 1),
      others: outputs.map(() => [units]),
      weight: node.inputs[1]!,
      make: (making) => {
        const names = Object.fromEntries(outputs.map((option, i) => [option, making.outputName(i + 1)]));
        return [layerOf(making, making.name, direction, 1, { reverse: way === "reverse", ...names })];
      },
    });
    const given = ref.step!.outputs;
    const memory = cell ? given[outputs.indexOf("finalCell") + 1]! : undefined;
    return { y: ref, h: all ? given[1] : ref, c: memory && !all && !last ? alone(builder, node, ref, memory) : memory };
  });
  const giveAll = (output: number, refs: readonly Ref[], lead: readonly number[] = []): void =>
    give(builder, node, x, settings, output, joined(builder, node, refs, lead));
  if (all) giveAll(0, made.map(({ y }) => y), [steps]); // prettier-ignore
  if (last) giveAll(1, made.map(({ h }) => h!)); // prettier-ignore
  if (cell) giveAll(2, made.map(({ c }) => c!)); // prettier-ignore
}

/** A cell of which alone something is made: the end of a row that begins with the state, as a layer's output must be used. */
function alone(builder: Builder, node: WorkNode, state: Ref, cell: Ref): Ref {
  const [units] = cell.shape as readonly [number];
  return builder.add({
    node,
    kind: "cell",
    uses: [state, cell].map((ref) => ({ ref, stored: [] })),
    branches: 2,
    shape: [units],
    make: (making) => [concat([making.branch(0), making.branch(1)]), slice({ from: units, to: 2 * units })],
  });
}

/** What both directions give, side by side. */
function joined(builder: Builder, node: WorkNode, refs: readonly Ref[], lead: readonly number[]): Ref {
  if (refs.length === 1) return refs[0]!;
  const shape = [...lead, refs.reduce((sum, { shape: own }) => sum + own.at(-1)!, 0)];
  return builder.add({
    node,
    kind: "concat",
    uses: refs.map((ref) => ({ ref, stored: [] })),
    branches: refs.length,
    shape,
    make: (making) => [concat(refs.map((_, i) => making.branch(i)))],
  });
}

/** Sets an output: Y (0), Y_h (1) or Y_c (2). */
function give(
  builder: Builder,
  node: WorkNode,
  x: View,
  { units, directions, rowsFirst }: Settings,
  output: number,
  ref: Ref,
): void {
  const [rows, steps] = rowsFirst ? [x.axes[0]!, x.axes[1]!] : [x.axes[1]!, x.axes[0]!];
  const time: Atom[] = atom(axisSize(steps));
  const [ways, width] = [atom(directions.length), atom(units)];
  const stored = [...(output === 0 ? time : []), ...ways, ...width];
  const state = rowsFirst ? [rows, ways, width] : [ways, rows, width];
  const sequence = rowsFirst ? [rows, time, ways, width] : [time, ways, rows, width];
  builder.set(node, { ref, axes: output === 0 ? sequence : state, stored }, output);
}

/** By operator. */
export const RECURRENT: Family = { LSTM: recurrent, GRU: recurrent, RNN: recurrent };
