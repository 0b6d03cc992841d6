// The files of torchExports.py, which are made once, with what PyTorch computed.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type NpyArray, readNpz } from "../../../src/data.ts";
import { skipsTorch, PYTHON } from "../../support/torch.ts";

const folders = join(import.meta.dirname, "../../../build/test");

/** A file and how it was made. */
export interface TorchExport {
  readonly name: string;
  /** Where it is. */
  readonly folder: string;
  /** The network. */
  readonly kind: string;
  readonly opset: number;
  /** Is the number of rows open? */
  readonly dynamic: boolean;
  /** Did the exporter compute what depends on constants alone? */
  readonly fold: boolean;
  /** Does it have nodes of batch norms, as for training? */
  readonly preserve: boolean;
  readonly inputs: readonly { readonly type: "float" | "ids"; readonly rows: number }[];
  readonly outputs: number;
}

/** Numbers that went in and came out, for some number of rows. */
export interface TorchRows {
  readonly rows: number;
  readonly x: readonly NpyArray[];
  readonly y: readonly NpyArray[];
}

/** Makes the files if a part of the program that makes them is newer. */
function makeFiles(folder: string, words: readonly string[]): void {
  const sources = readdirSync(import.meta.dirname).filter((name) => /^torch.*\.py$/.test(name));
  const changed = Math.max(...sources.map((name) => statSync(join(import.meta.dirname, name)).mtimeMs));
  const index = join(folder, "index.json");
  if (existsSync(index) && statSync(index).mtimeMs > changed) return;
  const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const program = join(import.meta.dirname, "torchExports.py");
  execFileSync(PYTHON, [program, folder, ...words], { stdio: "pipe", env: environment });
}

/** Files of a folder that is made of what the program is told; none where PyTorch isn't installed. */
function filesOf(name: string, words: readonly string[]): readonly TorchExport[] {
  if (skipsTorch) return [];
  const folder = join(folders, name);
  makeFiles(folder, words);
  const { files } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { files: TorchExport[] };
  return files.map((file) => ({ ...file, folder }));
}

/** Files of the networks that are written down. */
export const torchExports = (): readonly TorchExport[] => filesOf("torchExports", []);

/** Files of networks with sizes at random. */
export const randomExports = (seed: number, count: number): readonly TorchExport[] =>
  filesOf(`torchRandom-${seed}-${count}`, ["--random", String(seed), String(count)]);

/** The bytes of a file. */
export const torchBytes = ({ name, folder }: TorchExport): Uint8Array =>
  Uint8Array.from(readFileSync(join(folder, `${name}.onnx`)));

/** What it was exported with, and what PyTorch gives for another number of rows. */
export async function torchRows(file: TorchExport): Promise<readonly [own: TorchRows, other: TorchRows]> {
  const { name, folder, inputs, outputs } = file;
  const arrays = await readNpz(join(folder, `${name}.npz`));
  const of = (prefix: string): TorchRows => {
    const x = inputs.map((_, at) => arrays.get(`${prefix}x${at}`)!);
    return { rows: x[0]!.shape[0]!, x, y: Array.from({ length: outputs }, (_, at) => arrays.get(`${prefix}y${at}`)!) };
  };
  return [of(""), of("b")];
}
