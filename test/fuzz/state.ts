// Fuzzes `Trainer.restore`: a state that is refused changes nothing, one that is taken is what `state` gives afterwards.
import * as w from "../../src/index.ts";
import { normal, wholes } from "../support/seeded.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften, changedText } from "./mutate.ts";

const ROWS = 6;
const x = normal(ROWS * 3, { seed: 1 });
const y = wholes(ROWS, { seed: 2, below: 2 });

/** Trainers with states of all kinds, each after some updates. */
async function allTrainers(): Promise<w.Trainer[]> {
  const optimizers = [
    w.sgd(),
    w.sgd({ momentum: 0.9 }),
    w.adam({ amsgrad: true }),
    w.rmsprop({ centered: true }),
    w.adagrad(),
    w.adadelta(),
  ];
  const { core } = await w.sequential({ input: 1 }, w.dense(1));
  const trainers: w.Trainer[] = [];
  for (const [i, optimizer] of optimizers.entries()) {
    const layers = [
      w.dense(3),
      w.batchNorm(),
      w.dropout(0.3),
      ...(i % 2 === 0 ? [w.frozen(w.dense(3))] : []),
      w.dense(2),
    ];
    const model = await w.sequential({ input: 3, seed: i, core }, ...layers);
    const schedule =
      i % 3 === 0 ? w.reduceOnPlateau({ patience: 1 }) : i % 3 === 1 ? w.cosineDecay({ period: 9 }) : undefined;
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer, ...(schedule && { schedule }) });
    await trainer.fit({ x, y }, { epochs: 2, batchSize: 4, progress: false });
    trainers.push(trainer);
  }
  return trainers;
}

/** Where the text of a state ends, in bytes. */
function textEnd(state: Uint8Array): number {
  const end = Buffer.from("nothing more\n", "utf16le");
  return Buffer.from(state).indexOf(end) + end.length;
}

/** A state with another text, other counters, other numbers, or changed anywhere. */
function changedState(draw: Draw, state: Uint8Array): Uint8Array {
  const end = textEnd(state);
  return draw.call<Uint8Array>([
    () => state,
    () => changedOften(draw, state, changedBytes),
    () => {
      const text = changedText(draw, Buffer.from(state.subarray(0, end)).toString("utf16le"));
      return Uint8Array.from([...Buffer.from(text, "utf16le"), ...state.subarray(end)]);
    },
    ...Array.from({ length: 3 }, () => () => {
      const changed = Uint8Array.from(state);
      const view = new DataView(changed.buffer);
      // counters, what a schedule keeps, and the first parameters
      for (let count = draw.from(1, 3); count > 0; count--) view.setFloat64(end + 8 * draw.int(8), draw.number(), true);
      return changed;
    }),
    () => {
      const changed = Uint8Array.from(state);
      const at = end + 4 * draw.int((state.length - end) / 4);
      new DataView(changed.buffer).setFloat32(at, draw.number(), true);
      return changed;
    },
  ]);
}

async function attempt(draw: Draw, trainers: readonly w.Trainer[]): Promise<Tried> {
  const trainer = draw.pick(trainers);
  const before = trainer.state();
  const bytes = changedState(draw, draw.chance(0.9) ? before : draw.pick(trainers).state());
  const input = (): string => `${String(trainer)}\n${bytesText(bytes)}`;
  const end = await endedReading(bytes.length, ["restore"], () => trainer.restore(bytes));
  if (end.fault !== undefined) return { fault: end.fault, refused: true, input };
  const after = trainer.state();
  if (end.error) {
    const fault = Buffer.compare(before, after) === 0 ? undefined : "was refused, but changed the trainer";
    return { fault, refused: true, input };
  }
  let fault = Buffer.compare(bytes, after) === 0 ? undefined : "state() isn't what restore was given";
  // what can be restored can be gone on with, or is refused in words
  const names = ["step", "fit", "reduceOnPlateau", "cosineDecay"];
  if (draw.chance(0.5)) fault ??= (await ended(names, () => trainer.step(x, y))).fault;
  else if (draw.chance(0.3))
    fault ??= (await ended(names, () => trainer.fit({ x, y }, { batchSize: 4, progress: false }))).fault;
  trainer.restore(before);
  if (Buffer.compare(before, trainer.state()) !== 0) fault ??= "the state from before can't be restored";
  return { fault, refused: false, input };
}

export const state: Fuzzer = {
  name: "state",
  what: "Trainer.restore, of states with changed texts, counters and numbers",
  inTests: 3000,
  async prepare() {
    const trainers = await allTrainers();
    return (draw) => attempt(draw, trainers);
  },
};
