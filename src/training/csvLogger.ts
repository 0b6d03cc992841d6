// `csvLogger`: a file with a line for each epoch, for spreadsheets and plots (Node).
import { checkPath } from "../io/modelFile.ts";
import { fileSystem } from "../io/replaceFile.ts";
import type { Model } from "../model/model.ts";
import { checkKeys, valueText } from "../util/check.ts";
import type { Url } from "../util/platform.ts";
import type { Callback } from "./callbacks.ts";
import type { CsvFile } from "./csvFile.ts";

/** How `csvLogger` writes. */
export interface CsvLoggerOptions {
  /** What is between two figures; default ",". */
  readonly separator?: "," | ";" | "\t";
}

const SEPARATORS: readonly unknown[] = [",", ";", "\t"];

/**
 * Writes a CSV file with a line for each epoch (Node): the epoch, which counts from 1, the loss, the metrics, and with validation data
 * theirs, by the names of the history. Each figure is the shortest text that reads back as the same float64. Lines are there as soon as
 * their epoch is over. The file begins anew with every training; one that is resumed from a checkpoint ends with the lines of a
 * training that was never interrupted.
 *
 * @param path of the file; its folder must exist. What is there stays until the first epoch is over
 * @param options.separator "," (default), ";" or "\t"
 * @throws {TypeError | RangeError} if an argument can't be used
 * @throws {Error} from `fit`, before the first update, if the file can't be written, with the system's `code` (ENOENT, EACCES ...), or is
 *   being written by another training; later, if it can't be written any more
 * @example await trainer.fit({ x, y }, { epochs: 20, validationSplit: 0.2, callbacks: [csvLogger("training.csv")] });
 */
export function csvLogger(path: string | Url, options: CsvLoggerOptions = {}): Callback {
  checkPath("csvLogger", path);
  checkKeys("csvLogger", options, ["separator"]);
  const { separator = "," } = options;
  if (!SEPARATORS.includes(separator)) {
    throw new RangeError(`csvLogger: separator must be one of "," ";" "\\t", got ${valueText(separator)}`);
  }
  fileSystem("csvLogger", "a callback of your own is given the same figures: { onEpochEnd(epoch, figures) { ... } }");
  const files = new WeakMap<Model, CsvFile>();
  return {
    name: "csvLogger",
    async onTrainBegin(training) {
      // a value that is given twice to one training writes once
      if (files.get(training.model)?.training === training) return;
      if (training.rank) return; // of a group, rank 0 writes
      const { CsvFile } = await import("./csvFile.ts");
      files.set(training.model, await CsvFile.open(training, path, separator));
    },
    onEpochEnd: (epoch, figures, { model }) => files.get(model)?.add(epoch + 1, figures),
    onTrainEnd: ({ model }) => files.get(model)?.end(),
    // of a training that is over, too
    state: ({ model }) => files.get(model)?.state(),
    restore: (state, { model }) => files.get(model)?.restore(state),
  };
}
