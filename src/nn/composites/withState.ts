import type { Layer } from "../../graph/layer.ts";
import { checkKeys, checkKind } from "../../util/check.ts";
import { addFinals } from "../layers/finalStates.ts";
import { gruCell } from "../layers/gru.ts";
import { lstmCell } from "../layers/lstm.ts";
import { checkNames, type Complete, describeRecurrent } from "../layers/recurrent.ts";
import { simpleRnnCell } from "../layers/simpleRnn.ts";
import { composite } from "./composite.ts";

/** Names of the states of one use of a recurrent layer. */
export interface StateNames {
  /** Name of another value, [units]: the state before the first step. Default: zeros. */
  readonly initialState?: string;
  /** Name of another value, [units]: an lstm's cell before the first step. Default: zeros. */
  readonly initialCell?: string;
  /** The name under which layers after it read the state after the last step. Default: it has none. */
  readonly finalState?: string;
  /** The name under which layers after it read an lstm's cell after the last step. Default: it has none. */
  readonly finalCell?: string;
}

const KEYS = ["initialState", "initialCell", "finalState", "finalCell"] as const;

/**
 * Uses a recurrent layer with these states. A `shared` one can so be unrolled: the same weights each time, and other states. Each time
 * reads those that the time before has given a name.
 *
 * @param layer a simpleRnn, lstm or gru, maybe shared, which names no states itself
 * @param states.initialState name of another value, [units]: the state before the first step; default zeros
 * @param states.initialCell the same for an lstm's cell
 * @param states.finalState the name under which layers after it read the state after the last step; default none
 * @param states.finalCell the same for an lstm's cell
 * @throws {TypeError} if it isn't a recurrent layer, or a name can't be used
 * @throws {RangeError} if the layer names states itself, or is stateful; when a model is made, if there is no value of a name
 * @see Sutskever, Vinyals, Le, "Sequence to sequence learning with neural networks", 2014
 * @example
 * const cell = shared(lstm(8));
 * sequential(
 *   { input: inputs({ text: [5, 3], first: [1, 3], second: [1, 3] }) },
 *   lstm(8, { finalState: "h0", finalCell: "c0" }), // reads the text
 *   from("first", withState(cell, { initialState: "h0", initialCell: "c0", finalState: "h1", finalCell: "c1" })),
 *   from("second", withState(cell, { initialState: "h1", initialCell: "c1" })),
 *   dense(3),
 * );
 */
export function withState(layer: Layer, states: StateNames): Layer {
  const cell = [simpleRnnCell, lstmCell, gruCell].find(({ type }) => type === layer?.type);
  checkKind(cell !== undefined, "withState", "the first argument", "a recurrent layer such as lstm(64)", layer);
  checkKeys("withState", states, cell === lstmCell ? KEYS : KEYS.filter((key) => !key.endsWith("Cell")));
  const { initialState, initialCell, finalState, finalCell } = states;
  checkNames("withState", { initialState, initialCell }, "the name of another value");
  checkNames("withState", { finalState, finalCell }, "a name for it");
  const own = [...KEYS, "stateful"].find((key) => layer.options[key]);
  if (own !== undefined) {
    throw new RangeError(`withState: the layer must leave its states to withState, but it has ${own}; leave that out`);
  }
  const names = { initialState, initialCell, finalState, finalCell };
  return composite("withState", [layer], names, (graph, x, [inner]) => {
    const options = { ...inner!.options, ...names, name: inner!.name } as unknown as Complete;
    const joined = finalState !== undefined || finalCell !== undefined;
    return addFinals(graph, x, inner!, describeRecurrent(cell!, options, joined), true);
  });
}
