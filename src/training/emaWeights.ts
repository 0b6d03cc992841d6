// Moving averages of the weights while a model is trained.
import { checkModel, type Model } from "../model/model.ts";
import { checkFraction, checkKeys } from "../util/check.ts";
import type { Callback } from "./callbacks.ts";

/** What `emaWeights` gives. */
export interface EmaWeights extends Callback {
  /**
   * Exchanges a model's trained parameters with their averages; a second call exchanges them back, which has to be done before the
   * model is trained again.
   *
   * @param model one that `fit` has trained with this callback
   * @throws {TypeError} if it isn't a model
   * @throws {Error} if there are no averages of it
   */
  swap(model: Model): void;
}

/** The averages of one model. */
interface Averages {
  /** In the order of the trained parameters' memory. */
  readonly values: Float32Array<ArrayBuffer>;
  /** The update that they include last. */
  updates: number | undefined;
  /** They are in the model, and its weights here. */
  swapped: boolean;
}

/** Refuses to go on while the averages are in the place of the weights. */
function refuseSwapped(averages: Averages | undefined): void {
  if (!averages?.swapped) return;
  throw new Error("emaWeights: the averages are in the model; call swap(model) once more before it is trained");
}

/**
 * Moving averages of a model's weights, which often predict better than the last ones: after every update average = decay average +
 * (1 - decay) weight. They begin with the weights before the first update, and go on in a later `fit` with the same callback. Trained
 * parameters alone are averaged, not running statistics. One value may be given to the trainings of several models.
 *
 * It takes a callback after every batch.
 *
 * @param options.decay part of the average that is kept at an update, from 0 up to but not including 1; default 0.999
 * @throws {TypeError | RangeError} if an option can't be used
 * @throws {Error} from `fit`, if the averages are still in the model
 * @see Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992
 * @example
 * const ema = emaWeights({ decay: 0.99 });
 * await trainer.fit({ x, y }, { epochs: 5, callbacks: [ema] });
 * ema.swap(model); // the averages
 * const averaged = model.predict(x);
 * ema.swap(model); // the weights of the last update again
 */
export function emaWeights(options: { decay?: number } = {}): EmaWeights {
  checkKeys("emaWeights", options, ["decay"]);
  const { decay = 0.999 } = options;
  checkFraction("emaWeights", "decay", decay);
  const all = new WeakMap<Model, Averages>();
  return {
    name: `emaWeights ${JSON.stringify({ decay })}`,
    onTrainBegin({ model, updates }) {
      const known = all.get(model);
      refuseSwapped(known);
      const values = known?.values ?? new Float32Array(model.run.bytes / 4);
      if (!known) for (const [part, weights] of partsOf(model, values)) part.set(weights);
      all.set(model, { values: values as Float32Array<ArrayBuffer>, updates, swapped: false });
    },
    onBatchEnd(_batch, _logs, { model, updates }) {
      const averages = all.get(model)!;
      refuseSwapped(averages);
      if (updates !== undefined && averages.updates === updates) return; // several batches make one update
      averages.updates = updates;
      const { values } = averages;
      const rest = 1 - decay;
      for (const [part, weights] of partsOf(model, values)) {
        for (let i = 0; i < part.length; i++) part[i] = decay * part[i]! + rest * weights[i]!;
      }
    },
    state: ({ model }) => all.get(model),
    restore: (state, { model }) => void all.set(model, state as Averages),
    swap(model) {
      checkModel("emaWeights", "the model of swap", model);
      const averages = all.get(model);
      if (!averages)
        throw new Error("emaWeights: there are no averages of this model; give the callback to its fit first");
      model.refuse("swap", false);
      const { run, core } = model;
      for (const { name, address, slot, size } of run.parameters) {
        const part = averages.values.subarray((slot - run.address) / 4, (slot - run.address) / 4 + size);
        const weights = core.arena.read(address, size);
        model.onSet?.(name, address, part.slice()); // refuses, maybe
        core.arena.write(address, part);
        part.set(weights);
      }
      averages.swapped = !averages.swapped;
    },
  };
}

/** Each parameter's part of the averages, and its weights in memory. */
const partsOf = ({ run, core }: Model, values: Float32Array): [part: Float32Array, weights: Float32Array][] =>
  run.parameters.map(({ address, slot, size }) => {
    const at = (slot - run.address) / 4;
    return [values.subarray(at, at + size), core.arena.floats(address, size)];
  });
