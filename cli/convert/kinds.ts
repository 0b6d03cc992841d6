// What files are: by their content where that says it, else by their names.
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Text } from "../text.ts";
import { type ConvertOptions, type Kind, refusal, type Target } from "./options.ts";

/** What each kind is called. */
export const KINDS: Readonly<Record<Kind, Text>> = {
  onnx: { en: "ONNX", zh: "ONNX" },
  safetensors: { en: "safetensors", zh: "safetensors" },
  torch: { en: "PyTorch's", zh: "PyTorch 的文件" },
  npz: { en: "NumPy's npz", zh: "NumPy 的 npz" },
  tfjs: { en: "TensorFlow.js", zh: "TensorFlow.js" },
  module: { en: "a JavaScript module", zh: "JavaScript 模块" },
  "state-dict": { en: "a state dict for PyTorch", zh: "PyTorch 的 state dict" },
};

/** What is read, in words. */
const READ =
  "it reads .onnx, .safetensors, .pt and .pth, .npz, and TensorFlow.js' model.json or the folder that it is in";
const WRITTEN =
  "it writes .onnx, .safetensors, .npz, .mjs and .js, and TensorFlow.js' model.json or a folder for it, " +
  'whose name ends with "/"; --to says it for other names';

const ENDINGS: readonly (readonly [ending: RegExp, kind: Kind])[] = [
  [/\.onnx$/i, "onnx"],
  [/\.(?:safetensors|st)$/i, "safetensors"],
  [/\.(?:pt|pth|ckpt)$/i, "torch"],
  [/\.npz$/i, "npz"],
  [/\.json$/i, "tfjs"],
  [/\.m?js$/i, "module"],
];

const byName = (path: string): Kind | undefined => ENDINGS.find(([ending]) => ending.test(path))?.[1];

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** Files of others that people are likely to give, by how they begin: what they are, and what to do. */
const OTHERS: readonly (readonly [is: (bytes: Uint8Array) => boolean, what: string])[] = [
  [
    (bytes) => ascii(bytes, 1, 4) === "HDF",
    "HDF5, as Keras writes it; save it as ONNX (tf2onnx), or for TensorFlow.js (tensorflowjs_converter)",
  ],
  [
    (bytes) => ascii(bytes, 4, 8) === "TFL3",
    "TensorFlow Lite, which is made for running alone; take the model that it was made of",
  ],
  [(bytes) => ascii(bytes, 0, 4) === "GGUF", "GGUF, of llama.cpp; take the safetensors files that it was made of"],
  [
    (bytes) => bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5,
    "a Python pickle, or a PyTorch file of before 1.6; load it there, and save its state_dict() by torch.save",
  ],
  [(bytes) => ascii(bytes, 0, 6) === "\x93NUMPY", "one array, npy; np.savez writes several with their names"],
  [(bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b, "gzipped; gunzip it first"],
];

/** What a file is that is read. */
export function kindOfBytes(path: string, bytes: Uint8Array): Kind {
  if (ascii(bytes, 0, 2) === "PK") {
    // the names of what is in a zip file are at its end
    const end = Buffer.from(bytes.subarray(-65_536)).toString("latin1");
    if (end.includes("data.pkl")) return "torch";
    return byName(path) === "torch" ? "torch" : "npz";
  }
  const other = OTHERS.find(([is]) => is(bytes));
  if (other) throw refusal(`${path} is ${other[1]}`);
  if (bytes.length > 8 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0) return "safetensors";
  if (/^\s*\{/.test(ascii(bytes, 0, 64).replace("\xef\xbb\xbf", ""))) return "tfjs";
  const named = byName(path);
  if (named === "module")
    throw refusal(`${path} is a program, and models aren't read from these; give the file that it was made of`);
  if (named) return named;
  // the first field of an ONNX file is its version, a small number
  if (bytes[0] === 0x08 && bytes[1]! < 32) return "onnx";
  throw refusal(`it isn't known what ${path} is; ${READ}`);
}

/** The file of a model for TensorFlow.js that a path is of: in it, if it is a folder. */
export async function fileAt(path: string): Promise<string> {
  const known = await stat(path).catch((): undefined => {});
  if (!known?.isDirectory()) return path;
  const file = join(path, "model.json");
  if ((await stat(file).catch((): undefined => {}))?.isFile()) return file;
  throw refusal(`${path} is a folder without a model.json, as TensorFlow.js has it; give a file`);
}

/** What OUT is to be, and where its main file is. */
export async function targetOf(path: string, { to }: ConvertOptions): Promise<{ target: Target; file: string }> {
  const known = await stat(path).catch((): undefined => {});
  const isFolder = known?.isDirectory() === true || /[\\/]$/.test(path);
  if (isFolder) {
    if (to !== undefined && to !== "tfjs") {
      throw refusal(`${path} is a folder, which --to ${to} can't be; give a file's name`);
    }
    return { target: "tfjs", file: join(path, "model.json") };
  }
  const named = byName(path);
  if (named === "torch") {
    throw refusal(
      `${path}: PyTorch's own files aren't written; OUT.safetensors with --to state-dict is what its load_state_dict takes by load_file of safetensors.torch`,
    );
  }
  if (to === "state-dict" && named !== undefined && named !== "safetensors" && named !== "npz") {
    throw refusal(`${path}: a state dict is written as .safetensors or .npz; give OUT such a name`);
  }
  if (to !== undefined) {
    if (to === "tfjs" && named !== "tfjs") return { target: to, file: join(path, "model.json") };
    return { target: to, file: path };
  }
  if (named === undefined) throw refusal(`it isn't known what ${basename(path) || "OUT"} is to be; ${WRITTEN}`);
  return { target: named as Target, file: path };
}
