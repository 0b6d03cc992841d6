// The arguments of the command `convert`.
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ConvertOptions, DTYPES, LAYOUTS, TARGETS, WEIGHTS } from "./options.ts";

/** What the command does. */
export interface ConvertActions {
  convert(input: string, output: string, options: ConvertOptions): void | Promise<void>;
}

/** How words become values, of which the main file has some. */
interface Readers {
  readonly whole: (least: number) => (text: string) => number;
  /** A text below a command's help. */
  readonly below: (text: string) => () => string;
}

/** Collects --names layer=module, with commas between them. */
function names(text: string, before: Record<string, string> = {}): Record<string, string> {
  const pairs = text.split(",").map((pair) => {
    const place = pair.indexOf("=");
    if (place < 1) {
      throw new InvalidArgumentError(
        "It must be a layer and the module that it is in PyTorch, such as dense1=classifier.0, with commas between them.",
      );
    }
    return [pair.slice(0, place).trim(), pair.slice(place + 1).trim()] as const;
  });
  return { ...before, ...Object.fromEntries(pairs) };
}

/** Collects --input 28,28,1 or, of several inputs, --input name=28,28,1. */
function shapes(text: string, before: Record<string, number[]> = {}): Record<string, number[]> {
  const place = text.lastIndexOf("=");
  const sizes = text.slice(place + 1).split(/[,x]/).map((size) => (size.trim() === "" ? NaN : Number(size))); // prettier-ignore
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new InvalidArgumentError(
      "It must be sizes of a row's axes, such as 28,28,1; of several inputs image=28,28,1.",
    );
  }
  return { ...before, [place < 0 ? "" : text.slice(0, place)]: sizes };
}

function tolerance(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= 0) || value === Infinity) {
    throw new InvalidArgumentError("It must be a number of 0 or more, such as 1e-4.");
  }
  return value;
}

const HELP = `
Examples
  npx wasmgrad convert model.onnx model.safetensors
  npx wasmgrad convert model.safetensors model.onnx --check input.npz
  npx wasmgrad convert model.safetensors web/model.json
  npx wasmgrad convert model.safetensors predict.mjs --weights int8
  npx wasmgrad convert weights.pt model.onnx --model base.safetensors
  npx wasmgrad convert model.safetensors state.safetensors --to state-dict

Models are read from ONNX (.onnx), safetensors that wasmgrad wrote, and TensorFlow.js (model.json, or its folder), and written as each of these and
as a JavaScript module that needs nothing else (.mjs, .js). Weights alone are read from PyTorch (.pt, .pth; nothing in them is run), .npz and other
.safetensors, and written as .npz and .safetensors, or put into the model of --model. A model's own weights are written as .npz, or with --to
state-dict by PyTorch's names and in its layouts.

--check has the inputs under the model's names of them, or an only one as x: rows of what the model takes. The model that was read runs, and so does what
is written, read back; onnxruntime-node runs .onnx files, too, where it is installed. Outputs under their names (an only one as y) are compared, too. A
number may differ by the tolerance, times its size where that is more than 1. Weights that were rounded (float16, int8, F16, BF16) have no tolerance
unless one is given: their difference is said.

OUT is written as a whole or not at all: not if something is refused or a comparison fails. What was there is replaced.

The exit code is 0, 1 if something was refused, failed or differs by more than the tolerance, or 130 or 143 if Ctrl-C or kill ended it.`;

const HINT = "npx wasmgrad convert --help says what it takes\n";

/** Adds the command. */
export function addConvertCommand(program: Command, actions: ConvertActions, { whole, below }: Readers): void {
  program
    .command("convert")
    .configureOutput({
      outputError: (text, write) => write(/missing required/.test(text) ? `${text}${HINT}` : text),
    })
    .description(
      "convert models and weights from and to ONNX, safetensors, PyTorch, NumPy, TensorFlow.js, and JavaScript",
    )
    .argument("<in>", "the file, or the folder of a model for TensorFlow.js")
    .argument("<out>", "what is written; its name says what it is")
    .addOption(new Option("--to <kind>", "what OUT is, where its name doesn't say it").choices(TARGETS))
    .option("--model <file>", "of weights alone: the model that takes them")
    .option(
      "--names <layer=module,...>",
      "PyTorch's modules by the model's layers, where the names differ; may be given again",
      names,
    )
    .option("--prefix <text>", 'what the names of PyTorch\'s tensors begin with, such as "model."')
    .addOption(
      new Option(
        "--source <library>",
        "whose names and layouts weights for --model have (default: as it looks)",
      ).choices(["torch", "wasmgrad"]),
    )
    .option("--leave-others", "leave out tensors that --model hasn't")
    .option("--opset <n>", "of ONNX that is written: the version of the operators (default: 17)", whole(1))
    .addOption(
      new Option(
        "--layout <layout>",
        "of ONNX: where the channels of images are; read as in the file, and written channelsLast, by default",
      ).choices(LAYOUTS),
    )
    .addOption(new Option("--dtype <type>", "of .safetensors and .npz: the type of the numbers").choices(DTYPES))
    .addOption(
      new Option("--weights <type>", "of .mjs and .js: the type of the weights (default: float32)").choices(WEIGHTS),
    )
    .option(
      "--input <sizes>",
      "of TensorFlow.js where the file leaves sizes open: a row's, such as 28,28,1; of several inputs name=28,28,1, given again",
      shapes,
    )
    .option("--check <file.npz>", "inputs, with which the outputs of IN and OUT are compared before OUT is written")
    .option("--tolerance <n>", "by how much a number may differ (default: 1e-5)", tolerance)
    .option("--json", "print one JSON document, and nothing else")
    .addOption(new Option("--lang <language>", "language").choices(["en", "zh"]).default("en"))
    .addHelpText("after", below(HELP))
    .action((input: string, output: string, options: ConvertOptions) => actions.convert(input, output, options));
}
