// Our recurrent layers as TensorFlow.js'.
import { outputLayout } from "../../../nn/layers/finalStates.ts";
import { goesBackward } from "../../../nn/layers/recurrent.ts";
import type { ModelNode } from "../../../graph/layer.ts";
import type { Context } from "./context.ts";
import type { Ref, WrittenWeight } from "./writer.ts";

const CLASSES: Readonly<Record<string, string>> = { gru: "GRU", lstm: "LSTM", simpleRnn: "SimpleRNN" };

/** Is it a recurrent layer, which may have its states joined to what it puts out? */
export const isRecurrent = ({ layer: { type } }: ModelNode): boolean => Object.hasOwn(CLASSES, type);

/** Columns r z n as z r n, of each row. */
function gruColumns(units: number, numbers: Float32Array): Float32Array {
  const all = new Float32Array(numbers.length);
  for (let at = 0; at < numbers.length; at += 3 * units) {
    all.set(numbers.subarray(at + units, at + 2 * units), at);
    all.set(numbers.subarray(at, at + units), at + units);
    all.set(numbers.subarray(at + 2 * units, at + 3 * units), at + 2 * units);
  }
  return all;
}

function weightsOf(c: Context, prefix = ""): WrittenWeight[] {
  const { type } = c.node.layer;
  const units = c.option<number>("units");
  return [
    ["kernel", "weightIh"],
    ["recurrent_kernel", "weightHh"],
    ["bias", "bias"],
  ].map(([name, local]) => {
    const weight = c.weight(`${prefix}${name}`, local!);
    return type === "gru" ? { ...weight, data: gruColumns(units, weight.data) } : weight;
  });
}

/** What a layer says, but for its states. */
function configOf(c: Context): Record<string, unknown> {
  const { type } = c.node.layer;
  if (type === "gru" && c.option("resetAfter", true)) {
    throw c.refuse(
      "resets the state after the product, which TensorFlow.js doesn't",
      "gru(units, { resetAfter: false }) would work",
    );
  }
  if (c.option("lengths") !== undefined) throw c.refuse("reads lengths", "a layer on all steps would work");
  if (c.option("stateful") === true)
    throw c.refuse("is stateful, for which a file needs the size of a batch", "one that isn't would work");
  return {
    units: c.option("units"),
    activation: "tanh",
    ...(type !== "simpleRnn" && { recurrent_activation: "sigmoid" }),
    use_bias: true,
    ...c.config("kernel", "weightIh"),
    ...c.config("recurrent", "weightHh"),
    ...c.config("bias", "bias"),
    ...(type === "lstm" && { unit_forget_bias: false }),
    activity_regularizer: null,
    dropout: 0,
    recurrent_dropout: 0,
    implementation: 2,
    ...(type === "gru" && { reset_after: false }),
    return_sequences: c.option("returnSequences") === true,
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
  };
}

/** A layer that goes backward, and puts out all states in the order of the steps: half of one that goes both ways. */
function backwardSequence(c: Context): Ref {
  const units = c.option<number>("units");
  const steps = c.x.shape[0]!;
  const inner = `${c.name}_cell`;
  const config = {
    layer: {
      class_name: CLASSES[c.node.layer.type],
      config: { name: inner, trainable: c.node.trainable, ...configOf(c) },
    },
    merge_mode: "concat",
  };
  const weights = ["forward", "backward"].flatMap((way) => weightsOf(c, `${way}_${inner}/`));
  const both = c.main("Bidirectional", config, [c.x], [steps, 2 * units], weights, c.writer.fresh(`${c.name}_both`));
  return c.plain("Activation", { activation: "linear" }, c.pad(both, 1, -units, 0, "backward"));
}

/** What a recurrent layer puts out: y, and its states if others read them. */
export function writeRecurrent(c: Context): { readonly y: Ref; readonly states: readonly Ref[] } {
  const { layer } = c.node;
  const units = c.option<number>("units");
  const steps = c.x.shape[0]!;
  const reverse = c.option("reverse") === true || goesBackward(layer);
  const sequences = c.option("returnSequences") === true;
  const finals = c.option("finalState") !== undefined || c.option("finalCell") !== undefined;
  const config = configOf(c);
  const { initialState, initialCell } = c.others;
  const given = initialState ?? initialCell;
  if (reverse && sequences) {
    if (finals || given)
      throw c.refuse(
        "goes backward, puts out all states, and has states given or read",
        "one that goes forward would work",
      );
    return { y: backwardSequence(c), states: [] };
  }
  const zeros = (suffix: string): Ref => c.rescale(given!, 0, 0, suffix);
  const states = given
    ? [initialState ?? zeros("state"), ...(layer.type === "lstm" ? [initialCell ?? zeros("cell")] : [])]
    : [];
  const shape = sequences ? [steps, units] : [units];
  const y = c.main(
    CLASSES[layer.type]!,
    { ...config, return_state: finals, go_backwards: reverse },
    [c.x, ...states],
    shape,
    c.owner === undefined ? weightsOf(c) : [],
  );
  const count = layer.type === "lstm" ? 2 : 1;
  return {
    y,
    states: finals ? Array.from({ length: count }, (_, i) => ({ ...y, tensor: i + 1, shape: [units] })) : [],
  };
}

/** The part of what a recurrent layer puts out that a node takes from it. */
export function partOf(recurrent: ModelNode, taken: ModelNode, { y, states }: ReturnType<typeof writeRecurrent>): Ref {
  const { state, cell } = outputLayout(recurrent.input[0]!, recurrent.layer.options as never, true);
  const offset = taken.layer.offset ?? 0;
  if (cell > 0 && offset === cell) return states[1]!;
  return offset === state && offset > 0 ? states[0]! : y;
}

/** Are these three nodes a layer that goes both ways, as TensorFlow.js has them: alike but for their weights? */
export function isBidirectional(nodes: readonly ModelNode[]): boolean {
  const [forth, back, join] = nodes;
  if (!forth || !back || !join || join.layer.type !== "join" || join.layer.options["axis"] !== -1) return false;
  if (
    !isRecurrent(forth) ||
    back.layer.type !== forth.layer.type ||
    !goesBackward(back.layer) ||
    goesBackward(forth.layer)
  )
    return false;
  const read = Object.values(join.others);
  const joins = join.from === forth.index && read.length === 1 && read[0] === back.index && back.from === forth.from;
  const same = (["units", "returnSequences", "resetAfter"] as const).every(
    (key) => forth.layer.options[key] === back.layer.options[key],
  );
  const alone = [forth, back].every(({ others }) => Object.keys(others).length === 0);
  return joins && same && alone && forth.trainable === back.trainable;
}

/** Writes a layer that goes both ways. */
export function writeBidirectional(forth: Context, back: Context, join: ModelNode): Ref {
  const own = forth.node.name;
  const stem = own.endsWith(".forward") ? own.slice(0, -".forward".length) : join.name;
  const name = forth.writer.nameOf(join.layer.name ?? stem);
  const inner = "cell";
  const contexts = [forth, back];
  const config = {
    layer: {
      class_name: CLASSES[forth.node.layer.type],
      config: { name: inner, trainable: forth.node.trainable, ...configOf(forth) },
    },
    merge_mode: "concat",
  };
  configOf(back); // refuses what it can't say
  const weights = contexts.flatMap((c, i) =>
    c.owner === undefined ? weightsOf(c, `${["forward", "backward"][i]}_${inner}/`) : [],
  );
  const ref = forth.main("Bidirectional", config, [forth.x], join.output, weights, name);
  back.note(back.node, ref.layer);
  return ref;
}
