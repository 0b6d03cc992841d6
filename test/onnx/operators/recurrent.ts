// LSTM, GRU and RNN in one direction.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping } from "../mapping.ts";
import { input, need, numberOf, textOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { concat, reshape, slice, transpose } from "../tensors.ts";

interface Cell {
  readonly layer: (entry: Case, options: { units: number; returnSequences?: boolean }) => w.Layer;
  /** For each of our gates, the place of ONNX's. */
  readonly gates: readonly number[];
  /** Names of the biases that ONNX's two, of the input and of the state, become; one is their sum. */
  readonly biases: (entry: Case) => readonly string[];
  /** Names of the activations, as they must be. */
  readonly functions: readonly string[];
}

/** [1, gates units, n] to our [n, gates units]. */
function weight(tensor: Tensor, gates: readonly number[], units: number): Float32Array {
  const rows = reshape(tensor, [gates.length * units, -1]);
  const parts = gates.map((gate) => slice(rows, 0, gate * units, (gate + 1) * units));
  return Float32Array.from(transpose(concat(parts, 0), [1, 0]).data);
}

/** Y: [steps, 1, rows, units]; Y_h: [1, rows, units]; with `layout` 1 the rows come first. */
const recurrent =
  ({ layer, gates, biases, functions }: Cell): Mapping =>
  async (entry) => {
    const [x, , , bias, lengths, h, c, peepholes] = entry.inputs;
    const units = numberOf(entry, "hidden_size", 0);
    const { attributes, outputs } = entry.node;
    need(textOf(entry, "direction", "forward") === "forward", "direction");
    need(peepholes === undefined, "P: peepholes");
    need(!attributes.has("clip"), "clip");
    need(
      ((attributes.get("activations") as string[] | undefined) ?? functions).join() === functions.join(),
      "activations",
    );
    need(!lengths && !h && !c, "sequence_lens and initial states: not tried here");
    need(!outputs[2], "Y_c");
    const parameters: Record<string, Float32Array> = {
      weightIh: weight(input(entry, 1), gates, units),
      weightHh: weight(input(entry, 2), gates, units),
    };
    if (bias) {
      const halves = reshape(bias, [2, -1]);
      const parts = [0, 1].map((i) => weight(slice(halves, 0, i, i + 1), gates, units));
      const sum = parts[0]!.map((value, i) => value + parts[1]![i]!);
      const names = biases(entry);
      names.forEach((name, i) => (parameters[name] = names.length === 1 ? sum : parts[i]!));
    }
    const batchFirst = numberOf(entry, "layout", 0) === 1;
    const rows = batchFirst ? x! : transpose(x!, [1, 0, 2]);
    const last = await apply(rows, [layer(entry, { units })], parameters);
    const all = await apply(rows, [layer(entry, { units, returnSequences: true })], parameters);
    const count = rows.shape[0]!;
    const y = reshape(all, [count, -1, 1, units]);
    return batchFirst
      ? [y, reshape(last, [count, 1, units])]
      : [transpose(y, [1, 2, 0, 3]), reshape(last, [1, count, units])];
  };

const resetsAfter = (entry: Case): boolean => numberOf(entry, "linear_before_reset", 0) === 1;

export const recurrents: Readonly<Record<string, Mapping>> = {
  LSTM: recurrent({
    layer: (_entry, options) => w.lstm(options),
    gates: [0, 2, 3, 1], // i o f c to i f g o
    biases: () => ["bias"],
    functions: ["Sigmoid", "Tanh", "Tanh"],
  }),
  GRU: recurrent({
    layer(entry, options) {
      return w.gru({ ...options, resetAfter: resetsAfter(entry) });
    },
    gates: [1, 0, 2], // z r h to r z n
    biases: (entry) => (resetsAfter(entry) ? ["biasIh", "biasHh"] : ["bias"]),
    functions: ["Sigmoid", "Tanh"],
  }),
  RNN: recurrent({
    layer: (_entry, options) => w.simpleRnn(options),
    gates: [0],
    biases: () => ["bias"],
    functions: ["Tanh"],
  }),
};
