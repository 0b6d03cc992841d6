// Running a metric's kernel alone, over one batch or several.
import type { Metric, MetricContext } from "../../src/nn/metrics/metric.ts";
import type { Core } from "../../src/runtime/core.ts";
import { sizeOf } from "../../src/util/shape.ts";
import type { Workbench } from "./workbench.ts";

export interface MetricBatch {
  /** The model's output, n per row. */
  readonly x: ArrayLike<number>;
  /** As many as x, or one label per row. */
  readonly target: ArrayLike<number>;
}

/** What a metric may ask about the model, and the outputs per row. */
export type Asked = Partial<MetricContext> & { readonly n: number };

/** The context of a metric for n outputs per row. */
export function contextOf({ n, ...more }: Asked, core: Core): MetricContext {
  const loss = { type: "softmaxCrossEntropy", outputActivation: "softmax" } as const;
  return {
    output: [n],
    labels: false,
    separate: false,
    threshold: 0.5,
    rows: 100,
    loss,
    nodes: [],
    core,
    ...more,
  };
}

/** The state's sums after the batches, and the metric that is computed from them. */
export function runMetric(
  bench: Workbench,
  metric: Metric,
  asked: Asked,
  ...batches: readonly MetricBatch[]
): { state: Float64Array; result: number } {
  const context = contextOf(asked, bench.core);
  const perRow = sizeOf(context.output);
  const size = metric.stateSize(context);
  const state = bench.doubles(new Float64Array(size));
  for (const { x, target } of batches) {
    const rows = x.length / perRow;
    // capacity for three rows more, which hold the guard
    const args = {
      x: bench.floats(x, (rows + 3) * perRow),
      target: context.labels ? bench.words(target, rows + 3) : bench.floats(target, (rows + 3) * perRow),
      state,
      ...metric.args(context, { weights: 0 }),
    };
    bench.run(`${metric.kernel}Metric`, { perRow, rows }, args);
  }
  bench.expectGuard(state, size * 2, "state");
  const sums = bench.readDoubles(state, size);
  return { state: sums, result: metric.result(sums, context) };
}
