// Loss and right answers, on the first rows where there are many.
import type { Model } from "wasmgrad";
import type { Training } from "../../play/training.ts";
import type { Job } from "./job.ts";

/** Rows that are measured at the most. */
const MEASURED = 1024;
const parts = new WeakMap<object, NonNullable<Training["train"]>>();

/** The data, or its first rows. */
function firstRows(data: NonNullable<Training["train"]>): NonNullable<Training["train"]> {
  const x = data.x as Float32Array;
  if (x.length <= 2 * MEASURED) return data;
  const known = parts.get(data);
  if (known) return known;
  const y = data.y as Float32Array;
  const part = { x: x.subarray(0, 2 * MEASURED), y: y.subarray(0, MEASURED) } as NonNullable<Training["train"]>;
  parts.set(data, part);
  return part;
}

/** Share of the test points, or of the training points if there are no others, that are told right. */
export function rightOf({ task, test, train }: Training, model: Model): number {
  const data = test ?? train;
  if (task === "number" || !data) return Number.NaN;
  const { x, y } = firstRows(data) as { x: Float32Array; y: ArrayLike<number> };
  const answers = model.classify(x);
  let right = 0;
  for (let i = 0; i < answers.length; i++) right += Number(answers[i] === y[i]);
  return right / answers.length;
}

/** The mean loss on the rows. */
async function lossOn({ trainer }: Training, data: Training["train"]): Promise<number> {
  if (!data) return Number.NaN;
  return (await trainer.evaluate(firstRows(data), { batchSize: MEASURED })).loss;
}

/** Measures the losses on the training points and on the test points. */
export async function measureLosses(its: Job): Promise<void> {
  const { training } = its;
  its.train = await lossOn(training, training.train);
  its.test = await lossOn(training, training.test);
}
