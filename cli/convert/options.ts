// What the command `convert` is told.
import type { Language } from "../text.ts";

/** What a file or folder can be. */
export type Kind = "onnx" | "safetensors" | "torch" | "npz" | "tfjs" | "module" | "state-dict";

/** What OUT can be, as `--to` calls it. */
export const TARGETS = ["onnx", "safetensors", "npz", "tfjs", "module", "state-dict"] as const;
export type Target = (typeof TARGETS)[number];

/** Types of the numbers in files of weights. */
export const DTYPES = ["F32", "F16", "BF16"] as const;
/** Types of the weights in a module. */
export const WEIGHTS = ["float32", "float16", "int8"] as const;

/** Where the channels of images are. */
export const LAYOUTS = ["file", "channelsLast", "channelsFirst"] as const;

/** Options of the command `convert`. */
export interface ConvertOptions {
  /** What OUT is, where its name doesn't say. */
  readonly to?: Target;
  /** The file of a model, which takes the weights. */
  readonly model?: string;
  /** PyTorch's modules by the names of layers. */
  readonly names?: Readonly<Record<string, string>>;
  /** What the names of PyTorch's tensors begin with. */
  readonly prefix?: string;
  /** Whose names and layouts the weights have; default: as it looks. */
  readonly source?: "torch" | "wasmgrad";
  /** Tensors that the model hasn't are left out. */
  readonly leaveOthers?: boolean;
  /** Shapes of inputs by their names; of an only one by "". */
  readonly input?: Readonly<Record<string, readonly number[]>>;
  readonly opset?: number;
  readonly layout?: (typeof LAYOUTS)[number];
  readonly dtype?: (typeof DTYPES)[number];
  readonly weights?: (typeof WEIGHTS)[number];
  /** The npz of inputs, and of outputs that are expected. */
  readonly check?: string;
  readonly tolerance?: number;
  readonly json?: boolean;
  readonly lang: Language;
}

/** The end of every message of what can't be used. */
export const refusal = (text: string, cause?: unknown): Error => new Error(`convert: ${text}`, { cause });

/** Refuses options that nothing would come of. */
export function checkOptions(
  options: ConvertOptions,
  { kind, isModel, target, path }: { kind: Kind; isModel: boolean; target: Target; path: string },
): void {
  const { model, names, prefix, source, leaveOthers, opset, layout, dtype, weights, check, tolerance, input } = options;
  const isWeights = target === "npz" || target === "safetensors" || target === "state-dict";
  if (!isModel && model === undefined && (target === "state-dict" || !isWeights)) {
    throw refusal(
      `${path} has weights alone, and ${target === "state-dict" ? "a state dict is made of a model" : "OUT is to be a model"}; --model FILE says which model takes them`,
    );
  }
  if (isModel && model !== undefined) throw refusal(`${path} is a model itself, which takes no --model; leave it out`);
  const takes = model !== undefined;
  const rules: readonly (readonly [option: string, given: boolean, holds: boolean, what: string])[] = [
    ["--names", names !== undefined, takes || target === "state-dict", "weights for --model, and --to state-dict"],
    ["--prefix", prefix !== undefined, takes || target === "state-dict", "weights for --model, and --to state-dict"],
    ["--source", source !== undefined, takes, "weights for --model"],
    ["--leave-others", leaveOthers === true, takes, "weights for --model"],
    ["--input", input !== undefined, kind === "tfjs", "models of TensorFlow.js"],
    ["--opset", opset !== undefined, target === "onnx", "ONNX that is written"],
    ["--layout", layout !== undefined, target === "onnx" || kind === "onnx", "ONNX"],
    ["--dtype", dtype !== undefined, isWeights, "safetensors and npz that are written"],
    ["--weights", weights !== undefined, target === "module", "a JavaScript module that is written"],
    ["--check", check !== undefined, isModel || takes, "models; weights alone compute nothing"],
    ["--tolerance", tolerance !== undefined, check !== undefined, "--check"],
  ];
  for (const [option, given, holds, what] of rules) {
    if (given && !holds) throw refusal(`${option} is for ${what}; leave it out`);
  }
  if (source === "wasmgrad" && (names !== undefined || prefix !== undefined)) {
    throw refusal("--names and --prefix are of PyTorch's names; leave them out, or --source wasmgrad");
  }
}
