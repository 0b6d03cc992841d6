// The states of recurrent layers after the last step as values of their own. The layer puts out one row of all that it gives; slices
// take the parts.
import type { GraphBuilder, Layer, Value } from "../../graph/layer.ts";
import { inputSlice } from "./slice.ts";

/** What decides what a row of the output has. */
interface Outputs {
  readonly units: number;
  readonly returnSequences?: boolean | undefined;
  readonly finalState?: string | undefined;
  readonly finalCell?: string | undefined;
}

/**
 * Where a row of the output has its parts: y, the state after the last step (at 0: it is y, or isn't there), the cell (at 0: it isn't
 * there); and all of its numbers.
 */
export function outputLayout(steps: number, options: Outputs, joined: boolean) {
  const { units, returnSequences, finalState, finalCell } = options;
  const y = returnSequences === true ? steps * units : units;
  const state = joined && returnSequences === true && finalState !== undefined ? y : 0;
  const end = state === 0 ? y : y + units;
  const cell = joined && finalCell !== undefined ? end : 0;
  return { state, cell, total: cell === 0 ? end : end + units };
}

/**
 * Adds a recurrent layer and its states after the last step, under their names. Gives y.
 *
 * @param layer what users and files know
 * @param joined the same layer with all that it puts out in one row
 * @param alone it isn't added as `layer` by who calls: its sharing begins here
 */
export function addFinals(graph: GraphBuilder, x: Value, layer: Layer, joined: Layer, alone: boolean): Value {
  const { name, trainable, weights, shared } = layer;
  const row = graph.add(
    Object.freeze<Layer>({
      ...joined,
      name,
      trainable,
      original: layer,
      ...(weights && { weights }),
      ...(alone && shared && { shared: (to: GraphBuilder) => layer.shared!(to) }),
    }),
    x,
  );
  const options = joined.options as unknown as Outputs;
  const { units, returnSequences, finalState, finalCell } = options;
  if (finalState === undefined && finalCell === undefined) return row; // y alone
  const steps = graph.shape(x)[0]!;
  const { state, cell } = outputLayout(steps, options, true);
  const part = (called: string | undefined, at: number): Value =>
    graph.add(Object.freeze<Layer>({ ...inputSlice(called, [units], at), type: "finalState" }), row);
  const last = finalState === undefined ? undefined : part(finalState, state);
  const y =
    returnSequences === true
      ? graph.add(Object.freeze<Layer>({ ...inputSlice(undefined, [steps, units], 0), type: "states" }), row)
      : (last ?? part(undefined, 0));
  if (finalCell !== undefined) part(finalCell, cell);
  // by the layer's name others find y, not the row
  if (name !== undefined && graph.find(name, "internal") === row) graph.call(name, y);
  return y;
}
