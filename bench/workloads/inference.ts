// W7: probabilities of one row per call, and of 256.
import { dense, relu, sequential, sgd, softmaxCrossEntropy, Trainer } from "../../build/index.js";
import { digits, initialParameters } from "../data.ts";
import { repeat, type Result, result, sizeOfAll } from "../measure.ts";
import { INFERENCE } from "../tasks.ts";
import { variant } from "./variant.ts";

export async function inference(): Promise<Result[]> {
  const { calls, rows } = INFERENCE;
  const model = await sequential({ input: 784, ...variant }, dense(128), relu(), dense(10));
  const initial = initialParameters("mlp");
  model.parameters().forEach((parameter, i) => parameter.set(initial[i]!.values));
  const { loss } = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd() });
  if (loss.outputActivation !== "softmax") throw new Error("W7: probabilities must be a softmax");
  const { x } = await digits("test", rows);
  const each = Array.from({ length: rows }, (_, i) => x.slice(i * 784, (i + 1) * 784));
  const together = model.probabilities(x);
  each.forEach((row, i) => {
    model.probabilities(row).forEach((p, j) => {
      if (p !== together[i * 10 + j]) throw new Error(`W7: row ${i} alone has other bits than among ${rows}`);
    });
  });
  const one = await repeat(60, () => {
    for (let i = 0; i < calls; i++) model.probabilities(each[i % rows]!);
  });
  const many = await repeat(60, () => {
    for (let i = 0; i < 20; i++) model.probabilities(x);
  });
  const check = sizeOfAll(together.map((p) => p * p));
  return [
    result(INFERENCE.one, "us", one.map((ms) => (ms / calls) * 1000), { check }), // prettier-ignore
    result(INFERENCE.many, "samples/s", many.map((ms) => (20 * rows * 1000) / ms), { check }), // prettier-ignore
  ];
}
