// All that belongs to one make of a network.
import { type Model, sequential } from "wasmgrad";
import type { Edit, Edits } from "../../play/protocol.ts";
import { type Place, Runner } from "../../play/runner.ts";
import { type ActivationName, LIMITS, type Setup } from "../../play/setup.ts";
import { snapshotsOf, Timeline } from "../../play/timeline.ts";
import { layersOf, setWeights, type Training } from "../../play/training.ts";

/** Width and height of maps, from the finest on. */
export const GRIDS = [64, 40, 24, 12] as const;

/** An update to which one can come back: those between two epochs alone, where a trainer's state decides all that comes. */
export interface Past {
  readonly weights: Float32Array;
  readonly state: Uint8Array;
  readonly edits: Edits;
  /** The losses as they were. */
  readonly train: number;
  readonly test: number;
}

/** A run that was left: its past, and how it stood. */
export interface Left extends Pick<Past, "edits" | "train" | "test"> {
  readonly past: Timeline<Past>;
  readonly place: Place;
}

/** All that belongs to one make. */
export interface Job {
  readonly make: number;
  readonly training: Training;
  readonly runner: Runner;
  /** By layer, the output's last: the name of its values, how many, whether they are drawn. */
  readonly layers: readonly {
    readonly name: string;
    readonly units: number;
    readonly drawn: boolean;
    readonly bounded: boolean;
  }[];
  /** The same layers with other weights, once they were asked for. */
  probe: Model | undefined;
  /** Weights of an earlier update, whose maps are drawn. */
  shown: Float32Array | undefined;
  past: Timeline<Past>;
  edits: Edits;
  /** The run that this one branched off from, or the branch. */
  other: Left | undefined;
  running: boolean;
  /** It runs for single updates, up to `until`. */
  single: boolean;
  until: number;
  /** Place in GRIDS, and whether hidden layers have only every second frame. */
  level: number;
  least: number;
  halved: boolean;
  slow: number;
  quick: number;
  grid: Float32Array;
  into: Record<string, Float32Array>;
  frames: number;
  painted: number;
  measured: number;
  lookedAt: number;
  train: number;
  test: number;
  right: number;
  done: { updates: number; rows: number };
  millis: number;
  halted: boolean;
}

const BOUNDED: readonly ActivationName[] = ["tanh", "sigmoid", "softsign", "hardSigmoid"];

function drawnLayers(setup: Setup, model: Model): Job["layers"] {
  const hidden = setup.layers.map(({ units, activation }, k) => ({
    name: `${activation === "linear" ? "Z" : "a"}${k + 1}`,
    units,
    drawn: units <= LIMITS.mapUnits && k < LIMITS.mapLayers,
    bounded: BOUNDED.includes(activation),
  }));
  const [units = 1] = model.outputShape;
  const sigmoid = model.layers.at(-1)!.type === "sigmoid";
  const name = `${sigmoid ? "a" : "Z"}${hidden.length + 1}`;
  return [...hidden, { name, units, drawn: true, bounded: sigmoid }];
}

/** A job that begins; maps at most so fine, and no finer than what their numbers take. */
export function jobOf(make: number, training: Training, finest: number): Job {
  const { model, setup } = training;
  const flops = 2 * model.parameterCount;
  const fits = GRIDS.findIndex((side) => side <= finest && flops * side * side < 2e8);
  const level = fits < 0 ? GRIDS.length - 1 : fits;
  const fine = GRIDS.findIndex((side) => side <= finest);
  return {
    make,
    training,
    runner: new Runner(training),
    layers: drawnLayers(setup, model),
    probe: undefined,
    shown: undefined,
    past: new Timeline(snapshotsOf(20 * model.parameterCount)),
    edits: [],
    other: undefined,
    running: false,
    single: false,
    until: Infinity,
    level,
    least: Math.max(level, fine),
    halved: false,
    slow: 0,
    quick: 0,
    grid: new Float32Array(0),
    into: {},
    frames: 0,
    painted: -Infinity,
    measured: -Infinity,
    lookedAt: -Infinity,
    train: Number.NaN,
    test: Number.NaN,
    right: Number.NaN,
    done: { updates: 0, rows: 0 },
    millis: 0,
    halted: false,
  };
}

/** With one more: of what is set several times after the same update the last counts. */
export const withEdit = (edits: Edits, { at, index, value }: Edit): Edits =>
  edits && [...edits.filter((edit) => edit.at !== at || edit.index !== index), { at, index, value }];

/** A model with the weights that are drawn: the one that is trained, or another of the same layers. */
export async function modelToShow(its: Job): Promise<Model> {
  const { model, setup } = its.training;
  if (!its.shown) return model;
  its.probe ??= await sequential({ input: 2, core: model.core }, ...layersOf(setup));
  setWeights(its.probe, its.shown);
  return its.probe;
}
