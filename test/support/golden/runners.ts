// How a golden case of each kind is run through the library.
import { Golden, type GoldenCase } from "../golden.ts";
import { runInit } from "./initializers.ts";
import { runActivation, runLayer } from "./layers.ts";
import { runLoss } from "./losses.ts";
import { runMetric } from "./metrics.ts";
import { runModel } from "./models.ts";
import { runOptimizer } from "./optimizers.ts";
import { runScheduler } from "./schedules.ts";

const KINDS: Readonly<Record<string, (golden: Golden) => Promise<void>>> = {
  layer: runLayer,
  activation: runActivation,
  loss: runLoss,
  optimizer: runOptimizer,
  scheduler: runScheduler,
  metric: runMetric,
  init: runInit,
  model: runModel,
};

export const runners: Readonly<Record<string, (entry: GoldenCase) => Promise<void>>> = Object.fromEntries(
  Object.entries(KINDS).map(([kind, run]) => [kind, (entry: GoldenCase) => run(new Golden(entry))]),
);
