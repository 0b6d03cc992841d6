// What the page of the perceptron keeps in its URL, and what its two halves have in common.
import { imageOf, imageText } from "../../lessons/bars.ts";
import type { Learner } from "../../lessons/learner.ts";
import type { Training } from "../../lessons/training.ts";
import type { Place } from "../../../../lessons/neuron.ts";
import { type OwnPoints, readPoints, writePoints } from "../../shell/codec.ts";
import { choice, numeric, type Setting, type State, updatesMade } from "../../shell/state.ts";
import { RATES, SEEDS, typedWeights } from "../lesson.ts";

const points: Setting<OwnPoints> = {
  initial: { x: new Float32Array(0), y: new Float32Array(0) },
  read: (text) => {
    const read = readPoints(text);
    return read?.y.every((label) => label < 2) ? read : undefined;
  },
  write: writePoints,
};
const image: Setting<number[] | null> = {
  initial: null,
  read: imageOf,
  write: (pixels) => (pixels ? imageText(pixels) : ""),
};

/** Its settings by the keys of the URL. */
export const perceptronSettings = {
  input: choice(["points", "image"] as const, "points", true),
  data: choice(["clouds", "own"] as const, "clouds", true),
  pts: points,
  algorithm: choice(["descent", "newton"] as const, "descent", true),
  start: choice(["random", "zero"] as const, "random"),
  rate: numeric(0.5, RATES),
  seed: numeric(1, SEEDS),
  w: typedWeights([3]),
  image,
  trained: updatesMade(0, 100_000),
};

export type PerceptronState = State<typeof perceptronSettings>;

/** What the halves of the page have in common. */
export interface Page {
  readonly state: PerceptronState;
  readonly view: HTMLElement;
  readonly training: Training;
  /** Begins again, with what the state says. */
  readonly begin: () => void;
  /** To the other half. */
  readonly go: (input: "points" | "image") => void;
}

/** One of the two halves of the page. */
export interface Part {
  readonly learner: Learner<Place>;
  /** A learner as the state says. */
  make(): Promise<Learner<Place>>;
  /** Takes it into use. */
  take(learner: Learner<Place>): void;
  /** One update. */
  update(): void;
  draw(): void;
  /** Something else is shown from now on. */
  leave?(): void;
  /** Errors that halt training, besides numbers that grew beyond all bounds. */
  refused?(error: unknown): Error | undefined;
  train(): void;
  step(): void;
  reset(): void;
}
