// What a training is of, line by line: the model, the trainer's parts, the options, the kind of data. A checkpoint of other lines is refused.
import type { TrainingData } from "../data/dataset.ts";
import { isSource, type Source } from "../data/sources.ts";
import { architectureText } from "../io/architecture.ts";
import { isObject } from "../util/check.ts";
import type { Callback } from "./callbacks.ts";
import type { FitSettings } from "./fitOptions.ts";
import type { TrainerState } from "./trainerState.ts";

/** Changes when the same training gives other bits. */
const NUMERICS = 1;

/** Callbacks whose state is kept. */
export const stateful = (callbacks: readonly Callback[]): Callback[] => callbacks.filter((callback) => callback.state);

/** The values in a value, a line for each, with the way to it. Functions aren't compared. */
function linesIn(name: string, value: unknown): string[] {
  if (value === undefined || typeof value === "function") return [];
  if (!isObject(value)) return [`${name} ${JSON.stringify(value)}`];
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)); // in whatever order they were given
  return entries.flatMap(([key, part]) => linesIn(`${name}${name.includes(": ") ? "." : ": "}${key}`, part));
}

/** A part of a training: its type, and then what else is in it. */
const partOf = <P extends { readonly type: string }>(name: string, { type, ...rest }: P): string[] => [
  `${name} ${type}`,
  ...linesIn(`${name} ${type}`, rest),
];

/** What a training is of, line by line. */
export function linesOf(state: TrainerState, data: TrainingData | Source, settings: FitSettings): string[] {
  const { model, optimizer, schedule, loss, metrics, ranks } = state;
  const { batchSize, shuffle, dropLast, accumulate, validationSplit, validationData, map, callbacks } = settings;
  const { layers, ...rest } = JSON.parse(architectureText(model, "checkpoint")) as { layers: { type: string }[] };
  const dataOf = (name: string, given: TrainingData | Source): string[] => {
    if (!isSource(given)) return [`${name} arrays`];
    const { stepsPerEpoch, shuffleBuffer } = given;
    return partOf(name, { type: `a source of ${given.batches ? "batches" : "rows"}`, stepsPerEpoch, shuffleBuffer });
  };
  return [
    `numerics ${NUMERICS}`,
    `model of ${layers.length} layers`,
    ...linesIn("model", rest),
    ...layers.flatMap((layer, i) => partOf(`layer ${i}`, layer)),
    ...partOf("loss", { type: loss.type, ...loss.options }),
    ...partOf("optimizer", { ...optimizer, limits: undefined, states: undefined }), // they follow from the options
    ...(schedule
      ? partOf("schedule", { type: schedule.type, per: schedule.per, ...schedule.options })
      : ["schedule none"]),
    `metrics ${metrics.map(({ name }) => name).join(", ") || "none"}`,
    ...metrics.flatMap(({ name, options }) => linesIn(`metric ${name}`, options)),
    ...Object.entries({ batchSize, shuffle, dropLast, accumulate, validationSplit }).map((pair) => pair.join(" ")),
    ...(ranks ? [`${ranks.accumulate} batches of an update, whose gradients are summed in a tree, as groups do`] : []),
    `map ${map ? "a function" : "none"}`,
    `callbacks with a state: ${
      stateful(callbacks)
        .map(({ name = "callback" }) => name)
        .join(", ") || "none"
    }`,
    ...dataOf("data", data),
    ...(validationData ? dataOf("validation", validationData) : ["validation none"]),
  ];
}
