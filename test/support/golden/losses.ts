// Golden cases of losses.
import * as w from "../../../src/index.ts";
import type { Golden } from "../golden.ts";
import type { Config } from "./config.ts";
import { rowsAndShape } from "./entry.ts";

/**
 * A loss of ours by its golden name. Throws for an unknown one.
 * @param golden has the class weights, if there are any
 */
export function lossOf(op: string, c: Config, golden: Golden): w.Loss {
  c.describes("target"); // labels or probabilities: so are the numbers
  if (op === "kl_divergence") return w.klDivergence({ reduction: c.choice("reduction", KL_REDUCTIONS, "mean") });
  const o = { reduction: c.choice("reduction", REDUCTIONS, "mean") };
  const weighted = c.flag("class_weights", false) ? { classWeights: [...golden.get("class_weight")] } : {};
  switch (op) {
    case "binary_cross_entropy":
      return w.binaryCrossEntropy({ ...o, clamp: clampOf(c.child("clamp")) });
    case "bce_with_logits":
      return w.binaryCrossEntropyWithLogits({ ...o, positiveWeight: c.number("pos_weight", 1) });
    case "softmax_cross_entropy":
      return w.softmaxCrossEntropy({ ...o, ...weighted, labelSmoothing: c.number("label_smoothing", 0) });
    case "nll":
      return w.negativeLogLikelihood({ ...o, ...weighted });
    case "mse":
      return w.meanSquaredError(o);
    case "mae":
      return w.meanAbsoluteError(o);
    case "huber":
      return w.huber({ ...o, delta: c.number("delta", 1) });
    case "hinge":
      return w.hinge({ ...o, margin: c.number("margin", 1) });
    default:
      throw new Error(`${c.where}: nothing here knows the loss "${op}"`);
  }
}

const REDUCTIONS = { mean: "mean", sum: "sum" } as const;
const KL_REDUCTIONS = { ...REDUCTIONS, batchmean: "batchMean" } as const;

type Clamp = NonNullable<NonNullable<Parameters<typeof w.binaryCrossEntropy>[0]>["clamp"]>;

function clampOf(c: Config | undefined): Clamp {
  const kind = c?.choice("kind", { none: "none", log_min: "log", prob: "prob" } as const) ?? "none";
  if (kind === "prob") return { low: c!.number("low"), high: c!.number("high") };
  c?.expect("min", -100);
  c?.expect("grad_denominator_min", 1e-12);
  return kind;
}

/** A loss at the end of a model that changes nothing. */
export async function runLoss(golden: Golden): Promise<void> {
  const { op } = golden.case;
  const [rows, shape] = rowsAndShape(golden, "input");
  const model = await w.sequential({ input: shape }, w.reshape(shape));
  const loss = lossOf(op, golden.config, golden);
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
  const x = golden.get("input") as Float32Array;
  const y = golden.get("target") as Float32Array;
  const { step } = trainer.trainerState.load("trace", x, y, undefined, "test");
  const { arena } = model.core;
  step.program.run(step.manual, rows);
  golden.compare("output", [arena.f64[step.loss / 8]! / arena.f64[step.loss / 8 + 1]!]);
  golden.compare("grad_input", arena.read(step.graph.outputGradient, x.length));
  const each = step.records.find((r) => r.kernel === `${loss.type}Loss`)!.words[5]!;
  golden.compare("loss_unreduced", arena.read(each, golden.get("loss_unreduced").length));
  const evaluated = await trainer.evaluate({ x, y });
  golden.compare("output", [evaluated["loss"]!]);
  golden.finish();
}
