// Programs as text: layers, losses, optimizers and calls with options at random, most of them right, some of them wrong.
import * as w from "../../src/index.ts";
import { buildGraph } from "../../src/graph/graph.ts";
import * as activations from "../../src/nn/activations/index.ts";
import * as initializers from "../../src/nn/initializers/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import * as metrics from "../../src/nn/metrics/index.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { NEEDED } from "../support/needed.ts";
import type { Draw } from "./draw.ts";

/** A line of a program, and what it may do. */
export interface Line {
  readonly text: string;
  /** Makes something, looks at it without a change, changes it at once, or trains: what is refused has then made some updates, maybe. */
  readonly kind: "makes" | "looks" | "changes" | "trains";
}

/** Values that are wrong nearly everywhere. */
const ODD = [
  ..."undefined null true false NaN Infinity -1 0 0.5 1e300 1e-45 -0 [] {} [[]] [1,2] 2**31 2**53 3n [null] [NaN] ()=>3".split(
    " ",
  ),
  '"text"',
  '""',
  "new Float32Array(3)",
  "new Uint8Array(2)",
  "new Map()",
  "[[1, 2], [3]]",
  'Symbol("s")',
];

const number = (draw: Draw): string => String(draw.from(-20, 20) / 10);
const list = (draw: Draw, count: number): string => draw.list(count, () => number(draw)).join(", ");

/** Values of options by their names. */
const VALUES: readonly (readonly [name: RegExp, values: readonly string[]])[] = [
  [/Initializer$/, Object.keys(initializers).map((name) => (name === "constant" ? "w.constant(0.3)" : `w.${name}()`))],
  [/Regularizer$/, ["w.l1(0.1)", "w.l2(0.1)"]],
  [/Constraint$/, ["w.maxNorm(1)", "w.unitNorm()", "w.nonNeg()"]],
  [/^(useBias|trainable|returnSequences|causal|amsgrad|centered|nesterov|shuffle|dropLast)$/, ["true", "false"]],
  [/^padding$/, ['"same"', '"valid"']],
  [/^(kernelSize|size|strides|dilation|factor|border)$/, ["1", "2", "3", "[2, 1]", "[1, 2]"]],
  [/^(units|filters|width|times|vocabulary|outputPadding)$/, ["1", "2", "3", "4", "5", "6"]],
  [/^(heads|groups|depthMultiplier)$/, ["1", "2", "4"]],
  [/^(rate|momentum|beta1|beta2|rho|decay|labelSmoothing)$/, ["0", "0.3", "0.9"]],
  [/^learningRate$/, ["1e-3", "0.1", "1"]],
  [/^(clipNorm|clipValue|clipGlobalNorm)$/, ["0.5", "10"]],
  [/^(memory|keyMask|lengths|initialState|initialCell|to)$/, ['"a"', '"dense1"']],
  [/^clamp$/, ['"log"', '"none"']],
  [/^classWeights$/, ["[1, 2]", "[1, 0.5, 2]"]],
  [/^name$/, ['"a"', '"b"']],
  [/^approximate$/, ['"tanh"', '"none"']],
  [/^axis$/, ["-1", "0", "1", "[0]", "[0, 1]"]],
  [/^average$/, ['"macro"', '"micro"', '"binary"']],
  [/^reduction$/, ['"mean"', '"sum"']],
  [/^k$/, ["1", "2"]],
  [/^(shape|order)$/, ["[4]", "[2, 2]", "[1, 0]", "[1, 2, 0]", "[0]", "[-1]"]],
  [/^centres$/, ["[[0, 1, 0, 1], [1, 0, 1, 0]]", "[0, 0, 0, 0]"]],
];

/** The options that a function names when it is given one that it doesn't know. */
const known = new Map<string, readonly string[]>();
function optionsOf(name: string): readonly string[] {
  const old = known.get(name);
  if (old) return old;
  let names: readonly string[] = [];
  try {
    (w as unknown as Record<string, (options: object) => unknown>)[name]!({ ...NEEDED[name], nonsense: 1 });
  } catch (error) {
    names =
      /Known: (.*)$/
        .exec((error as Error).message)?.[1]
        ?.split(", ")
        .filter(Boolean) ?? [];
  }
  known.set(name, names);
  return names;
}

/** A call of one of the library's functions that take options. `odd`: the share of wrong values. */
function callText(draw: Draw, name: string, odd = 0.04): string {
  const names = optionsOf(name).filter((option) => Object.hasOwn(NEEDED[name] ?? {}, option) || draw.chance(0.2));
  const values = names.map((option) => {
    const of = VALUES.find(([pattern]) => pattern.test(option))?.[1] ?? ["0.5", "1", "2", "0.001", "0"];
    return `${option}: ${draw.chance(odd) ? draw.pick(ODD) : draw.pick(of)}`;
  });
  if (draw.chance(odd / 4)) values.push(`${draw.pick(["unit", "activation", "constructor"])}: 1`);
  return `w.${name}(${values.length > 0 ? `{ ${values.join(", ")} }` : ""})`;
}

const CUSTOM =
  'w.customLayer({ type: "own", forward: ({ x, y }) => { for (let i = 0; i < x.length; i++) y[i] = 2 * x[i]; }, ' +
  "backward: ({ dx, dy }) => { if (dx) for (let i = 0; i < dy.length; i++) dx[i] = 2 * dy[i]; } })";

/** A layer or a composite. */
function layerText(draw: Draw, depth: number): string {
  const inner = (): string => layerText(draw, depth - 1);
  const some = (): string => draw.list(draw.from(1, 2), inner).join(", ");
  if (depth > 0 && draw.chance(0.25)) {
    return draw.call([
      () => `w.residual(${some()})`,
      () => `w.chain(${some()})`,
      () => `w.add([[${inner()}], []])`,
      () => `w.concat([[${inner()}], [${some()}]])`,
      () => `w.timeDistributed(${some()})`,
      () => `w.frozen(${inner()})`,
      () => `w.shared(${inner()})`,
      () => `w.bidirectional(${callText(draw, draw.pick(["gru", "lstm", "simpleRnn"]))})`,
      () => `w.from("a", ${inner()})`,
    ]);
  }
  if (draw.chance(0.02)) return CUSTOM;
  return callText(draw, draw.pick(draw.chance(0.7) ? Object.keys(layers) : Object.keys(activations)));
}

/** What a text makes. */
const made = (text: string): w.Layer => {
  // eslint-disable-next-line typescript/no-implied-eval -- programs are texts
  return new Function("w", `return ${text};`)(w) as w.Layer;
};

/** Layers that fit one another, but for a few, and the shape that they give. */
function layersText(draw: Draw, input: w.Shape): { readonly texts: readonly string[]; readonly output: w.Shape } {
  let texts: string[] = [];
  let output = input;
  for (let count = draw.from(1, 6); count > 0; count--) {
    const text = layerText(draw, 2);
    try {
      const graph = buildGraph(input, [...texts, text].map(made));
      const last = graph.at(-1)?.output ?? input;
      if (sizeOf(last) > 500) continue;
      [texts, output] = [[...texts, text], last];
    } catch {
      if (draw.chance(0.03)) return { texts: [...texts, text], output };
    }
  }
  if (texts.length === 0 || draw.chance(0.7)) {
    if (output.length > 1) texts.push("w.flatten()");
    const units = draw.pick([1, 2, 3]);
    texts.push(`w.dense(${units})`);
    output = [units];
  }
  return { texts, output };
}

/** Losses, and targets of one row for an output. */
const LOSSES: readonly (readonly [name: string, targets: (draw: Draw, output: w.Shape) => string])[] = [
  ["softmaxCrossEntropy", (draw, output) => String(draw.int(output.at(-1)!))],
  [
    "softmaxCrossEntropy",
    (draw, output) => draw.list(sizeOf(output), (i) => (i % (output.at(-1) ?? 1) === 0 ? 1 : 0)).join(", "),
  ],
  ["meanSquaredError", (draw, output) => list(draw, sizeOf(output))],
  ["meanAbsoluteError", (draw, output) => list(draw, sizeOf(output))],
  ["huber", (draw, output) => list(draw, sizeOf(output))],
  ["hinge", (draw, output) => draw.list(sizeOf(output), () => draw.pick(["1", "-1"])).join(", ")],
  [
    "binaryCrossEntropyWithLogits",
    (draw, output) => draw.list(sizeOf(output), () => draw.pick(["0", "1", "0.3"])).join(", "),
  ],
  ["sequenceCrossEntropy", (draw, output) => draw.list(output[0]!, () => String(draw.int(output.at(-1)!))).join(", ")],
  ["binaryCrossEntropy", (draw, output) => draw.list(sizeOf(output), () => draw.pick(["0", "1"])).join(", ")],
  ["poisson", (draw, output) => draw.list(sizeOf(output), () => String(draw.int(5))).join(", ")],
  ["quantile", (draw, output) => list(draw, sizeOf(output))],
  ["cosineSimilarity", (draw, output) => list(draw, sizeOf(output))],
  ["focal", (draw, output) => draw.list(sizeOf(output), () => draw.pick(["0", "1", "0.3"])).join(", ")],
  ["dice", (draw, output) => draw.list(sizeOf(output), () => draw.pick(["0", "1"])).join(", ")],
  ["tripletMargin", () => "0"],
  ["ctc", (draw, output) => draw.list(output[0]!, () => draw.pick(["-1", "1"])).join(", ")],
  ["klDivergence", (draw, output) => draw.list(sizeOf(output), () => "0.5").join(", ")],
];

const SCHEDULES = [
  "w.cosineDecay({ period: 3 })",
  "w.reduceOnPlateau({ patience: 1 })",
  "w.stepDecay({ stepSize: 2 })",
  "w.oneCycle({ length: 4 })",
];

const CALLBACKS = [
  "{}",
  "{ onEpochEnd() {} }",
  "{ onBatchEnd(_, logs, state) { state.stop(); } }",
  '{ onBatchBegin(batch) { if (batch === 1) throw new Error("fit: the callback\'s own"); } }',
  "{ async onEpochEnd() { await v.trainer.evaluate({ x: v.x, y: v.y }); } }",
  "{ onBatchEnd() { v.model.predict(v.x); } }",
  "{ onEpochBegin() { v.trainer.state(); } }",
  "{ onEpochBegin() { v.trainer.step(v.x, v.y); } }",
  "{ async onEpochBegin() { void v.trainer.pause().then(() => v.trainer.resume()); } }",
  'w.earlyStopping({ monitor: "loss" })',
  "w.earlyStopping({ restoreBestWeights: true })",
];

/** Options of `fit`. */
function fitOptions(draw: Draw): string {
  const all: readonly (readonly [share: number, text: () => string])[] = [
    [0.6, () => `epochs: ${draw.from(1, 4)}`],
    [0.6, () => `batchSize: ${draw.from(1, 5)}`],
    [0.2, () => `shuffle: ${draw.chance(0.5)}`],
    [0.1, () => "dropLast: true"],
    [0.2, () => `accumulate: ${draw.from(1, 3)}`],
    [0.15, () => "validationSplit: 0.4"],
    [0.1, () => "validationData: { x: v.x, y: v.y }"],
    [0.3, () => `callbacks: [${draw.pick(CALLBACKS)}]`],
    [0.02, () => "worker: true"],
    [0.03, () => "signal: AbortSignal.abort()"],
    [
      0.05,
      () =>
        `${draw.pick(["epochs", "batchSize", "shuffle", "callbacks", "validationData", "signal", "epoch"])}: ${draw.pick(ODD)}`,
    ],
  ];
  return `{ ${["progress: false", ...all.flatMap(([share, text]) => (draw.chance(share) ? [text()] : []))].join(", ")} }`;
}

/** A call of anything with the model, the trainer and their data. */
function anyLine(draw: Draw): Line {
  const x = (): string => (draw.chance(0.08) ? draw.pick([...ODD, "v.y", "v.x.slice(1)", "Array.from(v.x)"]) : "v.x");
  const y = (): string => (draw.chance(0.08) ? draw.pick([...ODD, "v.x", "v.y.slice(1)", "Array.from(v.y)"]) : "v.y");
  const looks = (text: string): Line => ({ text, kind: "looks" });
  const changes = (text: string): Line => ({ text, kind: "changes" });
  return draw.call([
    () => ({ text: `return v.trainer.fit({ x: ${x()}, y: ${y()} }, ${fitOptions(draw)});`, kind: "trains" }),
    () => ({ text: `return v.trainer.fit({ x: ${x()}, y: ${y()} }, ${fitOptions(draw)});`, kind: "trains" }),
    () => ({
      text: `return v.trainer.fit({ x: v.x, y: v.y, sampleWeights: ${draw.chance(0.7) ? "v.weights" : draw.pick(ODD)} }, ${fitOptions(draw)});`,
      kind: "trains",
    }),
    () =>
      changes(
        `return v.trainer.step(${x()}, ${y()}${draw.chance(0.2) ? `, { sampleWeights: ${draw.chance(0.6) ? "v.weights" : draw.pick(ODD)} }` : ""});`,
      ),
    () => changes(`return v.trainer.step(v.x, v.y);`),
    () =>
      looks(
        `return v.trainer.evaluate({ x: ${x()}, y: ${y()} }, { batchSize: ${draw.chance(0.9) ? draw.from(1, 5) : draw.pick(ODD)} });`,
      ),
    () =>
      looks(
        `return v.model.${draw.pick(["predict", "probabilities", "classify", "predictAsync", "classifyAsync"])}(${x()});`,
      ),
    () => changes(`v.out = v.model.forward(${x()}); return v.out;`),
    () => changes(`${draw.chance(0.7) ? "v.out = v.model.forward(v.x);" : ""} return v.model.backward(v.out);`),
    () => changes(`return v.model.backward(${draw.chance(0.5) ? "v.out" : draw.pick(ODD)});`),
    () => looks("v.model.zeroGradients();"),
    () => changes("v.trainer.update();"),
    () => looks("v.state = v.trainer.state(); return v.state;"),
    () =>
      changes(
        `v.trainer.restore(${draw.chance(0.8) ? "v.state ?? v.trainer.state()" : draw.pick([...ODD, "v.state?.slice(2)", "v.state?.map((byte) => byte ^ 1)"])});`,
      ),
    () =>
      looks(
        `return w.activations(v.model, ${x()}${draw.chance(0.3) ? `, ${draw.pick([...ODD, '["A1"]', '["Z1", "A1"]'])}` : ""});`,
      ),
    () =>
      looks(
        `v.trace = w.trace(v.trainer, ${x()}, ${y()}${draw.chance(0.4) ? ", { update: true }" : ""}); return v.trace.tensors.map((tensor) => [tensor.name, v.trace.get(tensor.name)]);`,
      ),
    () =>
      looks(
        "return w.explain(v.trace ?? w.trace(v.trainer, v.x, v.y)).map((step) => [step.formula, step.value(step.shape.map(() => 0)), step.recompute(step.shape.map(() => 0))]);",
      ),
    () =>
      looks(
        `const { passed, ...rest } = w.gradCheck(v.trainer, ${x()}, ${y()}${draw.chance(0.2) ? `, { limit: ${draw.pick(["2", ...ODD])} }` : ", { limit: 3 }"}); return rest;`,
      ),
    () => looks("return String(v.model.summary());"),
    () => looks("return [v.trainer.learningRate, v.trainer.updates, v.trainer.epochs, String(v.trainer).length];"),
    () =>
      changes(
        `const all = v.model.parameters(); const p = all[${draw.int(9)} % all.length]; p?.set(${draw.chance(0.7) ? "p.get().map((value) => value / 2)" : draw.pick(ODD)});`,
      ),
    () => looks("return v.model.parameters().map((p) => [p.name, p.shape, p.gradient()]);"),
    () =>
      looks("const copy = await f.modelFromBytes(f.modelToBytes(v.model), on); return sameModel(v.model, copy, v.x);"),
    () =>
      changes(
        "const state = v.trainer.state(); v.trainer.step(v.x, v.y); v.trainer.restore(state); return sameState(state, v.trainer.state());",
      ),
    () =>
      looks(
        `const half = await w.sequential({ input: v.model.inputShape, ...on }, w.cut(v.model, ${draw.chance(0.8) ? "v.model.nodes[0].name" : draw.pick(ODD)})); return half.predict(v.x);`,
      ),
    () =>
      changes(
        "const copy = await f.modelFromBytes(f.modelToBytes(v.model), on); w.copyWeights(copy, v.model); return copy.fingerprint();",
      ),
    () => looks("void v.trainer.pause(); v.trainer.resume(); await v.trainer.refresh();"),
  ]);
}

/** A program: a model, a trainer and their data, then calls. `on` is where the model computes. */
export function anyProgram(draw: Draw): Line[] {
  const input = draw.pick([[4], [4], [1], [3, 4], [5, 4], [4, 4, 2], [3, 5, 1]]);
  const { texts, output } = layersText(draw, input);
  const rows = draw.from(1, 6);
  // most that classes aren't told by a single output, or by one a step
  const classes = output.at(-1)! > 1 || draw.chance(0.03);
  const some = LOSSES.filter(
    ([name]) => !/softmax|sequence/.test(name) || (classes && (output.length === 2) === /sequence/.test(name)),
  );
  const [loss, target] = draw.pick(some);
  const wholes = draw.chance(0.1) || texts.some((text) => text.includes("embedding"));
  const numbers = draw.list(rows * sizeOf(input), () => (wholes ? String(draw.int(3)) : number(draw)));
  const names = draw.chance(0.4) ? [draw.pick(Object.keys(metrics))] : [];
  const figures = names.filter((name) => !/confusion|Report/.test(name)).map((name) => callText(draw, name, 0.02));
  const parts = [
    `loss: ${draw.chance(0.02) ? draw.pick(ODD) : callText(draw, loss, 0.02)}`,
    `optimizer: ${draw.chance(0.02) ? draw.pick(ODD) : callText(draw, draw.pick(Object.keys(optimizers)), 0.02)}`,
    ...(figures.length > 0 ? [`metrics: [${figures.join(", ")}]`] : []),
    ...(draw.chance(0.2) ? [`schedule: ${draw.pick(SCHEDULES)}`] : []),
  ];
  const makes = (text: string): Line => ({ text, kind: "makes" });
  return [
    makes(
      `v.model = await w.sequential({ input: [${input.join(", ")}], seed: ${draw.int(99)}, ...on }, ${texts.join(", ")});`,
    ),
    makes(`v.x = Float32Array.of(${numbers.join(", ")});`),
    makes(`v.y = Float32Array.of(${draw.list(rows, () => target(draw, output)).join(", ")});`),
    makes(`v.weights = [${draw.list(rows, () => draw.pick(["1", "0.5", "0", "2"])).join(", ")}];`),
    makes(`v.trainer = new w.Trainer(v.model, { ${parts.join(", ")} });`),
    ...draw.list(draw.from(2, 9), () => anyLine(draw)),
  ];
}
