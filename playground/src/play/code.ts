// "Copy as code": a run as a program for Node, which prints the fingerprint that the page has after as many updates.
// It makes what training.ts makes; test/playground/code.test.ts compares the bits.
import type { Text } from "../shell/text.ts";
import { scalingOf } from "./data.ts";
import type { Edit, Edits, MadeData } from "./protocol.ts";
import { DEFAULT, lossOf, outputsOf, type Setup, taskOf, widthsOf } from "./setup.ts";

const LOSSES: Readonly<Record<ReturnType<typeof lossOf>, string>> = {
  bce: "binaryCrossEntropyWithLogits",
  ce: "softmaxCrossEntropy",
  hinge: "hinge",
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  huber: "huber",
};

/** A call as a program has it: name({ key: value }). */
interface Call {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean>> | string;
}

const call = (name: string, options: Call["options"] = {}): Call => ({ name, options });

function callText({ name, options }: Call): string {
  if (typeof options === "string") return `${name}(${options})`;
  const parts = Object.entries(options).map(([key, value]) => `${key}: ${value}`);
  return parts.length > 0 ? `${name}({ ${parts.join(", ")} })` : `${name}()`;
}

function optimizerOf({ optimizer, rate: learningRate, momentum, beta1, beta2 }: Setup): Call {
  const betas = {
    ...(beta1 === DEFAULT.beta1 ? {} : { beta1 }),
    ...(beta2 === DEFAULT.beta2 ? {} : { beta2 }),
  };
  switch (optimizer) {
    case "momentum":
      return call("sgd", { learningRate, momentum });
    case "nesterov":
      return call("sgd", { learningRate, momentum, nesterov: momentum > 0 });
    case "adam":
    case "adamw":
      return call(optimizer, { learningRate, ...betas });
    case "amsgrad":
      return call("adam", { learningRate, ...betas, amsgrad: true });
    default:
      return call(optimizer, { learningRate });
  }
}

function scheduleOf({ schedule: { name, length } }: Setup): Call | undefined {
  switch (name) {
    case "none":
      return undefined;
    case "step":
      return call("stepDecay", { stepSize: length });
    case "exponential":
      return call("exponentialDecay", { gamma: 1 - 2.3 / Math.max(3, length) });
    case "cosine":
      return call("cosineDecay", { period: length });
    case "restarts":
      return call("cosineWarmRestarts", { period: length });
    case "warmup":
      return call("linearWarmup", { length });
    case "cycle":
      return call("oneCycle", { length });
  }
}

/** The library's data set that `data.ts` takes; undefined: there is none. */
function pointsOf({ data, classes, noise, dataSeed: seed, rows }: Setup): Call | undefined {
  const test = Math.max(10, rows >> 1);
  const options = { rows: rows + test, noise, seed, test };
  switch (data) {
    case "and":
    case "or":
    case "xor":
      return call("gate", `"${data}"`);
    case "circles":
    case "moons":
      return call(data, options);
    case "spirals":
    case "gaussians":
      return call(data, classes === 2 ? options : { ...options, classes });
    case "clusters":
      return call("xor", options);
    case "sine":
    case "cubic":
    case "abs":
      return call(
        "above",
        `"${data}", { ${Object.entries(options)
          .map(([key, value]) => `${key}: ${value}`)
          .join(", ")} }`,
      );
    default:
      return undefined;
  }
}

/** A float32 with as few digits as give the same bits. */
export function digitsOf(v: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === v) return Object.is(v, -0) ? "-0" : text;
  }
  return String(v);
}

/** Numbers as a list; whole ones of a part where all are such. */
function listOf(values: ArrayLike<number>): string {
  const all = Array.from(values);
  const whole = (part: number): boolean => all.every((v) => Number.isInteger(v * part) && Math.abs(v * part) < 1e6);
  if (all.length > 16 && !whole(1) && whole(4096))
    return `[${all.map((v) => v * 4096).join(", ")}].map((v) => v / 4096)`;
  return `[${all.map(digitsOf).join(", ")}]`;
}

/** Lines that give x and y as they are trained on. */
function dataLines(
  setup: Setup,
  { x, y }: Pick<MadeData, "x" | "y">,
  loss: string,
): { lines: string[]; from?: string } {
  const points = pointsOf(setup);
  const [rawX, rawY] = [setup.normalise ? "points" : "x", loss === "hinge" ? "labels" : "y"];
  const lines = points
    ? [`const { x${rawX === "x" ? "" : `: ${rawX}`}, y${rawY === "y" ? "" : `: ${rawY}`} } = ${callText(points)};`]
    : [
        `const ${rawX} = Float32Array.from(${listOf(x)}); // x1, x2 of ${y.length} points`,
        `const ${rawY} = ${listOf(y)};`,
      ];
  if (setup.normalise) {
    const [first, second] = scalingOf(setup, x);
    lines.push(
      `const [mean, scale] = [[${first!.mean}, ${second!.mean}], [${first!.scale}, ${second!.scale}]];`,
      `const x = points.map((v, i) => (v - mean[i % 2]) * scale[i % 2]);`,
    );
  }
  if (loss === "hinge") lines.push("const y = labels.map((label) => 2 * label - 1);");
  return points ? { lines, from: points.name } : { lines };
}

/** What was set by hand on the way, as a function that is called after each update. */
function editLines(setup: Setup, edits: readonly Edit[]): string[] {
  const widths = widthsOf(setup);
  const listed = edits.map(({ at, index, value }) => {
    let [place, layer] = [index, 1];
    const size = (): number => (widths[layer - 1]! + 1) * widths[layer]!;
    for (; place >= size(); layer++) place -= size();
    const weights = widths[layer - 1]! * widths[layer]!;
    const name = place < weights ? `"dense${layer}.weight", ${place}` : `"dense${layer}.bias", ${place - weights}`;
    return `[${at}, ${name}, ${digitsOf(Math.fround(value))}]`;
  });
  return [
    `const edits = [${listed.join(", ")}]; // after so many updates: a parameter, the place in it, its new value`,
    `const edit = () => {`,
    `  for (const [at, name, place, value] of edits) {`,
    `    const parameter = model.parameters().find((one) => one.name === name);`,
    `    if (at === trainer.updates) parameter.set(parameter.get().fill(value, place, place + 1));`,
    `  }`,
    `};`,
    ...(edits.some(({ at }) => at === 0) ? [`edit();`] : []),
  ];
}

/**
 * The program of a run after so many updates; undefined: there are no points to train on.
 *
 * @param data the points as the worker says them
 * @param edits what was set by hand
 */
export function codeOf(
  setup: Setup,
  data: Pick<MadeData, "x" | "y">,
  updates: number,
  edits: Edits = [],
): string | undefined {
  const rows = data.y.length;
  if (rows === 0) return undefined;
  const loss = lossOf(setup);
  const points = dataLines(setup, data, loss);
  const used = new Set<string>(["dense", "sequential", "Trainer", LOSSES[loss]]);
  const use = (text: string): string => {
    used.add(/^\w+/.exec(text)![0]);
    return text;
  };
  const initializer =
    setup.initializer === "glorotUniform" ? [] : [`kernelInitializer: ${use(`${setup.initializer}()`)}`];
  const penalty = setup.l2 > 0 ? use(`l2(${setup.l2})`) : setup.l1 > 0 ? use(`l1(${setup.l1})`) : undefined;
  const options = [...initializer, ...(penalty ? [`kernelRegularizer: ${penalty}`] : [])];
  const dense = (units: number): string => (options.length > 0 ? `dense(${units}, options)` : `dense(${units})`);
  const layers = [
    ...setup.layers.map(({ units, activation }) =>
      [
        dense(units),
        ...(activation === "linear" ? [] : [use(`${activation}()`)]),
        ...(setup.dropout > 0 ? [use(`dropout(${setup.dropout})`)] : []),
      ].join(", "),
    ),
    [dense(outputsOf(setup)), ...(loss === "mse" && taskOf(setup) === "binary" ? [use("sigmoid()")] : [])].join(", "),
  ];
  const schedule = scheduleOf(setup);
  const training = [
    `loss: ${LOSSES[loss]}()`,
    `optimizer: ${use(callText(optimizerOf(setup)))}`,
    ...(schedule ? [`schedule: ${use(callText(schedule))}`] : []),
  ];
  const batchSize = setup.batch === 0 ? rows : Math.min(setup.batch, rows);
  const batches = Math.ceil(rows / batchSize);
  const epochs = Math.ceil(updates / batches);
  const callbacks = [
    ...(edits?.some(({ at }) => at > 0) ? ["{ onBatchEnd: edit }"] : []),
    ...(updates % batches === 0 ? [] : ["stop"]),
  ];
  const fit = [
    `epochs: ${epochs}`,
    `batchSize: ${batchSize}`,
    "progress: false",
    ...(callbacks.length > 0 ? [`callbacks: [${callbacks.join(", ")}]`] : []),
  ].join(", ");
  const body = [
    ...points.lines,
    ...(options.length > 0 ? [`const options = { ${options.join(", ")} };`] : []),
    `const model = await sequential(`,
    `  { input: 2, seed: ${setup.seed} },`,
    ...layers.map((line) => `  ${line},`),
    `);`,
    ...(setup.weights.length > 0
      ? [
          `const weights = ${listOf(setup.weights)};`,
          `for (const parameter of model.parameters()) parameter.set(weights.splice(0, parameter.size));`,
        ]
      : []),
    `const trainer = new Trainer(model, {`,
    ...training.map((line) => `  ${line},`),
    `});`,
    ...(edits && edits.length > 0 ? editLines(setup, edits) : []),
    ...(updates % batches === 0
      ? []
      : [`const stop = { onBatchEnd: (batch, logs, run) => void (trainer.updates === ${updates} && run.stop()) };`]),
    ...(updates > 0 ? [`await trainer.fit({ x, y }, { ${fit} });`] : []),
    `console.log(model.fingerprint());`,
  ];
  const names = [...used].toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const imports = [
    `import { ${names.join(", ")} } from "wasmgrad";`,
    ...(points.from ? [`import { ${points.from} } from "wasmgrad/datasets";`] : []),
  ];
  return `${[...imports, "", ...body].join("\n")}\n`;
}

/** How to run it. */
export const HOW: Text = {
  en: "Save it as play.mjs, then: npm install wasmgrad && node play.mjs",
  zh: "存为 play.mjs，然后运行：npm install wasmgrad && node play.mjs",
};
