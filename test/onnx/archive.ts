// ONNX's node tests: one operator each, with inputs and what must come out. They are data beside the project, with ONNX's licence.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Node, readModel, readTensor, type Tensor } from "./proto.ts";

/** One node test. */
export interface Case {
  readonly name: string;
  /** Version of the operators. */
  readonly opset: number;
  readonly node: Node;
  /** In the order of the node's inputs; undefined: left out. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** In the order of the node's outputs; undefined: not asked for. */
  readonly expected: readonly (Tensor | undefined)[];
  /** It has a sequence or an optional value: no tensors are read. */
  readonly other: boolean;
}

export const ARCHIVE = join(import.meta.dirname, "../../../shared/onnx/onnx-node.tar.xz");
const TARGET = join(import.meta.dirname, "../../build/test/onnx");
const FOLDER = join(TARGET, "onnx-node");

/** Unpacks the archive, if that isn't done yet, and names the folders of all node tests. */
export function caseFolders(): readonly string[] {
  if (!existsSync(FOLDER)) {
    mkdirSync(TARGET, { recursive: true });
    const part = mkdtempSync(join(TARGET, "part-"));
    execFileSync("tar", ["-xJf", ARCHIVE, "-C", part]);
    try {
      renameSync(join(part, "onnx-node"), FOLDER);
    } catch (error) {
      // another test file was first
      if (!existsSync(FOLDER)) throw error;
    }
    rmSync(part, { recursive: true });
  }
  const names = readdirSync(FOLDER).filter((name) => name.startsWith("test_"));
  return names.toSorted().map((name) => join(FOLDER, name));
}

export const isThere = (): boolean => existsSync(ARCHIVE);

/** All node tests, by their names. */
export const readCases = (): readonly Case[] => caseFolders().map((folder) => readCase(folder));

function readCase(folder: string): Case {
  const read = (file: string): Uint8Array => readFileSync(join(folder, file));
  const { opset, nodes, inputs, outputs } = readModel(read("model.onnx"));
  const [node, ...more] = nodes;
  if (!node || more.length > 0) throw new RangeError(`${folder}: one node is read, got ${nodes.length}`);
  const other = [...inputs, ...outputs].some(({ type }) => type?.kind !== "tensor");
  const tensors = new Map<string, Tensor>();
  const readAll = (kind: string, names: readonly { readonly name: string }[]): void =>
    names.forEach(({ name }, i) => tensors.set(name, readTensor(read(`test_data_set_0/${kind}_${i}.pb`))));
  if (!other) {
    readAll("input", inputs);
    readAll("output", outputs);
  }
  return {
    name: basename(folder).slice("test_".length),
    opset,
    node,
    inputs: node.inputs.map((name) => tensors.get(name)),
    expected: node.outputs.map((name) => tensors.get(name)),
    other,
  };
}
