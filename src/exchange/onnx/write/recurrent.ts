// Recurrent layers: steps first, the gates in ONNX's order.
import { outputLayout } from "../../../nn/layers/finalStates.ts";
import { goesBackward } from "../../../nn/layers/recurrent.ts";
import { int, text } from "./graphWriter.ts";
import { type LayerWriter, type Place } from "./place.ts";
import { INT32, Value } from "./value.ts";

interface Options {
  readonly units: number;
  readonly returnSequences?: boolean;
  readonly reverse?: boolean;
  readonly resetAfter?: boolean;
  readonly finalState?: string;
  readonly finalCell?: string;
}

/** An operator, and which of our gates comes where. */
interface Kind {
  readonly operator: string;
  readonly gates: readonly number[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  simpleRnn: { operator: "RNN", gates: [0] },
  lstm: { operator: "LSTM", gates: [0, 3, 1, 2] }, // i f g o to i o f c
  gru: { operator: "GRU", gates: [1, 0, 2] }, // r z n to z r h
};

/** A weight [n, gates of units] as [1, gates of units, n]. */
function weight(place: Place, local: string, { gates }: Kind, units: number): string {
  const parameter = place.parameter(local)!;
  const n = parameter.shape[0]!;
  return place.made(local, [1, gates.length * units, n], () => {
    const from = place.numbers(parameter);
    const to = new Float32Array(from.length);
    const columns = gates.length * units;
    gates.forEach((gate, g) => {
      for (let u = 0; u < units; u++) {
        const row = (g * units + u) * n;
        for (let i = 0; i < n; i++) to[row + i] = from[i * columns + gate * units + u]!;
      }
    });
    return to;
  });
}

/** Both biases, one behind the other; where there is one, the second is 0. */
function bias(place: Place, { gates }: Kind, units: number): string {
  const count = gates.length * units;
  const parts = [place.parameter("biasIh") ?? place.parameter("bias")!, place.parameter("biasHh")];
  return place.made("bias", [1, 2 * count], () => {
    const to = new Float32Array(2 * count);
    parts.forEach((parameter, i) => {
      if (!parameter) return;
      const from = place.numbers(parameter);
      gates.forEach((gate, g) => to.set(from.subarray(gate * units, (gate + 1) * units), i * count + g * units));
    });
    return to;
  });
}

const recurrent =
  (kind: Kind): LayerWriter =>
  (place) => {
    const { graph, node, others, x, input } = place;
    const {
      units,
      returnSequences = false,
      reverse = false,
      resetAfter,
      finalState,
      finalCell,
    } = place.options as unknown as Options;
    const steps = input[0]!;
    const isLstm = kind.operator === "LSTM";
    const state = (slot: string): string => {
      const value = others[slot];
      return value ? place.op("Unsqueeze", [value.get("last"), graph.integers([0])]) : "";
    };
    const { lengths } = others;
    const counts = lengths ? graph.reshape(place.op("Cast", [lengths.whole], { to: int(INT32) }), [-1]) : "";
    const inputs = [
      x.get("time"),
      weight(place, "weightIh", kind, units),
      weight(place, "weightHh", kind, units),
      bias(place, kind, units),
      counts,
      state("initialState"),
      ...(isLstm ? [state("initialCell")] : []),
    ];
    while (inputs.at(-1) === "") inputs.pop();
    const joined = finalState !== undefined || finalCell !== undefined;
    const wanted = [
      returnSequences,
      !returnSequences || finalState !== undefined,
      ...(finalCell === undefined ? [] : [true]),
    ];
    const backward = reverse || goesBackward(node.layer);
    const [all, last, cell] = graph.nodes(
      kind.operator,
      inputs,
      {
        direction: text(backward ? "reverse" : "forward"),
        hidden_size: int(units),
        ...(kind.operator === "GRU" && { linear_before_reset: int(resetAfter === false ? 0 : 1) }),
      },
      wanted[1] || wanted[2] ? wanted : wanted.slice(0, 1),
    );
    const value = (tensor: string, isAll: boolean): Value =>
      new Value(graph, isAll ? [steps, units] : [units], {
        natural: isAll ? "time" : "last",
        ways: { [isAll ? "time" : "last"]: () => place.op("Squeeze", [tensor, graph.integers([isAll ? 1 : 0])]) },
      });
    if (!joined) {
      const own = value(returnSequences ? all! : last!, returnSequences);
      const end = own.get(own.natural);
      graph.call(end, node.name);
      return own;
    }
    const layout = outputLayout(steps, { units, returnSequences, finalState, finalCell }, true);
    const parts = new Map<number, Value>([[0, value(returnSequences ? all! : last!, returnSequences)]]);
    if (layout.state > 0) parts.set(layout.state, value(last!, false));
    if (layout.cell > 0) parts.set(layout.cell, value(cell!, false));
    const row = new Value(graph, place.output, { natural: "last", ways: {} });
    row.parts = parts;
    return row;
  };

/** A part of what a recurrent layer puts out. */
const part: LayerWriter = (place) => {
  const value = place.x.parts!.get(place.node.layer.offset!)!;
  place.graph.call(value.get(value.natural), place.node.name);
  return value;
};

export const RECURRENT: Readonly<Record<string, LayerWriter>> = {
  finalState: part,
  gru: recurrent(KINDS["gru"]!),
  lstm: recurrent(KINDS["lstm"]!),
  simpleRnn: recurrent(KINDS["simpleRnn"]!),
  states: part,
};
