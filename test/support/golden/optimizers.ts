// Golden cases of optimizers and penalties.
import { expect } from "vitest";
import * as abi from "../../../build/abi.js";
import * as w from "../../../src/index.ts";
import { Workspace } from "../../../src/runtime/arena.ts";
import { createCore } from "../../../src/runtime/core.ts";
import { RecordList } from "../../../src/runtime/program.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { ControlBlock } from "../controlBlock.ts";
import type { Golden } from "../golden.ts";
import { Parameters } from "../update.ts";
import type { Config } from "./config.ts";

/** Our options and the golden set's names of them, by the names of optimizers. `amsgrad`: adam with that option. */
const OPTIONS = {
  sgd: { momentum: "momentum", nesterov: "nesterov" },
  rmsprop: { rho: "rho", epsilon: "eps", momentum: "momentum", centered: "centered" },
  adagrad: { epsilon: "eps", initialAccumulator: "initial_accumulator" },
  adadelta: { rho: "rho", epsilon: "eps" },
  adam: { beta1: "beta1", beta2: "beta2", epsilon: "eps", amsgrad: "amsgrad" },
  adamw: { beta1: "beta1", beta2: "beta2", epsilon: "eps", amsgrad: "amsgrad" },
} as const;

const FLAGS = ["nesterov", "centered", "amsgrad"];

/** An optimizer of ours by the type in its config. Throws for an unknown one. */
export function optimizerOf(c: Config, clip?: Config, l1 = 0): w.Optimizer {
  const type = c.text("type");
  const known = type === "amsgrad" ? "adam" : type;
  if (!Object.hasOwn(OPTIONS, known)) throw new Error(`${c.where}: nothing here knows the optimizer "${type}"`);
  const given = Object.entries(OPTIONS[known as keyof typeof OPTIONS]).flatMap(([ours, theirs]) =>
    c.has(theirs) ? [[ours, FLAGS.includes(theirs) ? c.flag(theirs) : c.number(theirs)]] : [],
  );
  const options = {
    learningRate: c.number("lr"),
    weightDecay: c.number("weight_decay", 0),
    l1,
    ...clipOf(clip),
    ...(Object.fromEntries(given) as object),
    ...(type === "amsgrad" && { amsgrad: true }),
  };
  return w[known as keyof typeof OPTIONS](options);
}

function clipOf(c: Config | undefined): object {
  if (!c) return {};
  const option = c.choice("kind", { value: "clipValue", global_norm: "clipGlobalNorm", norm_per_tensor: "clipNorm" });
  return { [option]: c.number(option === "clipValue" ? "clip_value" : "max_norm") };
}

export async function runOptimizer(golden: Golden): Promise<void> {
  const { config } = golden;
  if (golden.case.op.endsWith("_penalty")) return runPenalty(golden);
  const clip = config.child("clip");
  const l1 = config.number("l1", 0);
  // the set's l1 comes before clipping, as that of a regularizer; the optimizers' own comes after it
  const optimizer = optimizerOf(config.options("optimizer"), clip, clip ? 0 : l1);
  const names = golden.names("param");
  const parameters = await Parameters.create(
    names.map((name) => golden.shape(name)),
    optimizer,
  );
  names.forEach((name, i) => parameters.set(i, golden.get(name)));
  const steps = config.number("steps");
  const seen = names.map((name) => new Float32Array(golden.get(`params_${name}`).length));
  for (let t = 0; t < steps; t++) {
    names.forEach((name, i) => {
      const size = sizeOf(golden.shape(name));
      const gradient = Float32Array.from(golden.get(`grads_${name}`).slice(t * size, (t + 1) * size));
      const values = parameters.get(i);
      parameters.setGradient(i, clip ? gradient.map((g, j) => g + l1 * Math.sign(values[j]!)) : gradient);
    });
    expect(parameters.update()).toBe(true);
    names.forEach((_, i) => seen[i]!.set(parameters.get(i), t * parameters.get(i).length));
  }
  names.forEach((name, i) => golden.compare(`params_${name}`, seen[i]!));
  golden.finish("grad_norms"); // follow from what is given; the library keeps none
}

/** A penalty's kernel alone. */
async function runPenalty(golden: Golden): Promise<void> {
  const penalties = { l1_penalty: w.l1, l2_penalty: w.l2 };
  const { op } = golden.case;
  const { config } = golden;
  if (!Object.hasOwn(penalties, op)) throw new Error(`${config.where}: nothing here knows the penalty "${op}"`);
  config.describes("formula");
  const core = await createCore("test");
  const workspace = new Workspace(core.arena, "test");
  const weight = golden.get("weight");
  const bytes = Math.ceil(weight.length / 4) * 16;
  const p = workspace.allocate(bytes, "p");
  const g = workspace.allocate(bytes, "g");
  for (const address of [p, g]) core.arena.f32.fill(0, address / 4, (address + bytes) / 4);
  core.arena.f32.set(weight, p / 4);
  const regularizer = penalties[op as keyof typeof penalties](config.number("lambda"));
  const program = new ControlBlock(core, workspace);
  const records = new RecordList();
  void regularizer.load?.(core);
  const bits = new Uint32Array(Float32Array.of(regularizer.options.lambda).buffer)[0]!;
  const args = { p, g, program: program.address, lambda: bits };
  records.add(`${regularizer.regularizer}Penalty`, bytes / 4, args);
  const placed = records.place(core, workspace);
  program.run({ first: placed[0]!.address, last: placed[0]!.end }, 0);
  golden.compare("output", [program.getDouble(abi.PROGRAM_PENALTY)]);
  golden.compare("grad_weight", core.arena.read(g, weight.length));
  golden.finish();
}
