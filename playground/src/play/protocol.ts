// What a page and the worker of a run say to each other. The worker owns model and trainer; the page only draws.
import type { UnitTerms } from "../elements/maps/layout.ts";
import type { Finding, LayerLook } from "./diagnose.ts";
import type { Setup } from "./setup.ts";
import type { Theme } from "../look/colour.ts";

/** The page to the worker; each is obeyed in order. Requests with an answer go through `ask`. */
export type ToWorker =
  | {
      readonly say: "make";
      readonly setup: Setup;
      /** Width and height of a map in points. */
      readonly grid: number;
      readonly theme: Theme;
      /** Begin to train at once. */
      readonly run: boolean;
      /** Update at which to stop; default none. */
      readonly until?: number | undefined;
      /** Milliseconds between frames at least: 500 where motion is reduced. */
      readonly pace: number;
      /** Numbers the makes: what comes of older ones is thrown away. */
      readonly make: number;
    }
  /** Trains on, to the update `until` if it is given; or pauses. */
  | { readonly say: "run"; readonly on: boolean; readonly until?: number | undefined }
  /** One update more than it has made by then, and than earlier ones of these ask for; what trains on ends with it. */
  | { readonly say: "once" }
  | { readonly say: "theme"; readonly theme: Theme }
  /** Updates a second at most; Infinity: as fast as it can. */
  | { readonly say: "speed"; readonly updates: number }
  /** A frame's memory goes back. `took`: milliseconds of script that the page needed for it. */
  | { readonly say: "back"; readonly buffer: ArrayBuffer; readonly took: number }
  /** One weight or bias, by its place in `Frame.weights`. */
  | { readonly say: "set"; readonly index: number; readonly value: number }
  /** Draws the maps of an earlier update, the last of `past` that isn't after this one, while the run stays as it is; undefined: its own again. */
  | { readonly say: "seek"; readonly at: number | undefined }
  | { readonly say: "ask"; readonly id: number; readonly question: keyof Questions; readonly take: unknown };

/** Requests with an answer. */
export interface Questions {
  /** Updates to which one can come back, which of them is drawn, and the last one of the other run, if there is another. */
  past: {
    take: undefined;
    give: {
      readonly kept: readonly PastUpdate[];
      readonly shown: number | undefined;
      readonly other: PastUpdate | undefined;
    };
  };
  /**
   * A second run begins at the last of these that isn't after an update; the first is kept as the other run. It is paused; going on gives
   * the same bits.
   */
  branch: { take: { readonly at: number }; give: { readonly updates: number } };
  /** Goes on with the other run, as it was left; this one becomes the other. It is paused. */
  swap: { take: undefined; give: { readonly updates: number } };
  /** The model as a safetensors file, after so many updates. */
  file: { take: undefined; give: { readonly bytes: Uint8Array; readonly updates: number } };
  /** Weights, activations and gradients of each layer, the output's last, from a trace of up to 256 rows. */
  look: { take: undefined; give: readonly LayerLook[] };
  /** One unit with all its operands, at a point of the plane. */
  unit: {
    take: { readonly layer: number; readonly unit: number; readonly x: readonly [number, number] };
    give: UnitTerms;
  };
  /** The rows of the next update's batch, in their order. */
  batch: { take: undefined; give: { readonly x: Float32Array; readonly y: Float32Array } };
  /** All parameters in their order. */
  weights: { take: undefined; give: Float32Array };
  /** With what was done to the run by hand: all that its program needs. */
  fingerprint: {
    take: undefined;
    give: { readonly fingerprint: string; readonly updates: number; readonly edits: Edits };
  };
}

/** A weight or bias that was set by hand. */
export interface Edit {
  /** Updates made before. */
  readonly at: number;
  /** Its place in `Frame.weights`. */
  readonly index: number;
  readonly value: number;
}

/** In the order of time. Undefined: the run went on where it had halted, in the midst of an epoch, as no program does. */
export type Edits = readonly Edit[] | undefined;

export interface PastUpdate {
  readonly at: number;
  /** The losses then, on all training and all test points. */
  readonly train: number;
  readonly test: number;
}

/** One picture of a run. */
export interface Frame {
  readonly make: number;
  /**
   * Pixels, 0xAABBGGRR, of grid x grid points each: first the output's field, then, if `hidden`, each unit of each drawn layer in
   * their order, the output's units last.
   */
  readonly buffer: ArrayBuffer;
  readonly grid: number;
  readonly hidden: boolean;
  /** Units that are drawn of each layer, the output's last; 0: too many. */
  readonly drawn: readonly number[];
  /** All parameters in their order: w1 (inputs x units, row by row), b1, w2, ...; empty if there are more than LIMITS.shown. */
  readonly weights: Float32Array;
  readonly updates: number;
  readonly epochs: number;
  readonly running: boolean;
  /** The weights are those of an earlier update: `seek`. */
  readonly shown: boolean;
  /** By layer: the value of the darkest colour. */
  readonly scales: readonly number[];
  /** The losses were measured for this frame: else they are those of a few frames before. */
  readonly measured: boolean;
  /** Losses on all training and on all test points; NaN: not measured (no points). */
  readonly train: number;
  readonly test: number;
  /** Share of test points (or training points, where there are no others) that are told right; NaN for numbers. */
  readonly right: number;
  readonly tested: boolean;
  /** The learning rate of the next update. */
  readonly rate: number;
  /** Milliseconds of this frame: training, forward pass and colours. */
  readonly millis: { readonly train: number; readonly forward: number; readonly colour: number };
  /** Bytes of the core's memory. */
  readonly bytes: number;
  /** Updates and rows since the last frame. */
  readonly done: { readonly updates: number; readonly rows: number };
}

/** The worker to the page. */
export type FromWorker =
  | {
      readonly say: "made";
      readonly make: number;
      readonly data: MadeData;
      readonly engine: EngineFacts;
    }
  | ({ readonly say: "frame" } & Frame)
  /** What goes wrong inside, if something does. */
  | { readonly say: "findings"; readonly make: number; readonly findings: readonly Finding[] }
  /** It stands still, at the update that was asked for or where it was told to. */
  | { readonly say: "paused"; readonly make: number; readonly updates: number; readonly fingerprint: string }
  /** The library refused the next update: the weights are those before it. */
  | {
      readonly say: "halted";
      readonly make: number;
      /** The update that was not made. */
      readonly update: number;
      /** The layer's name, such as dense2; undefined: the loss itself. */
      readonly layer: string | undefined;
      readonly tensor: string;
      readonly message: string;
      readonly rate: number;
    }
  | { readonly say: "answer"; readonly id: number; readonly give?: unknown; readonly error?: string }
  /** The setup can't be made, or something broke: the message is the library's. */
  | { readonly say: "failed"; readonly make: number; readonly message: string };

/** The points, for the page to draw. */
export interface MadeData {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly testX: Float32Array;
  readonly testY: Float32Array;
  readonly box: Box;
}

/** The square of the plane that is shown: x1 from `left`, x2 from `bottom`, as far as `size`. */
export interface Box {
  readonly left: number;
  readonly bottom: number;
  readonly size: number;
}

export interface EngineFacts {
  readonly binary: string;
  readonly threads: number;
  readonly reason: string | undefined;
  /** Bytes that the worker fetched, as they were sent. */
  readonly loaded: number;
  readonly parameters: number;
  /** Does the browser let this page share memory? */
  readonly isolated: boolean;
}
