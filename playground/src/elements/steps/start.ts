// What <wasmgrad-steps> begins with: the network of its attributes, or a trainer of one's own.
import type { Input, Model, NonFiniteError, Target, Trainer } from "wasmgrad";
import {
  DATA,
  type DataName,
  fitsRate,
  LOSSES,
  type LossName,
  OPTIMIZERS,
  type OptimizerName,
  type Plan,
  readHidden,
  readRuns,
  rowsOf,
  trainerOf,
  USUAL,
} from "../../steps/nets.ts";
import { readPoints } from "../../shell/codec.ts";
import { Session } from "../../steps/session.ts";

/** A network in words. */
export interface Words {
  readonly data: string;
  readonly net: string | undefined;
  readonly layout: string | undefined;
  readonly pts: string | undefined;
  readonly seed: number;
  readonly lr: number;
  readonly loss: string;
  readonly opt: string;
}

/** The network that the words mean; what isn't understood is as usual. */
export function planOf({ data, net, layout, pts, seed, lr, loss, opt }: Words): Plan {
  const known = <W extends string>(words: readonly W[], word: string, usual: W): W =>
    words.find((one) => one === word) ?? usual;
  const text = net ?? layout;
  return {
    data: known<DataName>(DATA, data, USUAL.data),
    hidden: (text ? readHidden(text) : undefined) ?? USUAL.hidden,
    seed: Number.isSafeInteger(seed) && seed >= 0 ? seed : USUAL.seed,
    rate: fitsRate(lr) ? lr : USUAL.rate,
    loss: known<LossName>(LOSSES, loss, USUAL.loss),
    optimizer: known<OptimizerName>(OPTIMIZERS, opt, USUAL.optimizer),
    points: pts ? readPoints(pts) : undefined,
  };
}

export interface Start {
  readonly session: Session;
  /** The values of each row of x, where samples are named by them. */
  readonly own?: readonly (readonly number[])[];
  readonly halted?: NonFiniteError | undefined;
  /** The weights are of another network: random ones are used. */
  readonly wrongWeights?: boolean;
}

/** A session of one's own trainer. */
export function startWith(trainer: Trainer, x: Input, y: Target): Start {
  const rows = x as ArrayLike<unknown>;
  const size = trainer.model.inputShape.reduce((a, b) => a * b, 1);
  return { session: new Session(trainer, x, y, typeof rows[0] === "number" ? rows.length / size : rows.length) };
}

/** A session of a network in words, after the updates that `trained` says: as long as it is wanted, which is asked while many are made. */
export async function startFrom(
  model: Model,
  plan: Plan,
  weights: Float32Array | undefined,
  trained: string,
  wanted: () => boolean,
): Promise<Start> {
  const rows = rowsOf(plan);
  const session = new Session(await trainerOf(model, plan), rows.x.flat(), rows.y, rows.y.length);
  const before = session.weights();
  const wrongWeights = weights !== undefined && weights.length !== before.length;
  const typed = wrongWeights ? undefined : weights;
  if (typed) {
    session.setWeights(typed);
    session.edited = editedOf(session, before, typed);
    session.typed = typed;
  }
  return { session, own: rows.x, wrongWeights, halted: await session.replay(readRuns(trained) ?? [], wanted) };
}

/** Parameters that differ from what they were: `w1:3`. */
function editedOf(session: Session, before: Float32Array, after: ArrayLike<number>): ReadonlySet<string> {
  const edited = new Set<string>();
  let at = 0;
  const counts = { w: 0, b: 0 };
  for (const { shape } of session.trainer.model.parameters()) {
    const kind = shape.length > 1 ? "w" : "b";
    const name = `${kind}${++counts[kind]}`;
    const size = shape.reduce((a, b) => a * b, 1);
    for (let i = 0; i < size; i++, at++) if (!Object.is(before[at], after[at])) edited.add(`${name}:${i}`);
  }
  return edited;
}
