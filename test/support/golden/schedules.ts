// Golden cases of learning rates' schedules.
import * as w from "../../../src/index.ts";
import { createCore } from "../../../src/runtime/core.ts";
import type { Golden } from "../golden.ts";
import type { Config } from "./config.ts";

/** A schedule of ours by its golden name. */
const SCHEDULES: Readonly<Record<string, (c: Config) => w.Schedule>> = {
  step: (c) => w.stepDecay({ stepSize: c.number("step_size"), gamma: c.number("gamma") }),
  exponential: (c) => w.exponentialDecay({ gamma: c.number("gamma") }),
  cosine: (c) => w.cosineDecay({ period: c.number("t_max"), minimum: c.number("eta_min", 0) }),
  cosine_warm_restarts: (c) =>
    w.cosineWarmRestarts({
      period: c.number("t_0"),
      multiplier: c.number("t_mult", 1),
      minimum: c.number("eta_min", 0),
    }),
  linear_warmup: (c) =>
    w.linearWarmup({
      length: c.number("total_iters"),
      start: c.number("start_factor"),
      end: c.number("end_factor", 1),
    }),
  one_cycle: (c) =>
    w.oneCycle({
      length: c.number("total_steps"),
      warmup: c.number("pct_start"),
      divisor: c.number("div_factor"),
      finalDivisor: c.number("final_div_factor"),
      anneal: c.choice("anneal", { cos: "cosine", linear: "linear" } as const),
    }),
  reduce_on_plateau: (c) =>
    w.reduceOnPlateau({
      mode: c.choice("mode", { min: "min", max: "max" } as const),
      factor: c.number("factor"),
      patience: c.number("patience"),
      threshold: c.number("threshold"),
      thresholdMode: c.choice("threshold_mode", { rel: "relative", abs: "absolute" } as const),
      cooldown: c.number("cooldown", 0),
      minimum: c.number("min_lr", 0),
      epsilon: c.number("eps", 1e-8),
    }),
};

export async function runScheduler(golden: Golden): Promise<void> {
  const { config } = golden;
  const type = config.text("type", golden.case.op);
  if (!Object.hasOwn(SCHEDULES, type)) throw new Error(`${config.where}: nothing here knows the schedule "${type}"`);
  config.describes("base_lr"); // that of one_cycle follows from the largest rate
  const base = config.number(type === "one_cycle" ? "max_lr" : "base_lr");
  const running = SCHEDULES[type]!(config).start(base, await createCore("test"));
  const rates = Array.from({ length: config.number("steps") }, (_, t) => {
    const rate = running.rate(t);
    if (golden.has("metric")) running.observe!(golden.get("metric")[t]!);
    return rate;
  });
  golden.compare("lr", rates);
  golden.finish();
}
