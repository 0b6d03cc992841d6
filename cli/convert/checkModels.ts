// `--check`: runs the model that was read, and what is written, on given inputs, and compares their outputs.
import type { Model } from "../../src/index.ts";
import { compare, type Comparison, type Part, readCheck, type Run, splitOutputs } from "./check.ts";
import type { ReadModel, WrittenModel } from "./models.ts";
import type { Text } from "../text.ts";
import { type ConvertOptions, type Kind, refusal, type Target } from "./options.ts";
import { onnxRuntime } from "./onnxRuntime.ts";

/** What was found. */
export interface Checked {
  readonly path: string;
  readonly rows: number;
  /** By how much the outputs of each comparison may differ; without one, by anything: they are rounded. */
  readonly tolerances: Readonly<Partial<Record<Comparison["what"], number>>>;
  readonly comparisons: readonly Comparison[];
  /** The version of ONNX Runtime, if it ran. */
  readonly runtime: string | undefined;
  /** ONNX Runtime could have compared, too, but isn't installed. */
  readonly runtimeLacks: boolean;
  readonly notes: readonly Text[];
  readonly passed: boolean;
}

/** Differences that are the order of sums. */
export const TOLERANCE = 1e-5;

/** What a row of a model's input is made of. */
export const inputsOf = (model: Model, names: readonly string[] = []): Part[] =>
  model.inputs
    ? Object.entries(model.inputs.shapes).map(([name, shape]) => ({ name, shape }))
    : [{ name: (names.length === 1 && names[0]) || "x", shape: model.inputShape }];

/** What a row of a model's output is made of: the outputs by their names, or one, y. */
export function outputsOf({ layers, nodes, outputShape }: Model, given: readonly string[] = []): Part[] {
  let last = layers.at(-1)!;
  while (last.type === "chain" || last.type === "cut") last = last.inner!.at(-1)!;
  const end = nodes.at(-1)!;
  if (last.type !== "outputs") return [{ name: (given.length === 1 && given[0]) || "y", shape: outputShape }];
  const { names } = last.options as { readonly names?: readonly string[] };
  // each was given one axis, and then they were joined
  return [end.from, ...Object.values(end.others)].map((value, i) => ({
    name: given[i] ?? names?.[i] ?? `output${i + 1}`,
    shape: nodes[value]!.input,
  }));
}

/** Are numbers rounded where they are written? */
export const isRounded = ({ dtype, weights }: ConvertOptions): boolean =>
  dtype === "F16" || dtype === "BF16" || weights === "float16" || weights === "int8";

/** Compares. */
export async function checkModels(
  {
    read,
    made,
    kind,
    bytes,
    target,
    check,
  }: { read: ReadModel; made: WrittenModel; kind: Kind; bytes: Uint8Array; target: Target; check: Uint8Array },
  options: ConvertOptions,
): Promise<Checked> {
  const { model } = read;
  const path = options.check!;
  const inputs = inputsOf(model, read.ends?.inputs);
  const outputs = outputsOf(model, read.ends?.outputs);
  const { rows, x, expected } = await readCheck(path, check, inputs, outputs);
  const split = (values: Float32Array): Map<string, Float32Array> => splitOutputs(values, rows, outputs);
  const own = split(predicted(model, x, path));
  const comparisons: Comparison[] = [];
  if (expected.size > 0) comparisons.push(compare("expected", own, expected));
  const notes: Text[] = [];
  let unread: Error | undefined;
  try {
    if (made.readBack) comparisons.push(compare("written", split(await (await made.readBack())(x, rows)), own));
  } catch (error) {
    unread = error as Error;
  }
  const onnx = [
    ...(kind === "onnx" ? [["runtime-in", bytes, read.toFile] as const] : []),
    ...(target === "onnx" ? [["runtime-out", made.files.at(-1)![1], made.toFile] as const] : []),
  ];
  const runtime = onnx.length > 0 ? await onnxRuntime() : undefined;
  for (const [what, file, toFile] of runtime ? onnx : []) {
    try {
      const run: Run = await runtime!.open(file, inputs, outputs, toFile);
      comparisons.push(compare(what, split(await run(x, rows)), own));
    } catch (error) {
      const message = (error as Error).message.replaceAll(/\s+/g, " ");
      if (what === "runtime-out")
        throw refusal(`--check: onnxruntime-node doesn't run what would be written: ${message}`, error);
      // such as one for a certain number of rows
      notes.push({
        en: `onnxruntime-node doesn't run IN on these rows: ${message}`,
        zh: `onnxruntime-node 不能在这些行上运行输入文件：${message}`,
      });
    }
  }
  if (unread) {
    const message = unread.message.replaceAll(/\s+/g, " ");
    // what nobody has run isn't written as checked
    const others = comparisons.some(({ what }) => what === "runtime-out");
    if (!others) throw refusal(`--check: what would be written can't be read back: ${message}`, unread);
    notes.push({ en: `OUT can't be read back here: ${message}`, zh: `这里不能读回输出：${message}` });
  }
  // what is expected of the model that was read has nothing to do with how its weights are written
  const loose = options.tolerance === undefined && isRounded(options);
  const most = options.tolerance ?? TOLERANCE;
  const tolerances = Object.fromEntries(
    comparisons.flatMap(({ what }) => (loose && WRITTEN.has(what) ? [] : [[what, most]])),
  ) as Checked["tolerances"];
  const passed = comparisons.every(({ what, outputs: all }) =>
    all.every(({ measure }) => measure <= (tolerances[what] ?? Infinity)),
  );
  return {
    path,
    rows,
    tolerances,
    comparisons,
    runtime: runtime?.version,
    runtimeLacks: onnx.length > 0 && !runtime,
    notes,
    passed,
  };
}

/** What the model that was read gives; what it can't take is said of the file. */
function predicted(model: Model, x: Float32Array, path: string): Float32Array {
  try {
    return model.predict(x);
  } catch (error) {
    throw refusal(`--check: ${path}: ${(error as Error).message.replace(/^predict: /, "")}`, error);
  }
}

/** Comparisons of what is written. */
const WRITTEN: ReadonlySet<Comparison["what"]> = new Set(["written", "runtime-out"]);
