// The command `convert`: a model or weights of one kind become a file of another.
import { stoppable } from "../stop.ts";
import { readFileOf } from "../tables/openModel.ts";
import { checkModels, type Checked } from "./checkModels.ts";
import { fileAt, kindOfBytes, targetOf } from "./kinds.ts";
import { doneOfType, type Row } from "./mapping.ts";
import { fillModel, isModelFile, type ReadModel, readModel, type WrittenModel, writeModel } from "./models.ts";
import { checkOptions, type ConvertOptions, type Kind, refusal, type Target } from "./options.ts";
import { checkPlace, type Files, writeFile, writeFolder } from "./output.ts";
import { showConversion } from "./show.ts";
import { readWeights, typeInFile, type Weights, writeWeights } from "./weights.ts";
import { convertFailure } from "./words.ts";

type Write = (line: string) => void;

/** What was done. */
export interface Conversion {
  readonly input: { readonly path: string; readonly kind: Kind; readonly weights?: Weights };
  readonly output: { readonly path: string; readonly target: Target; readonly files: Files; readonly written: boolean };
  readonly model?: ReadModel;
  /** The file of --model. */
  readonly base?: string;
  /** What became of what when it was read, and when it was written. */
  readonly read: readonly Row[];
  readonly write: readonly Row[];
  readonly checked?: Checked;
}

/** Converts a file, and prints what became of what. */
export function convert(input: string, output: string, options: ConvertOptions, write: Write): Promise<void> {
  return stoppable(async (signal) => {
    try {
      const conversion = await converted(input, output, options, signal);
      showConversion(conversion, options, write);
      if (conversion.checked?.passed === false) process.exitCode = 1;
    } catch (error) {
      throw convertFailure(error, signal);
    }
  });
}

async function converted(
  input: string,
  output: string,
  options: ConvertOptions,
  signal: AbortSignal,
): Promise<Conversion> {
  const { target, file } = await targetOf(output, options);
  const path = await fileAt(input);
  await checkPlace(file, target === "tfjs", [
    [input, path],
    ...(options.model === undefined ? [] : [["--model", await fileAt(options.model)] as const]),
    ...(options.check === undefined ? [] : [["--check", options.check] as const]),
  ]);
  const bytes = await readFileOf("convert", path);
  const kind = kindOfBytes(path, bytes);
  const isModel = isModelFile(kind, bytes, path);
  checkOptions(options, { kind, isModel, target, path: input });
  const check = options.check === undefined ? undefined : await readFileOf("convert", options.check);
  signal.throwIfAborted();

  if (!isModel && options.model === undefined) {
    const weights = await readWeights(kind, bytes, path);
    const as = /\.npz$/i.test(file) ? "npz" : "safetensors";
    const content = await writeWeights(weights, as, options.dtype);
    await put(target, file, [[file, content]], signal);
    const rows = Array.from(weights, ([name, { shape, type }]): Row => {
      const done = doneOfType(type, typeInFile(type, as, options.dtype));
      return { there: name, thereShape: shape, here: name, hereShape: shape, done };
    });
    return {
      input: { path: input, kind, weights },
      output: { path: output, target, files: [[file, content]], written: true },
      read: rows,
      write: [],
    };
  }

  let base: string | undefined;
  let read: ReadModel;
  let weights: Weights | undefined;
  if (isModel) read = await readModel(kind, bytes, path, options);
  else {
    base = options.model!;
    const basePath = await fileAt(base);
    const baseBytes = await readFileOf("convert", basePath);
    const baseKind = kindOfBytes(basePath, baseBytes);
    if (!isModelFile(baseKind, baseBytes, basePath)) {
      throw refusal(`--model ${base} has weights alone; give the file of a model, such as saveModel and train write`);
    }
    const { own: _, ...rest } = await readModel(baseKind, baseBytes, basePath, options);
    weights = await readWeights(kind, bytes, path);
    read = { ...rest, rows: fillModel(rest.model, weights, path, options) };
  }
  signal.throwIfAborted();
  const made: WrittenModel = await writeModel(read, target, file, options);
  signal.throwIfAborted();
  const checked = check && (await checkModels({ read, made, kind, bytes, target, check }, options));
  const passed = checked?.passed !== false;
  if (passed) await put(target, file, made.files, signal);
  return {
    input: { path: input, kind, ...(weights ? { weights } : {}) },
    output: { path: output, target, files: made.files, written: passed },
    model: read,
    ...(base === undefined ? {} : { base }),
    read: read.rows,
    write: isNews(made.rows) || read.rows.length === 0 ? made.rows : [],
    ...(checked ? { checked } : {}),
  };
}

/** Does it say more than that all is as it was read? */
const isNews = (rows: readonly Row[]): boolean =>
  rows.some(({ there, here, done }) => done !== "copied" || there !== here);

/** Writes OUT. */
async function put(target: Target, file: string, files: Files, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (target === "tfjs") await writeFolder(file, files);
  else await writeFile(file, files[0]![1]);
}
