import { checkKind } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { gruCell } from "../layers/gru.ts";
import { lstmCell } from "../layers/lstm.ts";
import { backward } from "../layers/recurrent.ts";
import { simpleRnnCell } from "../layers/simpleRnn.ts";
import { composite } from "./composite.ts";
import { join } from "./concat.ts";

const CELLS = [simpleRnnCell, lstmCell, gruCell];

/**
 * Goes through a sequence in both directions, with a recurrent layer each, and joins what they put out on the last axis. With
 * `returnSequences`, the part of the backward layer at time t is its state after it has read the last step to step t.
 * Shapes: x [rows, steps, features]; y [rows, 2 units], or with `returnSequences` [rows, steps, 2 units].
 *
 * @param layer a simpleRnn, lstm or gru; if it has a name, the layers inside are called `name.forward` and `name.backward`
 * @param backwardLayer the one that goes backward, if its options are to differ: other units, or initial states of its own.
 *   Without it, both have the same options, and weights of their own
 * @throws {TypeError} if one isn't a recurrent layer
 * @throws {RangeError} if the first has `reverse: true` (the backward one may, and means the same), or one puts
 *   out all states and the other the last one
 * @see Schuster, Paliwal, "Bidirectional recurrent neural networks", 1997
 * @example sequential({ input: [12, 3] }, bidirectional(gru(8)), dense(1))
 */
export function bidirectional(layer: Layer, backwardLayer: Layer = layer): Layer {
  for (const [name, each] of Object.entries({ "the layer": layer, "the backward layer": backwardLayer })) {
    const holds = CELLS.some(({ type }) => type === each?.type);
    checkKind(holds, "bidirectional", name, "a recurrent layer such as lstm(64)", each);
    if (each.options["stateful"] === true) {
      throw new RangeError(
        `bidirectional: ${name} can't be stateful, as the batch before ended where the backward one begins; leave stateful out`,
      );
    }
  }
  if (layer.options["reverse"] === true) {
    throw new RangeError(
      "bidirectional: the layer must go forward, got one with reverse: true; leave it out, as bidirectional has a second layer " +
        "that goes backward",
    );
  }
  const all = [layer, backwardLayer].map(({ options }) => options["returnSequences"] === true);
  if (all[0] !== all[1]) {
    throw new RangeError(
      "bidirectional: both layers must have the same returnSequences, but one is true and one false",
    );
  }
  const { name } = layer;
  const forth = Object.freeze({ ...layer, name: name === undefined ? name : `${name}.forward` });
  const backwardName = backwardLayer === layer ? undefined : backwardLayer.name;
  const back = backward(
    CELLS.find(({ type }) => type === backwardLayer.type)!,
    backwardLayer,
    backwardName ?? (name === undefined ? name : `${name}.backward`),
  );
  return joined(forth, back, name);
}

/** The composite of two layers that have their names and directions. */
export function bidirectionalOf(forth: Layer, back: Layer, name: string | undefined): Layer {
  return joined(
    forth,
    backward(
      CELLS.find(({ type }) => type === back.type)!,
      back,
      back.name,
    ),
    name,
  );
}

const joined = (forth: Layer, back: Layer, name: string | undefined): Layer =>
  composite("bidirectional", [forth, back], { name }, (graph, x, inner) => {
    const [first, second] = inner.map((layer) => graph.add(layer, x));
    return graph.add(Object.freeze({ ...join(-1), name }), first!, { 2: second! });
  });
