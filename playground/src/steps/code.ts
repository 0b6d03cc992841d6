// The same as a program for Node, which prints the page's fingerprint.
import {
  ACTIVATIONS,
  BATCH,
  type FixedRows,
  isInTurn,
  type Plan,
  readRuns,
  rowNumbers,
  type RowsChoice,
  rowsOf,
  type Run,
  sizesOf,
  turnsOf,
} from "./nets.ts";

const LOSS = {
  bce: "binaryCrossEntropy",
  ce: "softmaxCrossEntropy",
  mse: "meanSquaredError",
  mae: "meanAbsoluteError",
  huber: "huber",
  hinge: "hinge",
} as const;

const OPTIMIZER = {
  sgd: ["sgd", ""],
  momentum: ["sgd", ", momentum: 0.9"],
  nesterov: ["sgd", ", momentum: 0.9, nesterov: true"],
  adam: ["adam", ""],
  adamw: ["adamw", ""],
  amsgrad: ["adam", ", amsgrad: true"],
  rmsprop: ["rmsprop", ""],
  adagrad: ["adagrad", ""],
  adadelta: ["adadelta", ""],
} as const;

/** Rows that an update uses, as an expression. */
function taken(name: string, rows: FixedRows, count: number): string {
  if (rows === "all") return name;
  const numbers = rowNumbers(rows, count);
  return `${name}.slice(${numbers[0]}, ${numbers.at(-1)! + 1})`;
}

/** Runs as loops; what is in turn goes on where it was. */
function loops(runs: readonly Run[], count: number): string[] {
  const made = new Map<RowsChoice, number>();
  return runs.map(({ count: updates, rows }) => {
    const before = made.get(rows) ?? 0;
    made.set(rows, before + updates);
    if (!isInTurn(rows))
      return `for (let i = 0; i < ${updates}; i++) trainer.step(${taken("x", rows, count)}, ${taken("y", rows, count)});`;
    const size = rows === "turn" ? 1 : BATCH;
    const at = `(i % ${turnsOf(rows, count)})${size === 1 ? "" : ` * ${size}`}`;
    return [
      `for (let i = ${before}; i < ${before + updates}; i++) {`,
      `  const at = ${at};`,
      `  trainer.step(x.slice(at, at + ${size}), y.slice(at, at + ${size}));`,
      "}",
    ].join("\n");
  });
}

/** A program that does what the page did: the network, its weights, its updates. */
export function nodeProgram(plan: Plan, trained: string, weights: Float32Array | undefined): string {
  const { x, y } = rowsOf(plan);
  const hidden = plan.hidden.flatMap(({ units, activation }) => {
    const { name } = ACTIVATIONS[activation];
    return name === "linear" ? [`dense(${units})`] : [`dense(${units})`, `${name}()`];
  });
  const last = [`dense(${sizesOf(plan).at(-1)})`, ...(plan.loss === "bce" || plan.loss === "mse" ? ["sigmoid()"] : [])];
  const [optimizer, options] = OPTIMIZER[plan.optimizer];
  const loss = LOSS[plan.loss];
  const layers = [...hidden, ...last];
  const functions = [...new Set(layers.map((layer) => layer.replace(/\(.*/, "")))];
  const number = (v: number): string => String(v);
  const runs = readRuns(trained, Infinity) ?? [];
  const lines = [
    `import { sequential, Trainer, ${[...functions, loss, optimizer].join(", ")} } from "wasmgrad";`,
    "",
    `const x = [${x.map((row) => `[${row.map(number).join(", ")}]`).join(", ")}];`,
    `const y = [${y.map(number).join(", ")}];`,
    `const model = await sequential({ input: ${x[0]!.length}, seed: ${plan.seed} }, ${layers.join(", ")});`,
    ...(weights
      ? [
          `const weights = [${Array.from(weights, number).join(", ")}]; // as typed`,
          "let at = 0;",
          "for (const parameter of model.parameters()) {",
          "  const size = parameter.shape.reduce((a, b) => a * b, 1);",
          "  parameter.set(Float32Array.from(weights.slice(at, (at += size))));",
          "}",
        ]
      : []),
    `const trainer = new Trainer(model, { loss: ${loss}(), optimizer: ${optimizer}({ learningRate: ${plan.rate}${options} }) });`,
    ...loops(runs, y.length),
    "console.log(model.fingerprint());",
    "",
  ];
  return lines.join("\n");
}
