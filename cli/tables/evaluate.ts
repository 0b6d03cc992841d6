// The command `evaluate`: how good a model of tables is on the rows of a file.
import { basename } from "node:path";
import { bold } from "../draw.ts";
import { prose } from "../layout.ts";
import { openModel } from "./openModel.ts";
import { readData } from "./readData.ts";
import { showEvaluation } from "./show.ts";

/** Options of the command `evaluate`. */
export interface EvaluateOptions {
  readonly costs?: readonly [number, number];
  readonly json?: boolean;
}

/** Predicts the rows of a file that has the target, and prints how good that is. */
export async function evaluate(
  path: string,
  file: string,
  { costs, json = false }: EvaluateOptions,
  write: (line: string) => void,
): Promise<void> {
  const tableModel = await openModel("evaluate", path);
  const { raw } = await readData("evaluate", file);
  const of = tableModel.evaluate(raw, costs ? { costs: { falsePositive: costs[0], falseNegative: costs[1] } } : {});
  const { target, task } = tableModel.pipeline;
  if (json) {
    const { task: _task, rows, metrics, ...more } = of;
    const document = {
      model: path,
      data: file,
      task,
      target: target!.name,
      rows,
      metrics,
      ...more,
      fingerprint: tableModel.model.fingerprint(),
    };
    write(JSON.stringify(document, undefined, 2));
    return;
  }
  write(prose(`${bold(target!.name)}  predicted by ${basename(path)} for the rows of ${basename(file)}\n`));
  write("");
  showEvaluation(of, write);
}
