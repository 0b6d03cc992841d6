// What `convert` prints.
import { basename } from "node:path";
import { bad, bold, dim, good, table } from "../draw.ts";
import { columns, prose, wrap } from "../layout.ts";
import { type Text, voice, type Voice } from "../text.ts";
import { version } from "../version.ts";
import type { Comparison, Difference } from "./check.ts";
import { type Checked, TOLERANCE } from "./checkModels.ts";
import type { Conversion } from "./convert.ts";
import { KINDS } from "./kinds.ts";
import { DONE, type Row } from "./mapping.ts";
import { mappingTable } from "./mappingTable.ts";
import type { ConvertOptions } from "./options.ts";
import type { Weights } from "./weights.ts";

type Write = (line: string) => void;

const count = (n: number): string => n.toLocaleString("en-US");
const counted = (n: number, one: string, zh: string): Text => ({
  en: `${count(n)} ${one}${n === 1 ? "" : "s"}`,
  zh: `${count(n)} ${zh}`,
});

const numbersOf = (weights: Weights): number => [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);

/** Bytes in a unit that is readable. */
export const bytesText = (bytes: number): string =>
  bytes < 1000
    ? `${bytes} bytes`
    : bytes < 1e6
      ? `${Number((bytes / 1e3).toPrecision(3))} kB`
      : bytes < 1e9
        ? `${Number((bytes / 1e6).toPrecision(3))} MB`
        : `${Number((bytes / 1e9).toPrecision(3))} GB`;

/** A difference in two digits. */
const small = (value: number): string =>
  value === 0
    ? "0"
    : value === Infinity
      ? "∞"
      : value >= 0.01
        ? String(Number(value.toPrecision(2)))
        : value.toExponential(1);

/** A tolerance as it is written in a shell. */
const limit = (value: number): string => (value > 0 && value < 0.001 ? value.toExponential() : String(value));

/** Prints what was done: for people, or as one JSON document. */
export function showConversion(conversion: Conversion, options: ConvertOptions, write: Write): void {
  if (options.json === true) return write(JSON.stringify(documentOf(conversion), undefined, 2));
  const speaker = voice(options.lang, write, bold);
  const line = (head: Text | string, text: Text): void =>
    write(prose(`${bold(typeof head === "string" ? head : speaker.of(head))}  ${speaker.of(text)}`));
  const { input, output, model, base, read, write: written, checked } = conversion;
  line(input.path, aboutInput(conversion));
  if (model && base !== undefined) line(base, { en: `takes them: ${aboutModel(conversion).en}`, zh: `接收这些权重：${aboutModel(conversion).zh}` }); // prettier-ignore
  for (const note of model?.notes ?? [])
    write(wrap(`  ${dim("·")} ${speaker.of(note)}`, Math.min(100, columns()), "    "));
  const here = base ?? (/^(?:safetensors|npz)$/.test(output.target) ? output.path : "wasmgrad");
  const from = basename(input.path);
  if (read.length > 0) {
    write("");
    write(mappingTable(read, [from, model ? basename(here) : basename(output.path)], speaker));
    write(dim(sumsText(read, speaker)));
  }
  if (written.length > 0) {
    write("");
    write(
      mappingTable(written, [model && read.length === 0 ? from : "wasmgrad", basename(output.path)], speaker, true),
    );
    write(dim(sumsText(written, speaker)));
  }
  write("");
  if (checked) showCheck(checked, options, speaker, write);
  showOutput(conversion, speaker, write);
}

/** How many lines there are of each kind. */
function sumsText(rows: readonly Row[], { of }: Voice): string {
  const sums = new Map<string, number>();
  const tensors = rows.filter(({ done }) => done !== "layer");
  for (const { done } of tensors) sums.set(of(DONE[done]), (sums.get(of(DONE[done])) ?? 0) + 1);
  const parts = Array.from(sums, ([name, n]) => `${count(n)} ${name}`);
  const layers = rows.length - tensors.length;
  const all = [
    ...(layers > 0 ? [of(counted(layers, "layer", "层"))] : []),
    of(counted(tensors.length, "tensor", "个张量")),
  ];
  const colon = of({ en: ": ", zh: "：" });
  const comma = of({ en: ", ", zh: "，" });
  return wrap(
    `  ${all.join(comma)}${parts.length > 0 ? colon : ""}${parts.join(comma)}`,
    Math.min(100, columns()),
    "  ",
  );
}

function aboutInput({ input, model, base }: Conversion): Text {
  const { kind, weights } = input;
  const name = KINDS[kind];
  if (weights && (base !== undefined || !model)) {
    const tensors = counted(weights.size, "tensor", "个张量");
    const numbers = counted(numbersOf(weights), "number", "个数");
    return {
      en: `${name.en}, weights alone: ${tensors.en}, ${numbers.en}`,
      zh: `${name.zh}，只有权重：${tensors.zh}，${numbers.zh}`,
    };
  }
  return { en: `${name.en}: ${aboutOf(model!.model).en}`, zh: `${name.zh}：${aboutOf(model!.model).zh}` };
}

const aboutModel = ({ model }: Conversion): Text => aboutOf(model!.model);

function aboutOf(model: NonNullable<Conversion["model"]>["model"]): Text {
  const { layers, parameters, input } = model.summary();
  const [many, numbers] = [counted(layers.length, "layer", "层"), counted(parameters, "parameter", "个参数")];
  const shapes = model.inputs
    ? Object.entries(model.inputs.shapes).map(([name, shape]) => `${name} ${shape.join("x")}`).join(", ") // prettier-ignore
    : input.join("x");
  const to = model.outputShape.join("x");
  return { en: `${shapes} to ${to}, ${many.en}, ${numbers.en}`, zh: `${shapes} → ${to}，${many.zh}，${numbers.zh}` };
}

function showOutput({ output }: Conversion, speaker: Voice, write: Write): void {
  const bytes = output.files.reduce((sum, [, content]) => sum + content.length, 0);
  const name = KINDS[output.target];
  if (!output.written) {
    const why = { en: "not written: the comparison failed", zh: "没有写出：比较没有通过" };
    write(prose(`${bold(output.path)}  ${bad(speaker.of(why))}`));
    return;
  }
  const files = output.files.length > 1 ? speaker.of({ en: `, ${output.files.length} files`, zh: `，${output.files.length} 个文件` }) : ""; // prettier-ignore
  write(prose(`${bold(output.path)}  ${speaker.of(name)}, ${bytesText(bytes)}${files}`));
}

/** What each comparison is called. */
const whatText = (what: Comparison["what"], runtime = ""): Text =>
  ({
    expected: { en: "IN, beside what is expected", zh: "输入，对照期望的输出" },
    written: { en: "OUT, beside IN", zh: "输出，对照输入" },
    "runtime-in": { en: `ONNX Runtime ${runtime} on IN, beside IN`, zh: `ONNX Runtime ${runtime} 运行输入，对照输入` },
    "runtime-out": {
      en: `ONNX Runtime ${runtime} on OUT, beside IN`,
      zh: `ONNX Runtime ${runtime} 运行输出，对照输入`,
    },
  })[what];

/** The comparisons as a table, and what is to be thought of them. */
function showCheck(checked: Checked, options: ConvertOptions, speaker: Voice, write: Write): void {
  const { of } = speaker;
  const { path, rows, comparisons, runtime, runtimeLacks, notes } = checked;
  const about = counted(rows, "row", "行");
  write(prose(`${bold(of({ en: "Check", zh: "检验" }))}  ${path}${of({ en: ", ", zh: "，" })}${of(about)}`));
  write("");
  const several = comparisons.some(({ outputs }) => outputs.length > 1);
  const head = ["", of({ en: "worst difference", zh: "最大差" }), of({ en: "relative", zh: "相对差" })];
  const cells = comparisons.flatMap(({ what, outputs }) =>
    outputs.map((each) => [
      `${of(whatText(what, runtime))}${several ? `: ${each.output}` : ""}`,
      each.equal ? of({ en: "none: bits equal", zh: "无：逐位相同" }) : small(each.absolute),
      each.equal ? "" : small(each.relative),
    ]),
  );
  write(table(head, fittedCells(cells)));
  for (const note of notes) write(wrap(`  ${dim("·")} ${of(note)}`, Math.min(100, columns()), "    "));
  if (runtimeLacks) {
    const text = {
      en: "onnxruntime-node isn't installed here, so ONNX Runtime itself was not asked (npm install onnxruntime-node).",
      zh: "这里没有安装 onnxruntime-node，所以没有用 ONNX Runtime 本身比较（npm install onnxruntime-node）。",
    };
    write(wrap(`  ${dim("·")} ${of(text)}`, Math.min(100, columns()), "    "));
  }
  write("");
  write(prose(verdict(checked, options, speaker)));
  write("");
}

/** The first cells, in as many lines as they need: the others stand beside the last. */
function fittedCells(cells: readonly (readonly string[])[]): string[][] {
  const most = columns() - 36;
  return cells.flatMap(([first, ...others]) => {
    const lines = wrap(first!, Math.max(24, most), "  ").split("\n");
    return lines.map((line, i) => [line, ...(i === lines.length - 1 ? others : others.map(() => ""))]);
  });
}

/** The worst of all. */
const worstOf = (outputs: readonly Difference[]): number => Math.max(0, ...outputs.map(({ measure }) => measure));

/** What is to be thought of it. */
export function verdict(checked: Checked, options: ConvertOptions, { of }: Pick<Voice, "of">): string {
  const { comparisons, passed } = checked;
  const strict = comparisons.filter(({ what }) => checked.tolerances[what] !== undefined);
  const worst = Math.max(0, ...strict.map(({ outputs }) => worstOf(outputs)));
  const most = options.tolerance ?? TOLERANCE;
  if (!passed) {
    const text = {
      en: `Differs by up to ${small(worst)}, more than the tolerance of ${limit(most)}.`,
      zh: `差至 ${small(worst)}，超过容许的 ${limit(most)}。`,
    };
    return `${bold(of({ en: "Verdict", zh: "结论" }))}  ${bad(of(text))}`;
  }
  const parts: string[] = [];
  const loose = comparisons.filter(({ what }) => checked.tolerances[what] === undefined);
  if (strict.length > 0) {
    const equal = strict.every(({ outputs }) => outputs.every((each) => each.equal));
    const limited = limit(most);
    parts.push(
      of(
        loose.length > 0
          ? {
              en: `IN gives what is expected within ${limited}: at most ${small(worst)} apart.`,
              zh: `输入的输出在 ${limited} 之内符合期望：最多差 ${small(worst)}。`,
            }
          : equal
            ? { en: "The same, to the bit.", zh: "逐位相同。" }
            : {
                en: `The same within ${limit(most)}: at most ${small(worst)} apart.`,
                zh: `在 ${limit(most)} 之内相同：最多差 ${small(worst)}。`,
              },
      ),
    );
  }
  if (loose.length > 0) {
    const lost = Math.max(0, ...loose.map(({ outputs }) => worstOf(outputs)));
    const type = options.weights ?? options.dtype!;
    parts.push(
      of({
        en: `Weights were rounded to ${type}: what is written is up to ${small(lost)} apart; --tolerance makes a limit of it.`,
        zh: `权重舍入成了 ${type}：写出的模型最多差 ${small(lost)}；用 --tolerance 可以设一个限度。`,
      }),
    );
  }
  return `${bold(of({ en: "Verdict", zh: "结论" }))}  ${good(parts.join(" "))}`;
}

/** The JSON document. */
function documentOf(conversion: Conversion): object {
  const { input, output, model, base, read, write, checked } = conversion;
  const rowOf = ({ there, thereShape, here, hereShape, done }: Row): object => ({
    file: there,
    fileShape: thereShape ?? null,
    model: here,
    modelShape: hereShape ?? null,
    done,
  });
  return {
    title: `${input.path} to ${output.path}`,
    command: "convert",
    version,
    input: {
      kind: input.kind,
      ...(input.weights ? { tensors: input.weights.size, numbers: numbersOf(input.weights) } : {}),
    },
    output: {
      kind: output.target,
      written: output.written,
      files: output.files.map(([name, content]) => ({ name, bytes: content.length })),
    },
    ...(model ? { model: model.model, notes: model.notes.map(({ en }) => en) } : {}),
    mapping: { read: read.map(rowOf), written: write.map(rowOf) },
    check: checked
      ? {
          rows: checked.rows,
          tolerance: checked.tolerances,
          passed: checked.passed,
          onnxRuntime: checked.runtime ?? null,
          comparisons: checked.comparisons.map(({ what, outputs }) => ({ what, outputs: outputs.map(numbersInJson) })),
          notes: checked.notes.map(({ en }) => en),
        }
      : null,
    files: {
      input: input.path,
      ...(base === undefined ? {} : { model: base }),
      output: output.path,
      ...(checked ? { check: checked.path } : {}),
    },
  };
}

/** JSON has no infinite numbers. */
const numbersInJson = ({ output, equal, absolute, relative, measure }: Difference): object => {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return { output, equal, absolute: finite(absolute), relative: finite(relative), measure: finite(measure) };
};
