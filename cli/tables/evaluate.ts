// The command `evaluate`: how good a model of tables is on the rows of a file.
import { basename } from "node:path";
import type { TableEvaluation } from "../../src/data.ts";
import { bold } from "../draw.ts";
import { prose } from "../layout.ts";
import { stoppable } from "../stop.ts";
import { csvChoices, type CsvChoices, nameOf } from "./input.ts";
import { checkColumns, metricsBefore, openModel } from "./openModel.ts";
import { readData } from "./readData.ts";
import { showEvaluation } from "./show.ts";
import { commandWords, failure } from "./words.ts";

/** Options of the command `evaluate`. */
export interface EvaluateOptions extends CsvChoices {
  readonly costs?: readonly [number, number];
  readonly json?: boolean;
}

/** Predicts the rows of a file that has the target, and prints how good that is. */
export function evaluate(
  path: string,
  file: string,
  { costs, json = false, ...csv }: EvaluateOptions,
  write: (line: string) => void,
): Promise<void> {
  return stoppable(async (signal) => {
    const tableModel = await openModel("evaluate", path);
    const { raw, advice } = await readData("evaluate", file, { signal, csv: csvChoices(csv) });
    const target = tableModel.pipeline.target!.name;
    checkColumns("evaluate", tableModel, { file, names: raw.columns, advice, more: [target] });
    const classes = tableModel.pipeline.target!.classes?.length;
    if (costs && classes !== 2) {
      const what = classes === undefined ? "predicts numbers" : `has ${classes}`;
      throw new Error(`evaluate: --costs are of two classes, but the model ${what}; leave them out`);
    }
    let of: TableEvaluation;
    try {
      of = tableModel.evaluate(raw, costs ? { costs: { falsePositive: costs[0], falseNegative: costs[1] } } : {});
    } catch (error) {
      throw failure("evaluate", error);
    }
    const { task } = tableModel.pipeline;
    // as train measured it; the file takes the place of the rows to test with
    const before = metricsBefore(tableModel);
    const metrics = { train: before?.train ?? null, validation: before?.validation ?? null, test: of.metrics };
    if (json) {
      const document = {
        title: `${target} of ${nameOf(file)}`,
        task,
        target,
        rows: { total: raw.rows, test: of.rows },
        metrics,
        before: before ?? null,
        evaluation: { part: "test", of: { ...of, ...(of.notes ? { notes: of.notes.map(commandWords) } : {}) } },
        fingerprint: tableModel.model.fingerprint(),
        files: { model: path, data: file },
      };
      write(JSON.stringify(document, undefined, 2));
      return;
    }
    write(prose(`${bold(target)}  predicted by ${basename(path)} for the rows of ${nameOf(file)}\n`));
    write("");
    showEvaluation(of, before, write);
  });
}
