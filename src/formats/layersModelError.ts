// What is wrong with the files of a layers model, and where.
import { writtenOut } from "../util/check.ts";

/** Longest part of a message that is taken from a file. */
const MOST_LETTERS = 1500;

/** A layers model of TensorFlow.js that can't be read: damaged, or with something that isn't read here. */
export class LayersModelError extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = "LayersModelError";
  /** Where: a file, a part of model.json, or a layer. */
  readonly where: string;
  /** What is wrong there: the message without the function's name and the place. */
  readonly reason: string;

  /** Takes the function's name, and the properties. */
  constructor(caller: string, where: string, reason: string, options?: ErrorOptions) {
    const [place, why] = [where, reason].map((text) =>
      writtenOut(text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}...` : text),
    );
    super(`${caller}: ${place}: ${why}`, options);
    this.where = place!;
    this.reason = why!;
  }
}

/** Makes an error of a place and a reason. */
export type Refuse = (where: string, reason: string) => LayersModelError;
