// The command `inspect`: what is in a model's file.
import { type MetricsByPart, tableModelFromBytes, type TableModel } from "../../src/data.ts";
import { modelFromBytes, readSafetensors } from "../../src/files.ts";
import { bold, dim } from "../draw.ts";
import { columns, prose, wrap } from "../layout.ts";
import { summaryText } from "../summaryText.ts";
import { metricsBefore, readModelFile } from "./openModel.ts";
import { metricsTable, PARTS } from "./show.ts";
import { commandWords, failure } from "./words.ts";

type Write = (line: string) => void;

/** Prints what a model takes, what it is made of, and, of a model of tables, how it was trained and how good it was. */
export async function inspect(
  path: string,
  { json = false }: { readonly json?: boolean },
  write: Write,
): Promise<void> {
  const bytes = await readModelFile("inspect", path);
  try {
    const ofTables = readSafetensors(bytes, path).metadata["table"] !== undefined;
    if (ofTables) return show(path, await tableModelFromBytes(bytes, { name: path }), json, write);
    const model = await modelFromBytes(bytes, { name: path });
    if (json)
      return write(JSON.stringify({ model, fingerprint: model.fingerprint(), files: { model: path } }, undefined, 2));
    write(prose(`${bold(path)}  a network; it takes arrays of numbers, not rows of a table\n`));
    write(`${summaryText(model.summary())}\n`);
    write(prose(`${bold("Fingerprint")}  ${model.fingerprint()}`));
  } catch (error) {
    throw failure("inspect", error);
  }
}

/** What becomes of each column, and which aren't used. */
function showPipeline({ columns: used, dropped, features, notes, series }: TableModel["pipeline"], write: Write): void {
  const most = Math.max(40, Math.min(100, columns()));
  const counted = (n: number, what: string): string => `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
  const ahead = series ? `, by ${series.time}, ${counted(series.horizon, "row")} ahead` : "";
  write(`${bold("Inputs")}  ${counted(features.length, "number")} from ${counted(used.length, "column")}${ahead}`);
  for (const note of notes) write(wrap(`  ${commandWords(note)}`, most, "  "));
  for (const { name, type, steps, features: made } of used) {
    write(wrap(`  ${name} ${dim(`(${type}, ${counted(made, "number")})`)}`, most, "    "));
    const done = steps.length === 0 ? "as it is" : steps.map(commandWords).join("; ");
    write(wrap(`    ${done}`, most, "    "));
  }
  write("");
  if (dropped.length === 0) return;
  write(bold("Not used"));
  for (const { name, reason } of dropped) write(wrap(`  ${name}: ${commandWords(reason)}`, most, "    "));
  write("");
}

function show(path: string, tableModel: TableModel, json: boolean, write: Write): void {
  const { model, pipeline, decisions, about } = tableModel;
  const fingerprint = model.fingerprint();
  const { target, task } = pipeline;
  if (json) {
    const { title, ...more } = about;
    const document = {
      title,
      task,
      target: target!.name,
      ...more,
      pipeline,
      decisions,
      model,
      fingerprint,
      files: { model: path },
    };
    return write(JSON.stringify(document, undefined, 2));
  }
  const classes = target?.classes
    ? `: ${target.classes.slice(0, 10).join(", ")}${target.classes.length > 10 ? ", ..." : ""}`
    : "";
  write(prose(`${bold(path)}  predicts ${target!.name} ${dim(`(${task}${classes})`)}\n`));
  showPipeline(pipeline, write);
  write(`${summaryText(model.summary())}\n`);
  const metrics = metricsBefore(tableModel);
  if (metrics) {
    const parts = Object.entries(metrics).flatMap(([part, of]) =>
      of ? [[PARTS[part as keyof MetricsByPart], of] as const] : [],
    );
    write(`${bold("When it was trained")}\n\n${metricsTable(parts)}\n`);
  }
  if (typeof about["command"] === "string") write(`${bold("Command")}  ${about["command"]}`);
  write(prose(`${bold("Fingerprint")}  ${fingerprint}`));
}
