// The training of a page: by itself, step by step, or as far as an address says. Always in slices: the page answers meanwhile.
import { calm } from "../look/motion.ts";
import { halted, type Learner } from "./learner.ts";

/** Milliseconds of training in a frame: the page has to answer, too. */
const SLICE = 3;
/** Milliseconds of a frame in which an address is retrained: nobody is waiting for anything else. */
const RETRAINING = 12;

/** Does something again and again, a slice in every frame. */
export class Frames {
  #handle = 0;
  #due = 0;
  #then = 0;
  #ended: () => void = () => undefined;

  get running(): boolean {
    return this.#handle !== 0;
  }

  /**
   * @param perSecond how often a second `work` is done; Infinity: as often as there is time
   * @param work does one piece; false ends it
   * @param shown called once a frame in which something was done; the next frame waits for it
   * @param slice milliseconds of a frame that it may take
   * @returns when it has ended and that is shown, or when it is stopped
   */
  start(
    perSecond: number,
    work: () => boolean,
    shown: (ended: boolean) => Promise<void> | void,
    slice: number = SLICE,
  ): Promise<void> {
    this.stop();
    this.#due = 1;
    this.#then = performance.now();
    return new Promise((resolve, reject) => {
      this.#ended = resolve;
      const frame = async (now: number): Promise<void> => {
        const mine = this.#handle;
        // after a pause, as in a hidden tab, nothing is made up for
        const past = Math.min(100, Math.max(1, now - this.#then));
        this.#due = Math.min(this.#due + (perSecond * past) / 1000, 1e6);
        this.#then = now;
        const end = performance.now() + slice;
        let [goes, did] = [true, false];
        for (; goes && this.#due >= 1 && performance.now() < end; this.#due--) {
          goes = work();
          did = true;
        }
        this.#due = Math.min(this.#due, 1); // what there was no time for isn't made up for
        if (!goes && this.#handle === mine) this.#handle = 0;
        if (did) await shown(!goes);
        if (!goes) return resolve();
        if (this.#handle === mine) next(); // else it was stopped, or begun again, meanwhile
      };
      const next = (): void => {
        this.#handle = requestAnimationFrame((now) => {
          frame(now).catch((error: unknown) => {
            this.#handle = 0;
            reject(error as Error);
          });
        });
      };
      next();
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#handle);
    this.#handle = 0;
    this.#ended();
  }
}

/** Whether a frame is drawn while training: each is; where little should move, one after ten updates or more, and seldom. */
function pace(): (updates: number, ended: boolean) => boolean {
  let [drawn, then] = [-Infinity, -Infinity];
  return (updates, ended) => {
    const now = performance.now();
    if (calm() && !ended && (updates - drawn < 10 || now - then < 400)) return false;
    [drawn, then] = [updates, now];
    return true;
  };
}

/** What is trained, and shown. */
export interface Trained {
  readonly state: { get(key: "trained"): number; set(patch: { readonly trained: number }): void };
  readonly learner: () => Pick<Learner<object>, "updates" | "look">;
  /** One update, and what the page notes of it. */
  readonly update: () => void;
  readonly draw: () => void;
  /** Errors that halt training, besides numbers that grew beyond all bounds. */
  readonly refused?: (error: unknown) => Error | undefined;
}

export class Training {
  /** What it halted at. */
  error: Error | undefined;
  readonly #of: Trained;
  readonly #frames = new Frames();
  #begun = 0;
  #last: Promise<void> = Promise.resolve();
  #making = false;
  #retraining = false;

  constructor(of: Trained) {
    this.#of = of;
  }

  get running(): boolean {
    return this.#frames.running;
  }

  /** Still on the way to where the address says. */
  get retraining(): boolean {
    return this.#retraining;
  }

  /** What the address names isn't there yet; what is shown, if anything is, belongs to the one before. */
  get making(): boolean {
    return this.#making;
  }

  /**
   * Shows what the address names: makes it, takes it into use, and trains it as far as the address says. Who stops it meanwhile stays
   * where it stands. Of several beginnings the last one counts, and all of them end with it.
   */
  begin<Made>(make: () => Promise<Made>, take: (made: Made) => void): Promise<void> {
    this.#last = this.#begin(make, take);
    return this.#last;
  }

  async #begin<Made>(make: () => Promise<Made>, take: (made: Made) => void): Promise<void> {
    this.stop();
    const mine = ++this.#begun;
    this.#making = true;
    const made = await make();
    if (mine !== this.#begun) return this.#last;
    this.#making = false;
    this.error = undefined;
    take(made);
    const until = this.#of.state.get("trained");
    if (until === 0) await this.look();
    else {
      this.#retraining = true;
      const goes = (): boolean => this.#advance() && this.#of.learner().updates < until;
      await this.#run(Infinity, goes, RETRAINING);
    }
    if (mine !== this.#begun) return this.#last;
  }

  /** Looks at what it has learned, and draws it. */
  async look(): Promise<void> {
    const learner = this.#of.learner();
    // until it is there, the address says where it goes
    if (!this.#making && !this.#retraining) this.#of.state.set({ trained: learner.updates });
    await learner.look();
    if (learner === this.#of.learner()) this.#of.draw();
  }

  /**
   * Trains until it is stopped.
   *
   * @param perSecond updates a second; Infinity: as many as there is time for
   * @param goes whether it goes on after an update
   * @returns when it has ended or is stopped
   */
  async run(perSecond: number, goes: () => boolean): Promise<void> {
    this.stop();
    this.error = undefined;
    const ended = this.#run(perSecond, () => this.#advance() && goes(), SLICE);
    this.#of.draw();
    return ended;
  }

  /** Trains, or pauses. */
  train(perSecond: number, goes: () => boolean): void {
    if (this.#making) return;
    if (!this.running) return void this.run(perSecond, goes);
    this.stop();
    void this.look();
  }

  /** One update. */
  step(): void {
    if (this.#making) return;
    this.stop();
    this.error = undefined;
    this.#advance();
    void this.look();
  }

  stop(): void {
    this.#frames.stop();
    this.#retraining = false;
  }

  #run(perSecond: number, goes: () => boolean, slice: number): Promise<void> {
    const due = pace();
    return this.#frames.start(
      perSecond,
      goes,
      async (ended) => {
        if (ended) this.#retraining = false;
        // what moves only now and then may be seen each time
        if (perSecond < 2 || due(this.#of.learner().updates, ended)) await this.look();
      },
      slice,
    );
  }

  /** False where an update was refused. */
  #advance(): boolean {
    try {
      this.#of.update();
      return true;
    } catch (thrown) {
      this.error = halted(thrown) ?? this.#of.refused?.(thrown);
      if (!this.error) throw thrown;
      return false;
    }
  }
}
