// Files to convert, in a folder of a test: a small network for images, with weights of PyTorch where that is installed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { writeNpz } from "../../src/data.ts";
import { saveModel } from "../../src/files.ts";
import { conv2d, dense, flatten, maxPool2d, type Model, relu, sequential, tanh } from "../../src/index.ts";
import { type Outcome, runCommand, type Running } from "./commands.ts";
import { PYTHON } from "./torch.ts";

/** The network of test/cli/convert.py. */
export const network = (seed = 1): Promise<Model> =>
  sequential(
    { input: [12, 10, 1], seed },
    conv2d(4, { kernelSize: 3, name: "conv1" }),
    relu(),
    maxPool2d({ size: 2 }),
    flatten(),
    dense(6),
    tanh(),
    dense(3),
  );

/** A folder, and the command in it. */
export interface Place {
  readonly folder: string;
  readonly wasmgrad: (args: string, more?: Omit<Running, "cwd">) => Promise<Outcome>;
  /** What the command prints if it does what it is told. */
  readonly output: (args: string, more?: Omit<Running, "cwd">) => Promise<string>;
  readonly json: (args: string) => Promise<Document>;
  /** Names and bytes of all files. */
  readonly state: () => Readonly<Record<string, string>>;
  readonly path: (name: string) => string;
}

/** A line of the mapping. */
interface Row {
  readonly file: string;
  readonly fileShape: readonly number[] | null;
  readonly model: string;
  readonly modelShape: readonly number[] | null;
  readonly done: string;
}

/** The document of --json. */
export interface Document {
  readonly command: string;
  readonly input: { readonly kind: string; readonly tensors?: number };
  readonly output: {
    readonly kind: string;
    readonly written: boolean;
    readonly files: readonly { readonly name: string; readonly bytes: number }[];
  };
  readonly mapping: { readonly read: readonly Row[]; readonly written: readonly Row[] };
  readonly check: null | {
    readonly rows: number;
    readonly passed: boolean;
    readonly tolerance: Readonly<Record<string, number>>;
    readonly onnxRuntime: string | null;
    readonly comparisons: readonly {
      readonly what: string;
      readonly outputs: readonly {
        readonly output: string;
        readonly equal: boolean;
        readonly absolute: number | null;
        readonly relative: number | null;
        readonly measure: number | null;
      }[];
    }[];
    readonly notes: readonly string[];
  };
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a folder, which is removed after the tests of a file. */
export function makePlace(name: string): Place {
  const folder = mkdtempSync(join(tmpdir(), `wasmgrad-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const wasmgrad: Place["wasmgrad"] = (args, more = {}) =>
    runCommand(["convert", ...args.split(" ")], { cwd: folder, ...more });
  const output: Place["output"] = async (args, more) => {
    const { code, out, err } = await wasmgrad(args, more);
    if (code !== 0 || err !== "") throw new Error(`convert ${args} ended with ${code}: ${err}${out}`);
    return out;
  };
  return {
    folder,
    wasmgrad,
    output,
    json: async (args) => JSON.parse(await output(`${args} --json`)) as Document,
    path: (file) => join(folder, file),
    state: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((file) => [file, readFileSync(file, "base64")]),
      ),
  };
}

/** Rows of images, the same every time. */
export const images = (rows: number): Float32Array =>
  Float32Array.from({ length: rows * 120 }, (_, i) => Math.sin(i * 1.7));

/** Puts a model and its inputs into a folder: net.safetensors, other.safetensors of other weights, in.npz, wrong.npz. */
export async function putModel({ path }: Place): Promise<Model> {
  const model = await network();
  await saveModel(model, path("net.safetensors"));
  await saveModel(await network(2), path("other.safetensors"));
  const [x, y] = [images(5), model.predict(images(5))];
  const inputs = { shape: [5, 12, 10, 1], data: x };
  writeFileSync(path("in.npz"), await writeNpz({ x: inputs, y: { shape: [5, 3], data: y } }));
  writeFileSync(path("x.npz"), await writeNpz({ x: inputs }));
  writeFileSync(path("wrong.npz"), await writeNpz({ x: inputs, y: { shape: [5, 3], data: y.map((v) => v + 0.001) } }));
  return model;
}

/** Runs test/cli/convert.py on a folder. */
export const python = (what: "make" | "check", { folder }: Place): string =>
  execFileSync(PYTHON, [join(import.meta.dirname, "../cli/convert.py"), what, folder], { encoding: "utf8" });
