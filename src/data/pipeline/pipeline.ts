// Pipelines: what makes numbers of rows.
import { checkBoolean, checkKeys, checkKind, checkWhole, isNumbers } from "../../util/check.ts";
import type {
  Pipeline,
  PipelineColumn,
  PipelineFile,
  RawRows,
  Table,
  Transformed,
  TransformOptions,
} from "../tableTypes.ts";
import type { Fitted } from "./fitted.ts";
import { checkColumns, givenRows } from "./input.ts";
import { type Machine, machineOf, transformGiven } from "./machine.ts";
import { pipelineBatches } from "./stream.ts";
import { decoded } from "./target.ts";
import { pipelineText } from "./text.ts";

/** The version of a pipeline's file. */
export const VERSION = 1;

/** The pipeline of what was fitted. */
export function pipelineOf(fitted: Fitted): Pipeline {
  const machine = machineOf(fitted);
  const { task, target, series, dropped, notes } = fitted;
  const columns = machine.parts.map(({ column: { name, type }, encoder }): PipelineColumn =>
    Object.freeze({ name, type, steps: Object.freeze([...encoder.texts]), features: encoder.features.length }),
  );
  const features = Object.freeze(machine.parts.flatMap(({ encoder }) => encoder.features));
  const own: Pipeline = {
    task,
    target:
      target &&
      Object.freeze({ name: target.name, ...(target.classes && { classes: Object.freeze([...target.classes]) }) }),
    series: series && Object.freeze({ time: series.time, horizon: series.horizon }),
    features,
    columns: Object.freeze(columns),
    dropped: Object.freeze(dropped.map((each) => Object.freeze({ ...each }))),
    notes: Object.freeze([...notes]),
    transform(rows, options = {}) {
      return transform(machine, rows, options);
    },
    decode(outputs, transformed) {
      return decode(machine, outputs, transformed);
    },
    batches(source, options = {}) {
      return pipelineBatches(machine, source, options);
    },
    toJSON() {
      return { format: "wasmgrad pipeline", version: VERSION, ...structuredClone(fitted) } as PipelineFile;
    },
    toString(width = 80) {
      checkWhole("toString", "width", width, 40);
      return pipelineText(own, width);
    },
  };
  return Object.freeze(own);
}

function transform(machine: Machine, rows: Table | RawRows, options: TransformOptions): Transformed {
  const where = "transform";
  checkKeys(where, options, ["target"]);
  const { target = true } = options;
  checkBoolean(where, "target", target);
  const needed = machine.target ? [...machine.needed, machine.target] : machine.needed;
  const given = givenRows(where, rows, needed);
  checkColumns(where, given, needed);
  return transformGiven(where, machine, given, target);
}

function decode({ fitted }: Machine, outputs: ArrayLike<number>, transformed: Transformed | undefined): Float64Array {
  const where = "decode";
  checkKind(isNumbers(outputs), where, "outputs", "an array of numbers", outputs);
  const { target } = fitted;
  if (!target?.scale) {
    const why = target ? "predicts classes: pipeline.target.classes has their names" : "has no target";
    throw new TypeError(`${where}: outputs are numbers of a regression or a series, but the pipeline ${why}`);
  }
  void transformed;
  return decoded(target.scale, outputs);
}
