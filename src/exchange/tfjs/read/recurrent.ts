// Recurrent layers of TensorFlow.js. Their gates are in another order in a GRU; activations other than ours are computed step by step.
import { gru } from "../../../nn/layers/gru.ts";
import { lstm } from "../../../nn/layers/lstm.ts";
import { simpleRnn } from "../../../nn/layers/simpleRnn.ts";
import { bidirectional } from "../../../nn/composites/bidirectional.ts";
import { withState } from "../../../nn/composites/withState.ts";
import { spatialDropout1d } from "../../../nn/layers/spatialDropout.ts";
import type { Layer } from "../../../graph/layer.ts";
import { activityPenalty } from "../../../nn/layers/activityPenalty.ts";
import { isRecord } from "../../../util/check.ts";
import { activationName } from "./activations.ts";
import type { Cell } from "./cell.ts";
import { concatLast, reversed, unrolled } from "./unrolled.ts";
import { Config, refuse } from "./config.ts";
import { layerOf, type Make, type Source, type Value } from "./flow.ts";
import { layerData } from "./layerData.ts";
import { operate } from "./merge.ts";
import { activityOf, parameterOptions } from "./parts.ts";
import { type Call, type Convert, inputShape, weightOf } from "./reader.ts";

const TYPES: Readonly<Record<string, Cell["type"]>> = { SimpleRNN: "simpleRnn", LSTM: "lstm", GRU: "gru" };
const GATES = { simpleRnn: 1, lstm: 4, gru: 3 } as const;

function cellOf(config: Config, type: Cell["type"], trainable: boolean): Cell {
  config.raw("unit_forget_bias");
  config.only("recurrent_dropout", 0, "states are never dropped here");
  config.only("zero_output_for_mask", false, "there are no masks");
  config.only("time_major", false, "rows come first");
  config.raw("use_cudnn");
  config.raw("cell");
  return {
    type,
    units: config.whole("units"),
    activation: activationName(config, "activation", "tanh"),
    recurrentActivation:
      type === "simpleRnn" ? "sigmoid" : activationName(config, "recurrent_activation", "hard_sigmoid"),
    useBias: config.flag("use_bias", true),
    resetAfter: type === "gru" && config.flag("reset_after", false),
    returnSequences: config.flag("return_sequences", false),
    returnState: config.flag("return_state", false),
    reverse: config.flag("go_backwards", false),
    stateful: config.flag("stateful", false),
    dropout: config.number("dropout", 0),
    options: {
      ...parameterOptions(config, "kernel"),
      ...parameterOptions(config, "recurrent"),
      ...parameterOptions(config, "bias"),
      trainable,
    },
  };
}

/** Columns z r h as r z h, of each row. */
const gruColumns =
  (units: number) =>
  (numbers: Float32Array): Float32Array => {
    const all = new Float32Array(numbers.length);
    for (let at = 0; at < numbers.length; at += 3 * units) {
      all.set(numbers.subarray(at + units, at + 2 * units), at);
      all.set(numbers.subarray(at, at + units), at + units);
      all.set(numbers.subarray(at + 2 * units, at + 3 * units), at + 2 * units);
    }
    return all;
  };

/** The weights of a cell by our names. */
function sourcesOf(
  call: Pick<Call, "reader" | "where" | "paths">,
  cell: Cell,
  features: number,
): Record<string, Source> {
  const { type, units, useBias, resetAfter } = cell;
  const columns = GATES[type] * units;
  const as = type === "gru" ? { to: gruColumns(units) } : {};
  const sources: Record<string, Source> = {
    weightIh: weightOf(call, "kernel", 0, [features, columns], as),
    weightHh: weightOf(call, "recurrent_kernel", 1, [units, columns], as),
  };
  const none = { shape: [columns], constant: new Float32Array(columns) };
  if (!resetAfter) {
    sources["bias"] = useBias ? weightOf(call, "bias", 2, [columns], as) : none;
    return sources;
  }
  const half = (i: number): Source => {
    if (!useBias) return none;
    const to = (numbers: Float32Array) => gruColumns(units)(numbers.subarray(i * columns, (i + 1) * columns));
    return weightOf(call, "bias", 2, [2, columns], { shape: [columns], to });
  };
  return { ...sources, biasIh: half(0), biasHh: half(1) };
}

/** Our layer of a cell. */
function layerOfCell({ type, units, resetAfter, options, returnSequences, stateful }: Cell, more: object): Layer {
  const all = { units, returnSequences, stateful, ...options, ...more };
  if (type === "lstm") return lstm(all);
  return type === "gru" ? gru({ ...all, resetAfter }) : simpleRnn(all);
}

/** Is it what our kernels compute? */
const isOurs = ({ activation, recurrentActivation }: Cell): boolean =>
  activation === "tanh" && recurrentActivation === "sigmoid";

/** What a recurrent layer puts out: y and its states; y of a layer that goes backward is in the order of the steps. */
function run(
  call: Call,
  cell: Cell,
  input: Value,
  states: readonly Value[],
  name: string,
): { readonly y: Value; readonly states: readonly Value[] } {
  const { reader, where, key } = call;
  const { flow } = reader;
  const [steps, features] = input.shape as [number, number];
  const { units, type, reverse, returnSequences, returnState, stateful } = cell;
  const wanted = type === "lstm" ? 2 : 1;
  if (states.length > 0 && states.length !== wanted)
    throw refuse(where, `it takes ${wanted} initial states, got ${states.length}`);
  const sources = sourcesOf(call, cell, features);
  if (!isOurs(cell)) return unrolled(call, cell, input, states, name, sources);
  const shape = returnSequences ? [steps, units] : [units];
  if (states.length === 0 && !returnState) {
    const own = flow.own(key, name, (called) => layerOfCell(cell, { reverse, name: called }), sources);
    return { y: flow.unary(where, input, [own], name), states: [] };
  }
  if (stateful) throw refuse(where, "stateful must be false where its states are given or read");
  const own = flow.own(key, name, (called) => layerOfCell(cell, { reverse, name: called }), sources);
  const finals = returnState
    ? ["h", "c"].slice(0, wanted).map((each) => flow.named([units], flow.fresh(`${name}/${each}`)))
    : [];
  const y: Value = { shape, hint: name };
  const make: Make = (names, isRead) => {
    // what nobody reads isn't put out
    const read = finals.map((value) => (isRead(value) ? value.hint : undefined));
    const keys = [names[0], read[0], ...(type === "lstm" ? [names[1], read[1]] : [])];
    const stateNames = Object.fromEntries(
      ["initialState", "finalState", "initialCell", "finalCell"].flatMap((option, i) =>
        keys[i] === undefined ? [] : [[option, keys[i]]],
      ),
    );
    const joined = returnSequences && (isRead(y) || read.every((each) => each === undefined));
    if (own.uses > 1) {
      if (joined !== returnSequences) throw refuse(where, "all uses of it must put out the same");
      return [withState(layerOf(own), stateNames)];
    }
    const options = { reverse, name: own.layer.name, ...stateNames };
    return [flow.withWeights(layerOfCell({ ...cell, returnSequences: joined }, options))];
  };
  flow.join(where, input, states, shape, name, make, y);
  return { y, states: finals };
}

/** Drops inputs, the same ones at all steps. */
function dropped(call: Call, { dropout }: Cell, input: Value): Value {
  if (dropout === 0) return input;
  return call.reader.flow.unary(call.where, input, [spatialDropout1d(dropout)], `${call.name}/dropout`);
}

/** The penalty on what is put out. */
function penalized(call: Call, config: Config, y: Value): Value {
  const penalty = activityOf(config);
  return penalty ? call.reader.flow.unary(call.where, y, [activityPenalty(penalty)], `${call.name}/penalty`) : y;
}

function recurrent(className: string): Convert {
  return (call) => {
    const { config, inputs, name, reader } = call;
    const cell = cellOf(config, TYPES[className]!, reader.trainable);
    inputShape({ ...call, inputs: inputs.slice(0, 1) }, 2);
    const input = dropped(call, cell, inputs[0]!);
    const { y, states } = run(call, cell, input, inputs.slice(1), name);
    // backward, their outputs come in the order in which they are computed
    const ordered = cell.reverse && cell.returnSequences ? reversed(call, y) : y;
    return [penalized(call, config, ordered), ...states];
  };
}

const bidirectionalLayer: Convert = (call) => {
  const { config, inputs, name, reader, where, key, paths } = call;
  const { flow } = reader;
  const inner = layerData(config.object("layer"), `${where}: layer`);
  if (!Object.hasOwn(TYPES, inner.className))
    throw refuse(where, `its layer must be an LSTM, GRU or SimpleRNN, got ${inner.className}`);
  const merge =
    config.raw("merge_mode") === undefined
      ? "none"
      : config.word("merge_mode", ["concat", "sum", "mul", "ave"], "concat");
  const given = config.raw("backward_layer");
  const back = given === undefined ? inner : layerData(given, `${where}: backward_layer`);
  const cellFor = ({ className, config: own }: typeof inner): Cell => {
    const cellConfig = new Config(where, own);
    const cell = cellOf(
      cellConfig,
      TYPES[className]!,
      reader.trainable && !(isRecord(own) && own["trainable"] === false),
    );
    cellConfig.raw("activity_regularizer");
    cellConfig.finish();
    return cell;
  };
  const cells = [
    { ...cellFor(inner), reverse: false },
    { ...cellFor(back), reverse: true },
  ] as const;
  inputShape({ ...call, inputs: inputs.slice(0, 1) }, 2);
  const innerNames = [`forward_${inner.name}`, given === undefined ? `backward_${inner.name}` : back.name];
  const sides = cells.map((_, i) => ({
    ...call,
    key: `${key}/${i}`,
    paths: paths.flatMap((path) => [`${path}/${innerNames[i]}`, `${path}/${["forward_layer", "backward_layer"][i]}`]),
  }));
  const input = dropped(call, cells[0], inputs[0]!);
  const [steps, features] = input.shape as [number, number];
  const simple =
    inputs.length === 1 &&
    merge === "concat" &&
    cells.every((cell) => isOurs(cell) && !cell.returnState && !cell.stateful);
  if (simple) {
    const { units, returnSequences } = cells[0];
    const sources = cells.flatMap((cell, i) =>
      Object.entries(sourcesOf(sides[i]!, cell, features)).map(
        ([local, source]) => [`.${["forward", "backward"][i]}.${local}`, source] as const,
      ),
    );
    const own = flow.own(
      key,
      name,
      (called) =>
        bidirectional(layerOfCell(cells[0], { name: called }), layerOfCell(cells[1], { name: `${called}.backward` })),
      Object.fromEntries(sources),
    );
    const width = units + cells[1].units;
    const shape = returnSequences ? [steps, width] : [width];
    return [
      penalized(
        call,
        config,
        flow.join(where, input, [], shape, name, () => [layerOf(own)]),
      ),
    ];
  }
  const states = inputs.slice(1);
  if (states.length % 2 === 1) throw refuse(where, "it takes as many initial states for each direction");
  const runs = cells.map((cell, i) => {
    const own = states.slice((i * states.length) / 2, ((i + 1) * states.length) / 2);
    return run(sides[i]!, cell, input, own, `${name}.${["forward", "backward"][i]}`);
  });
  const ys = runs.map(({ y }) => y);
  const finals = runs.flatMap((each) => each.states);
  if (merge === "none") return [...ys, ...finals];
  const type = { sum: "add", mul: "multiply", ave: "average" } as const;
  const y = merge === "concat" ? concatLast(call, ys, name) : operate(call, type[merge], ys, name);
  return [penalized(call, config, y), ...finals];
};

/** By class_name. */
export const RECURRENT: Readonly<Record<string, Convert>> = {
  Bidirectional: bidirectionalLayer,
  GRU: recurrent("GRU"),
  LSTM: recurrent("LSTM"),
  SimpleRNN: recurrent("SimpleRNN"),
};
