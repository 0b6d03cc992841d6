import { checkKeys, checkKind, checkOneOf, checkWhole } from "../util/check.ts";
import { dense, embedding, gru, lstm, simpleRnn } from "../nn/layers/index.ts";
import type { Network } from "./network.ts";

const CELLS = { simpleRnn, lstm, gru };

/** Sizes and variants of `charRnn`. */
export interface CharRnnOptions {
  /** How many different characters there are. */
  readonly vocabulary: number;
  /** Characters that it reads before it predicts the next; default 32. */
  readonly steps?: number;
  /** Numbers per character: the width of its vector; default 16. */
  readonly width?: number;
  /** Units of the recurrent layers, from the first; default [128]. */
  readonly units?: readonly number[];
  /** "lstm" (default), "gru" or "simpleRnn". */
  readonly cell?: "lstm" | "gru" | "simpleRnn";
}

/**
 * Reads characters and predicts the next: vectors for the characters, recurrent layers, and a dense layer. Ends in numbers
 * for `softmaxCrossEntropy`. It generates text when its output is appended to its input, again and again.
 * Shapes: x [steps] of integers below the vocabulary, y [vocabulary]. With an lstm of u units and vectors of width w,
 * vocabulary w + 4 u (w + u + 1) + (u + 1) vocabulary parameters: 83,665 for 65 characters.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Elman, "Finding structure in time", 1990
 * @see Graves, "Generating sequences with recurrent neural networks", 2013
 * @example
 * const text = "to be or not to be, ";
 * const letters = [...new Set(text)];
 * const codes = [...text.repeat(3)].map((letter) => letters.indexOf(letter));
 * const steps = 4;
 * const { input, layers } = charRnn({ vocabulary: letters.length, steps, units: [16] });
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate: 0.01 }) });
 * const x = codes.slice(steps).map((_, i) => codes.slice(i, i + steps));
 * await trainer.fit({ x, y: codes.slice(steps) }, { epochs: 30, batchSize: 8, progress: false });
 * const said = codes.slice(0, steps);
 * for (let i = 0; i < 16; i++) said.push(model.classify([said.slice(-steps)])[0]!);
 * console.log(said.map((code) => letters[code]).join(""));
 */
export function charRnn(options: CharRnnOptions): Network {
  checkKeys("charRnn", options, ["vocabulary", "steps", "width", "units", "cell"]);
  const { vocabulary, steps = 32, width = 16, units = [128], cell = "lstm" } = options;
  for (const [name, value] of Object.entries({ vocabulary, steps, width })) checkWhole("charRnn", name, value);
  checkKind(Array.isArray(units) && units.length > 0, "charRnn", "units", "an array such as [128]", units);
  Array.from(units).forEach((n, i) => checkWhole("charRnn", `units[${i}]`, n));
  checkOneOf("charRnn", "cell", cell, Object.keys(CELLS));
  const layers = [
    embedding(vocabulary, width),
    // all states go to the next recurrent layer, the last one alone to the dense layer
    ...units.map((n, i) => CELLS[cell](n, { returnSequences: i < units.length - 1 })),
    dense(vocabulary),
  ];
  return { input: [steps], layers };
}
