// A run's settings in the URL: playground.md has the keys. Separators are "-": commas don't survive every mail program.
import { readPoints, readWeights, writePoints, writeWeights } from "../shell/codec.ts";
import { keptNow, nameOfWeights } from "./kept.ts";
import { choice, flag, numeric, type Setting, type State } from "../shell/state.ts";
import {
  DATA_NAMES,
  type DataName,
  DEFAULT,
  INITIALIZERS,
  LIMITS,
  LOSSES,
  netText,
  NO_POINTS,
  OPTIMIZERS,
  type Points,
  rateAfter,
  readNet,
  type HiddenLayer,
  SCHEDULES,
  type ScheduleSetup,
  type Setup,
  USUAL_NOISE,
} from "./setup.ts";

const net: Setting<readonly HiddenLayer[]> = { initial: DEFAULT.layers, read: readNet, write: netText, step: true };

const points: Setting<Points> = { initial: NO_POINTS, read: readPoints, write: writePoints };

/** A data set of the list, or the user's own under a name, which is kept in the browser: 40 letters, and a number where the name was taken. */
export type DataChoice = DataName | `mine:${string}`;

const data: Setting<DataChoice> = {
  initial: DEFAULT.data,
  read: (text) =>
    DATA_NAMES.find((name) => name === text) ?? (/^mine:.{1,50}$/u.test(text) ? (text as DataChoice) : undefined),
  write: (name) => name,
  step: true,
};

/** The name of the user's table that is chosen; undefined: none is. */
export const ownName = (chosen: DataChoice): string | undefined =>
  chosen.startsWith("mine:") ? chosen.slice("mine:".length) : undefined;

const weights: Setting<Float32Array> = {
  initial: DEFAULT.weights,
  read: (text) => {
    if (text.startsWith("mine:")) return keptNow(text.slice("mine:".length))?.weights;
    const some = readWeights(text);
    return some && some.length <= LIMITS.weights ? some : undefined;
  },
  write: (some) => {
    const name = nameOfWeights(some);
    return name === undefined ? writeWeights(some) : `mine:${name}`;
  },
};

const schedule: Setting<ScheduleSetup> = {
  initial: DEFAULT.schedule,
  read: (text) => {
    const [, word, digits = String(DEFAULT.schedule.length)] = /^([a-z]+)(?:-(\d{1,9}))?$/.exec(text) ?? [];
    const name = SCHEDULES.find((known) => known === word);
    const length = Number(digits);
    return name && length >= 2 ? { name, length } : undefined;
  },
  write: ({ name, length }) => (name === "none" ? name : `${name}-${length}`),
};

/** No noise is below 0. */
const USUAL = -1;

const small = { least: 0, most: 0.9999 };

/** Undefined in the URL: as is usual for the data. */
const noise: Setting<number> = {
  ...numeric(0, { least: 0, most: 2 }),
  initial: USUAL,
  write: (much) => (much === USUAL ? "" : String(much)),
};

/** Settings that decide the numbers of a run, by the keys of the URL, in its order. */
const RUN = {
  data,
  n: numeric(DEFAULT.rows, { least: 1, most: LIMITS.rows, integer: true }),
  noise,
  dseed: numeric(DEFAULT.dataSeed, { least: 0, most: 2 ** 32 - 1, integer: true }),
  k: numeric(DEFAULT.classes, { least: 2, most: 6, integer: true }),
  pts: points,
  norm: flag(DEFAULT.normalise),
  net,
  loss: choice(LOSSES, DEFAULT.loss),
  opt: choice(OPTIMIZERS, DEFAULT.optimizer),
  lr: numeric(DEFAULT.rate, { least: 1e-9, most: 1e9 }),
  mom: numeric(DEFAULT.momentum, small),
  b1: numeric(DEFAULT.beta1, small),
  b2: numeric(DEFAULT.beta2, small),
  sched: schedule,
  l1: numeric(DEFAULT.l1, { least: 0, most: 100 }),
  l2: numeric(DEFAULT.l2, { least: 0, most: 100 }),
  drop: numeric(DEFAULT.dropout, { least: 0, most: 0.95 }),
  batch: numeric(DEFAULT.batch, { least: 0, most: LIMITS.rows, integer: true }),
  seed: numeric(DEFAULT.seed, { least: 0, most: 2 ** 32 - 1, integer: true }),
  init: choice(INITIALIZERS, DEFAULT.initializer),
  w: weights,
} as const;

/** What two runs that are raced may differ in. */
export const RACED = ["opt", "lr", "net", "batch", "sched", "init", "seed", "l2", "l1", "drop", "mom"] as const;
export interface Difference {
  readonly key: (typeof RACED)[number];
  /** The setting as the URL has it. */
  readonly text: string;
}

/** Null: the second run has nothing of its own yet. */
const difference: Setting<Difference | null> = {
  initial: null,
  read: (text) => {
    const [, word, value = ""] = /^([a-z0-9]+)-(.+)$/.exec(text) ?? [];
    const key = RACED.find((known) => known === word);
    return key !== undefined && RUN[key].read(value) !== undefined ? { key, text: value } : undefined;
  },
  write: (its) => (its ? `${its.key}-${its.text}` : ""),
};

/** All settings, by the keys of the URL, in its order. */
export const SETTINGS = {
  ...RUN,
  /** Update at which the run stops and pauses; 0: none. */
  at: numeric(0, { least: 0, most: 1e9, integer: true }),
  /** What a second run does otherwise, as `opt-adam`. */
  b: difference,
  /** Open panels below the view, "-" between them. */
  view: {
    initial: "",
    read: (text) => (/^[a-z-]*$/.test(text) ? text : undefined),
    write: (text) => text,
  } as Setting<string>,
} as const;
export type PlayState = State<typeof SETTINGS>;

/** Keys whose change makes another run; the others only change how it is shown. */
export const SETUP_KEYS = Object.keys(RUN) as (keyof typeof RUN)[];

type RunValues = { readonly [K in keyof typeof RUN]: (typeof RUN)[K]["initial"] };

/** The setup that the URL says; of the second run, if it is told in what that differs. */
export function setupOf(state: PlayState, differs?: Difference): Setup {
  const get = <K extends keyof typeof RUN>(key: K): RunValues[K] => {
    const other = key === differs?.key ? (RUN[key] as unknown as Setting<RunValues[K]>).read(differs.text) : undefined;
    return other ?? (state.get(key) as RunValues[K]);
  };
  const chosen = get("data");
  const name = ownName(chosen);
  return {
    data: name === undefined ? (chosen as DataName) : "mine",
    rows: get("n"),
    noise: get("noise") === USUAL ? USUAL_NOISE[name === undefined ? (chosen as DataName) : "mine"] : get("noise"),
    dataSeed: get("dseed"),
    classes: get("k"),
    points: name === undefined ? get("pts") : (keptNow(name)?.points ?? NO_POINTS),
    normalise: get("norm"),
    layers: get("net"),
    loss: get("loss"),
    optimizer: get("opt"),
    // an optimizer that is raced brings its usual rate, as one that is chosen
    rate: differs?.key === "opt" ? rateAfter(get("lr"), state.get("opt"), get("opt")) : get("lr"),
    momentum: get("mom"),
    beta1: get("b1"),
    beta2: get("b2"),
    schedule: get("sched"),
    l1: get("l1"),
    l2: get("l2"),
    dropout: get("drop"),
    batch: get("batch"),
    seed: get("seed"),
    initializer: get("init"),
    weights: get("w"),
  };
}
