// Trains a setup a little at a time, as `trainer.fit` does in one go: the same order of batches, the same bits, stopping at any update.
import { customLoss, dense, type Model, sequential, sgd, Trainer } from "wasmgrad";
import type { Edit } from "./protocol.ts";
import type { Training } from "./training.ts";

/** Where a run stands, within an epoch, too: how its epoch began, and what is to be made again from there. */
export interface Place {
  readonly updates: number;
  readonly state: Uint8Array;
  readonly edits: readonly Edit[];
}

/** Whole epochs are one call of fit while they take less than a slice; longer ones are left after the update that ends the slice. */
export class Runner {
  readonly training: Training;
  /** A fit that waits within its epoch. */
  #waiting: (() => void) | undefined;
  /** Ends it. */
  #abort = new AbortController();
  #arrived: (() => void) | undefined;
  #running: Promise<unknown> | undefined;
  #until = 0;
  #deadline = 0;
  /** Milliseconds of an update, as far as is known. */
  #each = 0;
  /** Counters when the last fit began. */
  #began = { updates: 0, epochs: 0 };
  /** The trainer's state then, if it is of one epoch, and what was edited since. */
  #state: Uint8Array | undefined;
  #edits: Edit[] = [];

  constructor(training: Training) {
    this.training = training;
  }

  get updates(): number {
    return this.training.trainer.updates;
  }

  /** Is it between two epochs, where a state of the trainer holds all that decides what comes next? */
  get betweenEpochs(): boolean {
    return this.#running === undefined;
  }

  /**
   * Trains for about so many milliseconds, at most up to an update. Gives the updates that were made.
   *
   * @throws {NonFiniteError} as `fit` does: the weights are those before the refused update
   */
  async advance(millis: number, until = Infinity): Promise<number> {
    const { trainer, batches } = this.training;
    const before = trainer.updates;
    if (until <= before || this.training.train === undefined) return 0;
    const start = performance.now();
    const fits = this.#each === 0 ? 0 : Math.floor(millis / (this.#each * batches));
    const whole = Math.min(fits, Math.floor((until - before) / batches), 100_000);
    if (whole >= 1 && this.betweenEpochs) await this.#epochs(whole);
    else await this.#within(start + millis, until);
    const made = trainer.updates - before;
    if (made > 0) {
      const each = (performance.now() - start) / made;
      this.#each = this.#each === 0 ? each : Math.min(2 * this.#each, (3 * this.#each + each) / 4);
    }
    return made;
  }

  /** Ends what waits within an epoch. What comes then is a new epoch. */
  async end(): Promise<void> {
    this.#abort.abort();
    this.#waiting?.();
    await this.#running?.catch(() => undefined);
    this.#running = undefined;
    this.#abort = new AbortController();
  }

  /** Goes on from an earlier state of the trainer, taken between two epochs. */
  async goBack(state: Uint8Array): Promise<void> {
    await this.end();
    this.training.trainer.restore(state);
    this.#note();
  }

  /** Sets one weight or bias, by its place among all. */
  edit(index: number, value: number): void {
    setOne(this.training.model, index, value);
    if (!this.betweenEpochs) this.#edits.push({ at: this.updates, index, value });
  }

  /** Where it stands. */
  get place(): Place {
    const { updates, training } = this;
    if (this.betweenEpochs) return { updates, state: training.trainer.state(), edits: [] };
    return { updates, state: this.#state!, edits: [...this.#edits] };
  }

  /** Goes to a place: what comes then has the same bits as if it had never been left. */
  async goTo({ updates, state, edits }: Place): Promise<void> {
    await this.goBack(state);
    for (const { at, index, value } of edits) {
      await this.#advanceTo(at);
      this.edit(index, value);
    }
    await this.#advanceTo(updates);
  }

  async #advanceTo(updates: number): Promise<void> {
    while (this.updates < updates) await this.advance(1000, updates);
  }

  async #epochs(epochs: number): Promise<void> {
    const { trainer, train, fit } = this.training;
    this.#note();
    await trainer.fit(train!, { ...fit, epochs, yieldEvery: 1000 });
  }

  /** To the end of the epoch, of the time, or to an update. */
  async #within(deadline: number, until: number): Promise<void> {
    this.#deadline = deadline;
    this.#until = until;
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
    if (this.#running === undefined) this.#running = this.#epoch();
    else this.#waiting?.();
    const running = this.#running;
    const ended = await Promise.race([arrived.then(() => false), running.then(() => true)]);
    if (ended) this.#running = undefined;
  }

  async #epoch(): Promise<void> {
    const { trainer, train, fit } = this.training;
    this.#note();
    this.#state = trainer.state();
    this.#edits = [];
    const { signal } = this.#abort;
    const onBatchEnd = (batch: number, _logs: unknown, { batches }: { readonly batches: number }) => {
      const far = trainer.updates >= this.#until || performance.now() >= this.#deadline;
      if (!far || batch + 1 === batches || signal.aborted) return undefined;
      return new Promise<void>((resolve) => {
        this.#waiting = () => {
          this.#waiting = undefined;
          resolve();
        };
        this.#arrived?.();
      });
    };
    try {
      await trainer.fit(train!, { ...fit, yieldEvery: 1000, callbacks: [{ onBatchEnd }], signal });
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
  }

  #note(): void {
    const { updates, epochs } = this.training.trainer;
    this.#began = { updates, epochs };
  }

  /** The rows of the training points that the next update takes, in their order. */
  async nextBatch(): Promise<Int32Array> {
    const { trainer, rows, batches, fit, setup } = this.training;
    const { batchSize } = fit;
    const made = trainer.updates - this.#began.updates;
    const epochs = Math.floor(made / batches);
    const from = (made - epochs * batches) * batchSize;
    const order = await orderOf(setup.seed, rows, this.#began.epochs + epochs);
    return order.slice(from, from + batchSize);
  }
}

function setOne(model: Model, index: number, value: number): void {
  let at = 0;
  for (const parameter of model.parameters()) {
    if (index < at + parameter.size) {
      const values = parameter.get();
      values[index - at] = value;
      parameter.set(values);
      return;
    }
    at += parameter.size;
  }
}

/** The order in which `fit` takes so many rows in an epoch: that of a model of the same seed, whose loss notes its targets. */
export async function orderOf(seed: number, rows: number, epoch: number): Promise<Int32Array> {
  const order = new Int32Array(rows);
  const noting = customLoss({ type: "order", compute: ({ target }) => order.set(target) });
  const model = await sequential({ input: 1, seed }, dense(1));
  const trainer = new Trainer(model, { loss: noting, optimizer: sgd() });
  const y = Float32Array.from(order.keys());
  await trainer.fit({ x: new Float32Array(rows), y }, { epochs: epoch + 1, batchSize: rows, progress: false });
  return order;
}
