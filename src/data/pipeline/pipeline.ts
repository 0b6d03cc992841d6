// Pipelines: what makes numbers of rows.
import { checkBoolean, checkKeys, checkKind, checkWhole, isNumbers } from "../../util/check.ts";
import { counted } from "../columns.ts";
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
import { afterHistory, historyFrom } from "./history.ts";
import { checkColumns, givenRows } from "./input.ts";
import { type Machine, machineOf, transformGiven } from "./machine.ts";
import { decodedSeries } from "./seriesRows.ts";
import { targetLagsText, targetLagNames, transformSeries } from "./seriesTransform.ts";
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
  const lags = fitted.series ? targetLagNames(fitted.target!.name, fitted.series) : [];
  if (fitted.series) {
    const steps = Object.freeze([targetLagsText(fitted.series)]);
    columns.push(Object.freeze({ name: target!.name, type: target!.type, steps, features: lags.length }));
  }
  const features = Object.freeze([...machine.parts.flatMap(({ encoder }) => encoder.features), ...lags]);
  const own: Pipeline = {
    task,
    target:
      target &&
      Object.freeze({
        name: target.name,
        ...(target.classes && { classes: Object.freeze([...target.classes]) }),
        ...(target.scale && { log: target.scale.log || series?.log === true }),
      }),
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
    withHistory(rows) {
      return withHistory(machine, rows);
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
  if (!machine.fitted.series) return transformGiven(where, machine, given, target);
  const { given: all, rows: skip } = afterHistory(where, machine, given);
  return transformSeries(where, machine, all, target, skip);
}

function withHistory(machine: Machine, rows: Table | RawRows): Pipeline {
  const where = "withHistory";
  const { fitted } = machine;
  if (!fitted.series)
    throw new TypeError(`${where}: it is for series, whose rows depend on those before; leave it out`);
  const needed = [...machine.needed, machine.target!];
  const given = givenRows(where, rows, needed);
  checkColumns(where, given, needed);
  return pipelineOf({ ...fitted, history: historyFrom(where, machine, afterHistory(where, machine, given).given) });
}

function decode({ fitted }: Machine, outputs: ArrayLike<number>, transformed: Transformed | undefined): Float64Array {
  const where = "decode";
  checkKind(isNumbers(outputs), where, "outputs", "an array of numbers", outputs);
  const { target } = fitted;
  if (!target?.scale) {
    const why = target ? "predicts classes: pipeline.target.classes has their names" : "has no target";
    throw new TypeError(`${where}: outputs are numbers of a regression or a series, but the pipeline ${why}`);
  }
  const { series } = fitted;
  if (!series) return decoded(target.scale, outputs);
  const { before } = transformed ?? {};
  if (series.before > 0 && before?.length !== outputs.length) {
    const got = before ? `${counted(outputs.length, "output")} and ${counted(before.length, "row")}` : "none";
    throw new TypeError(
      `${where}: the outputs are relative to values ${series.before} before; give what transform made of the same rows, too: decode(outputs, transformed); got ${got}`,
    );
  }
  return decodedSeries(series, target.scale, outputs, series.before > 0 ? before : undefined);
}
