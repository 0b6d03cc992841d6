// What the tools below the figure know of the page: its run, and how it goes.
import type { PropertyDeclarations } from "lit";
import { LitElement } from "lit";
import type { MadeData } from "./protocol.ts";
import type { Run } from "./run.ts";
import type { PlayState } from "./settings.ts";
import type { Setup } from "./setup.ts";

export interface Bench {
  readonly state: PlayState;
  readonly run: Run;
  /** As the run was made. */
  readonly setup: Setup;
  /** Undefined: it isn't made yet. */
  readonly data: MadeData | undefined;
  readonly updates: number;
  readonly running: boolean;
  /** Trains on or pauses, as the button does. */
  train(on: boolean): void;
  /** The maps of an earlier update are drawn: the page says so; undefined: those of now. */
  lookBack(at: number | undefined): void;
  /** A second run begins at this update: the first is kept to compare with. Gives the update at which it stands. */
  branch(at: number): Promise<void>;
  /** The other run goes on; this one is kept. */
  swap(): Promise<void>;
  /** Calls back when anything of this has changed, often. Gives the function that ends it. */
  listen(changed: () => void): () => void;
}

/** Milliseconds between two looks at a run that goes on. */
const EVERY = 250;

/** A tool: looks again when the run has changed, but not with each frame. */
export abstract class Tool extends LitElement {
  static override properties: PropertyDeclarations = { bench: { attribute: false } };

  declare bench: Bench;
  #end: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = this.bench.listen(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        if (this.isConnected) this.changed();
      }, EVERY);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The run has gone on. */
  protected changed(): void {
    this.requestUpdate();
  }
}
