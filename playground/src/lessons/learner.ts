// A small model that learns while it is looked at: one update at a time.
import { type Model, NonFiniteError, type Trainer } from "wasmgrad";
import { countRight, type Examples } from "../../../lessons/neuron.ts";
import { Series } from "./series.ts";

/** What is seen of a learner at one moment. */
export interface Look {
  /** Of all rows together. */
  readonly loss: number;
  readonly outputs: Float32Array;
  /** Rows whose answer is right. */
  readonly right: number;
  readonly fingerprint: string;
}

const UNSEEN: Look = { loss: Number.NaN, outputs: new Float32Array(0), right: 0, fingerprint: "" };

/** How a model learns: what measures its loss, and its way, of which each step makes one update and may say the loss before it. */
export interface Method<Step extends object> {
  readonly trainer: Trainer;
  readonly way: () => Generator<Step, never>;
}

/** A model, its rows, the updates made since its start, and what has been seen of them. */
export class Learner<Step extends object> {
  readonly model: Model;
  examples: Examples;
  /** Since the start. */
  updates = 0;
  /** The loss by the updates since the start. What is no number isn't in it. */
  readonly curve = new Series<number>();
  #seen: Look = UNSEEN;
  #starts = 0;
  #method: Method<Step>;
  #way: Generator<Step, never> | undefined;
  #looking: Promise<unknown> = Promise.resolve();
  /** The weights that it began with. */
  readonly #initial: readonly Float32Array[];

  private constructor(model: Model, examples: Examples, method: Method<Step>) {
    this.model = model;
    this.examples = examples;
    this.#method = method;
    this.#initial = model.parameters().map((p) => p.get());
  }

  /** A learner that has been looked at. */
  static async make<Step extends object>(
    model: Model,
    examples: Examples,
    method: Method<Step>,
  ): Promise<Learner<Step>> {
    const learner = new Learner(model, examples, method);
    await learner.look();
    return learner;
  }

  /** Another way of learning, from now on. */
  set method(method: Method<Step>) {
    this.#method = method;
    this.#way = undefined;
  }

  /** What was seen of it last. */
  get seen(): Look {
    return this.#seen;
  }

  /** All weights in a row, in the order of the parameters. */
  get weights(): Float32Array {
    return Float32Array.from(this.model.parameters().flatMap((p) => [...p.get()]));
  }

  /** Writes all weights. */
  put(weights: ArrayLike<number>): void {
    const all = Array.from(weights);
    let at = 0;
    this.model.parameters().forEach((p, k) => p.set(all.slice(at, (at += this.#initial[k]!.length))));
  }

  /** Starts from these weights, or from those that it was made with. */
  start(weights: ArrayLike<number> = this.#initial.flatMap((part) => [...part])): void {
    this.put(weights);
    this.updates = 0;
    this.#starts++;
    this.curve.clear();
    this.#way = undefined;
  }

  /**
   * One update, and what the way says of it.
   *
   * @throws {NonFiniteError} before weights that are no numbers would be written
   */
  step(): Step {
    this.#way ??= this.#method.way();
    try {
      const { value } = this.#way.next();
      if ("loss" in value) this.#note(this.updates, value.loss as number);
      this.updates++;
      return value;
    } catch (error) {
      this.#way = undefined; // a way ends with its error
      throw error;
    }
  }

  /** Looks at it as it is now. One look after the other: what is asked for during one comes after it. */
  look(): Promise<void> {
    const next = this.#looking.then(() => this.#lookNow());
    this.#looking = next.catch(() => undefined);
    return next;
  }

  async #lookNow(): Promise<void> {
    const { model, examples, updates } = this;
    const starts = this.#starts;
    const fingerprint = model.fingerprint();
    let look: Look = { ...UNSEEN, fingerprint };
    if (examples.x.length > 0) {
      const [outputs, right] = [model.predict(examples.x), countRight(model, examples)];
      const { loss } = await this.#method.trainer.evaluate(examples);
      look = { loss: loss!, outputs, right, fingerprint };
    }
    // begun again meanwhile: whoever did so looks again
    if (starts !== this.#starts) return;
    this.#seen = look;
    if (updates === this.updates) this.#note(updates, look.loss);
  }

  #note(updates: number, loss: number): void {
    if (Number.isFinite(loss)) this.curve.add(updates, loss);
  }
}

/** Updates on all rows at once, for as long as it is asked: the loss before each. */
export function* updatesOf(trainer: Trainer, { x, y }: Examples): Generator<{ readonly loss: number }, never> {
  for (;;) yield { loss: trainer.step(x, y)["loss"]! };
}

/** What the library said when it refused an update, if that is what an error is. */
export const halted = (error: unknown): NonFiniteError | undefined =>
  error instanceof NonFiniteError ? error : undefined;
