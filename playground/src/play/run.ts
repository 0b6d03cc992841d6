// A run as the page has it: a worker of its own, which trains; frames come to be drawn, one a frame of the screen.
import { calm } from "../look/motion.ts";
import type { Theme } from "../look/colour.ts";
import { startWorker } from "../shell/worker.ts";
import type { Frame, FromWorker, Questions, ToWorker } from "./protocol.ts";
import type { Setup } from "./setup.ts";

type Said<S extends FromWorker["say"]> = Extract<FromWorker, { readonly say: S }>;

/** What a run tells its page. */
export interface Listeners {
  made(facts: Said<"made">): void;
  /** To be drawn now; the frame's memory goes back to the worker afterwards. `late`: it was told already that the run stands further on. */
  draw(frame: Frame, late: boolean): void;
  findings(findings: Said<"findings">["findings"]): void;
  paused(at: Said<"paused">): void;
  halted(halt: Said<"halted">): void;
  /** The setup can't be made, or this browser can't run it. */
  failed(message: string): void;
  /** The worker is gone: nothing comes any more. */
  lost(message: string): void;
}

export interface MakeOptions {
  readonly run: boolean;
  readonly until?: number | undefined;
  readonly grid?: number;
}

/** Milliseconds between frames where motion is to be reduced. */
const CALM = 500;

export class Run {
  readonly #worker: Worker;
  readonly #tell: Partial<Listeners>;
  readonly #waiting = new Map<number, { resolve(give: unknown): void; reject(error: Error): void }>();
  #asked = 0;
  #make = 0;
  /** Frames in their order: each is drawn, one a frame of the screen, so that none is painted in vain. */
  #frames: Frame[] = [];
  /** The picture for which one is to be drawn. */
  #due: number | undefined;
  /** How many of them are of before the last pause. */
  #late = 0;
  #theme: Theme;
  #made = false;

  /**
   * Starts a worker.
   *
   * @throws {Error} where there are no workers
   */
  constructor(theme: Theme, tell: Partial<Listeners>) {
    this.#theme = theme;
    this.#tell = tell;
    this.#worker = startWorker(
      (Worker) => new Worker(new URL("../workers/play.ts", import.meta.url), { type: "module" }),
    );
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      const message = event.message || "the worker's file could not be loaded";
      if (this.#made) this.#tell.lost?.(message);
      else this.#tell.failed?.(message);
    });
  }

  /** Makes the run of a setup, in place of the one before. */
  make(setup: Setup, { run, until, grid = 64 }: MakeOptions): void {
    this.#make++;
    this.#drop();
    const pace = calm() ? CALM : 0;
    this.#say({ say: "make", setup, grid, theme: this.#theme, run, until, pace, make: this.#make });
  }

  /** Trains on, to an update or without end. */
  train(until?: number): void {
    this.#say({ say: "run", on: true, until });
  }

  /** One update more, from wherever the worker is by now. */
  once(): void {
    this.#say({ say: "once" });
  }

  pause(): void {
    this.#say({ say: "run", on: false });
  }

  /** Updates a second at most. */
  speed(updates: number): void {
    this.#say({ say: "speed", updates });
  }

  theme(theme: Theme): void {
    if (theme === this.#theme) return;
    this.#theme = theme;
    this.#say({ say: "theme", theme });
  }

  /** Sets one weight or bias, by its place among all. */
  set(index: number, value: number): void {
    this.#say({ say: "set", index, value });
  }

  /** Draws the maps of an earlier update; undefined: those of now. */
  seek(at: number | undefined): void {
    this.#say({ say: "seek", at });
  }

  /** Asks the worker something. */
  ask<Q extends keyof Questions>(
    question: Q,
    ...[take]: Questions[Q]["take"] extends undefined ? [] : [Questions[Q]["take"]]
  ): Promise<Questions[Q]["give"]> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (give: unknown) => void, reject });
      this.#say({ say: "ask", id, question, take });
    });
  }

  /** Frames that wait are of before: but for the newest they aren't drawn any more. */
  skip(): void {
    this.#late = 0;
    for (const frame of this.#frames.splice(0, this.#frames.length - 1)) this.#back(frame, 0);
  }

  /** Ends the worker. */
  end(): void {
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("the run was ended"));
    this.#waiting.clear();
    this.#frames = [];
  }

  #say(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    if (message.say === "answer") {
      const its = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) its?.resolve(message.give);
      else its?.reject(new Error(message.error));
      return;
    }
    if (message.say === "frame") {
      if (message.make !== this.#make) return this.#back(message, 0);
      this.#frames.push(message);
      return this.#drawNext();
    }
    if (message.make !== this.#make) return;
    switch (message.say) {
      case "made":
        this.#made = true;
        return this.#tell.made?.(message);
      case "findings":
        return this.#tell.findings?.(message.findings);
      case "paused":
        // the newest frame is the one of the pause
        this.#late = Math.max(0, this.#frames.length - 1);
        return this.#tell.paused?.(message);
      case "halted":
        return this.#tell.halted?.(message);
      case "failed":
        return this.#tell.failed?.(message.message);
    }
  }

  #drawNext(): void {
    if (this.#due !== undefined || this.#frames.length === 0) return;
    this.#due = requestAnimationFrame(() => {
      this.#due = undefined;
      const frame = this.#frames.shift();
      const late = this.#late > 0;
      if (late) this.#late--;
      if (frame) this.#draw(frame, late);
      this.#drawNext();
    });
  }

  #draw(frame: Frame, late: boolean): void {
    const began = performance.now();
    try {
      this.#tell.draw?.(frame, late);
    } finally {
      this.#back(frame, performance.now() - began);
    }
  }

  /** Frames that aren't drawn any more: of another run. Those of the next one come after what the page now draws for it. */
  #drop(): void {
    if (this.#due !== undefined) cancelAnimationFrame(this.#due);
    this.#due = undefined;
    this.#late = 0;
    for (const frame of this.#frames) this.#back(frame, 0);
    this.#frames = [];
  }

  #back({ buffer }: Frame, took: number): void {
    this.#say({ say: "back", buffer, took }, [buffer]);
  }
}
