// From a file's graph to a model's layers, in these steps:
// 1. readOnnx (src/formats): bytes to a graph as it is written.
// 2. WorkGraph: a copy whose nodes can be replaced, with shapes. Of a file for any number of rows there are two, for 61 and 67 rows.
// 3. foldGraph: what follows from constants and shapes is computed; constants that differ between the two depend on the rows.
// 4. PATTERNS, after each of two foldings: nodes that spell one operator out (a norm, a GELU, a softmax) become that operator.
// 5. channelValues: which values have their channels as axis 1, if the model is to have them last.
// 6. operatorOf(node), in order: each node adds steps to the Builder. Values are views, whose axes are made of atoms, so that Transpose
//    and Reshape cost nothing; a step says how it wants its values to lie. A product behind a softmax becomes an attention.
// 7. emit: the steps that outputs depend on become layers, with permute and reshape where a value lies otherwise than wanted.
// 8. modelOf: the layers become a model; weights are copied into its memory.
import { readOnnx } from "../../../formats/onnxFile.ts";
import type { OnnxModel, OnnxValue } from "../../../formats/onnxTypes.ts";
import { inputsOf } from "../../../nn/composites/inputs.ts";
import { type Model, modelOf, type ModelOptions } from "../../../model/model.ts";
import { valueText } from "../../../util/check.ts";
import type { Shape } from "../../../util/shape.ts";
import type { OnMapped } from "../../mapped.ts";
import { optionError } from "../../optionError.ts";
import { OnnxGraphError } from "../onnxError.ts";
import { channelValues } from "./channels.ts";
import { axisSize } from "./layers/atoms.ts";
import { atom, Builder } from "./layers/builder.ts";
import { layersByStep } from "./layers/byStep.ts";
import { emit, liveSteps } from "./layers/emit.ts";
import { operatorOf } from "./layers/operators.ts";
import { rowShape, use } from "./layers/steps.ts";
import { foldGraph, markRows } from "./fold/fold.ts";
import { lastResorts, PATTERNS } from "./patterns/index.ts";
import { tell } from "./told.ts";
import { WorkGraph, type WorkNode } from "./workGraph.ts";
import { atNode, errorOfFile, errorOfNode, oddNode } from "./nodeErrors.ts";
import type { Atom, Ref, Use } from "./layers/types.ts";

/** How images are laid out in the model's input and output. */
export type OnnxLayout = "file" | "channelsLast";

/** What `fromOnnx` was asked for. */
export interface Reading {
  readonly layout: OnnxLayout;
  readonly trainable: boolean;
  /** What messages call the file. */
  readonly name: string;
  /** Is told what became of what. */
  readonly onMapped?: OnMapped | undefined;
  readonly options: Pick<ModelOptions, "core" | "threads" | "createWorker">;
}

/** Any number of rows is worked out as this prime: nothing else in a file is a multiple of it but by chance. */
const ROWS = 1_000_003;

/** Two numbers of rows: what is the same for both is the same for any. */
const TRIED = [61, 67] as const;

/** The newest version of the operators whose meaning is known here. */
const NEWEST = 25;

/** Reads a file and makes its model. */
export async function readGraph(bytes: Uint8Array, reading: Reading): Promise<Model> {
  const { name, options } = reading;
  const model = readOnnx(bytes, name);
  checkOpsets(model, name);
  const { input, layers, owners, weights, graph, made } = described(model, reading);
  if (reading.onMapped) tell(reading.onMapped, graph, made, weights);
  try {
    return await modelOf({ input, ...options }, layers);
  } catch (error) {
    const { message } = error as Error;
    const node = oddNode(input, layers, owners, message);
    if (node) throw errorOfNode(graph, node, error);
    if (!message.includes("(layer ")) throw optionError("fromOnnx", error); // or of memory
    throw errorOfFile(name, error);
  } finally {
    // they are in the model's memory now; its layers would keep them
    weights.clear();
  }
}

/** The layers of a file. One for a single row may have it as the second axis, after the steps of a sequence. */
function described(model: OnnxModel, reading: Reading) {
  try {
    return layersOf(model, reading, false);
  } catch (error) {
    const usual = errorOfFile(reading.name, error);
    if (!model.graph.inputs.some(({ type }) => type?.kind === "tensor" && isSecond(type.shape))) throw usual;
    try {
      return layersOf(model, reading, true);
    } catch {
      throw usual; // what is wrong in the file's usual meaning
    }
  }
}

/** Adds the steps of a node all of whose attributes are known. */
function addNode(builder: Builder, node: WorkNode): void {
  const add = operatorOf(builder, node);
  atNode(builder.graph, node, () => add(builder, node));
  node.attributes.unused.forEach((attribute) => {
    throw builder.error(node, "it isn't known for this operator; remove it if it says nothing", attribute);
  });
}

function layersOf(model: OnnxModel, reading: Reading, second: boolean) {
  const { name, trainable } = reading;
  const graph = workedOut(model, name, second);
  const builder = new Builder(graph, ROWS);
  const turned = reading.layout === "channelsLast" ? channelValues(graph) : new Set<string>();
  const inputs = addInputs(builder, name, second, turned);
  const order = graph.ordered();
  const done = new Set<WorkNode>();
  for (const node of order) {
    if (done.has(node)) continue;
    addNode(builder, node);
    for (const each of layersByStep(builder, node, order, addNode) ?? []) done.add(each);
  }
  const outputs = graph.outputs.map((output) => outputOf(builder, output, turned));
  if (outputs.length === 0) throw new OnnxGraphError(name, "the graph has no outputs");
  const live = new Set(
    [...liveSteps(builder.steps, outputs).flatMap(({ uses }) => uses), ...outputs].map(({ ref }) => ref),
  );
  const used = inputs.filter((ref) => live.has(ref));
  if (used.length === 0) throw new OnnxGraphError(name, "no output depends on an input; a model needs one that does");
  const { layers, owners, weights, made } = emit({ graph, steps: builder.steps, outputs, inputs: used, trainable });
  const input = used.length === 1 ? used[0]!.shape : inputsOf(shapesByName(name, used));
  return { input, layers, owners, weights, graph, made };
}

function shapesByName(file: string, refs: readonly Ref[]): Record<string, Shape> {
  const odd = refs.find(({ input }) => /^\d+$/.test(input!));
  if (odd)
    throw new OnnxGraphError(
      file,
      `one of several inputs is called "${odd.input}", a number, which says no order; rename it`,
    );
  return Object.fromEntries(refs.map(({ input, shape }) => [input!, shape]));
}

function checkOpsets({ opsets }: OnnxModel, file: string): void {
  const own = opsets.find(({ domain }) => domain === "" || domain === "ai.onnx");
  const advice = `export it with opset_version=17 to ${NEWEST}`;
  if (!own) {
    const others = opsets.map(({ domain }) => valueText(domain)).join(", ");
    throw new OnnxGraphError(
      file,
      `it doesn't say which opset of ONNX's own operators it has${others && `, only those of ${others}`}; ${advice}`,
    );
  }
  if (own.version < 1)
    throw new OnnxGraphError(file, `its opset must be from 1 to ${NEWEST}, got ${own.version}; ${advice}`);
  if (own.version > NEWEST) {
    throw new OnnxGraphError(
      file,
      `its operators are of opset ${own.version}, but ${NEWEST} is the newest that is known; ${advice}`,
    );
  }
}

/** Largest size of an axis: more numbers of a row than memory holds. */
const MOST_PLACES = 2 ** 30;

/** The size of an axis that is known, of a file for a fixed number of rows too. */
const isFixed = (size: unknown): size is number => typeof size === "number";

/** Shapes of the graph's inputs. */
function shapesOf(inputs: readonly OnnxValue[], file: string) {
  return inputs.map(({ name, type }) => {
    if (type?.kind !== "tensor")
      throw new OnnxGraphError(file, `input "${name}" must be a tensor, got ${type ? `a ${type.kind}` : "no type"}`);
    if (!type.shape) throw new OnnxGraphError(file, `input "${name}" has no shape; export it with one`);
    const odd = type.shape.find((size) => isFixed(size) && !(size >= 1 && size <= MOST_PLACES));
    if (odd !== undefined) {
      throw new OnnxGraphError(file, `input "${name}" must have sizes from 1 to ${MOST_PLACES}, got ${odd}`);
    }
    return { name, shape: type.shape, element: type.element };
  });
}

/** Everything that is known is computed, and what is spelled out in many nodes is one. */
function workedOut(model: OnnxModel, file: string, second: boolean): WorkGraph {
  const plain = new WorkGraph(model, file);
  const first = shapesOf(plain.inputs, file)[0];
  if (!first) throw new OnnxGraphError(file, "the graph has no inputs");
  if (first.shape.length === 0)
    throw new OnnxGraphError(file, `input "${first.name}" is a single number; its first axis must be that of the rows`);
  const rows = first.shape[rowsOfInput(first.shape, second)];
  const work = (count: number): WorkGraph => {
    const graph = new WorkGraph(model, file, count);
    for (const { name, shape } of shapesOf(graph.inputs, file)) {
      const at = rowsOfInput(shape, second);
      const sizes = shape.map((size, axis) => {
        if (axis === at && !isFixed(size)) return count;
        if (isFixed(size)) return size;
        throw new OnnxGraphError(
          file,
          `input "${name}" has an axis ${axis} of any size${size === undefined ? "" : ` (${valueText(size)})`}, but a model is made for one; export it with a size for all axes but that of the rows`,
        );
      });
      graph.setShape(name, sizes);
    }
    for (let round = 0; round < 2; round++) {
      foldGraph(graph);
      for (const pass of PATTERNS) pass(graph);
    }
    lastResorts(graph);
    foldGraph(graph);
    return graph;
  };
  if (isFixed(rows)) return work(rows);
  const [graph, other] = TRIED.map(work) as [WorkGraph, WorkGraph];
  markRows(graph, other);
  return graph;
}

/** Is the second axis that of a single row, after the steps of a sequence? */
const isSecond = (shape: readonly unknown[] | undefined): boolean =>
  shape !== undefined && shape.length > 1 && isFixed(shape[0]) && shape[0] > 1 && shape[1] === 1;

/** The axis of the rows: the first one, or one of any size that only axes of size 1 are before. */
function rowsOfInput(shape: readonly unknown[], second: boolean): number {
  if (second && isSecond(shape)) return 1;
  const open = shape.findIndex((size) => !isFixed(size));
  return open > 0 && shape.slice(0, open).every((size) => size === 1) ? open : 0;
}

/** Makes the values of the model's inputs. */
function addInputs(builder: Builder, file: string, second: boolean, turned: ReadonlySet<string>): Ref[] {
  const { graph, rows } = builder;
  return shapesOf(graph.inputs, file).map(({ name, shape, element }) => {
    const at = rowsOfInput(shape, second);
    if (isFixed(shape[at]) && shape[at] !== graph.rows) {
      const first = graph.inputs[0]!;
      const rowsOf = isFixed(shapesOf([first], file)[0]!.shape[at]) ? String(graph.rows) : "any number";
      throw new OnnxGraphError(
        file,
        `axis ${at} of input "${name}" must be that of the rows, ${rowsOf} as in input "${first.name}", got ${shape[at]}; make it an initializer if it is the same for all rows`,
      );
    }
    const axes: Atom[][] = shape.map((size, axis) => (axis === at ? [rows] : atom(size as number)));
    const groups = channelsLast(
      axes.filter((_, axis) => axis !== at),
      turned.has(name),
    );
    const ref: Ref = { shape: rowShape(groups.map(axisSize)), step: undefined, input: name };
    builder.views.set(name, { ref, axes, stored: groups.flat() });
    if (["string", "complex64", "complex128", "undefined"].includes(element)) {
      throw new OnnxGraphError(
        file,
        `input "${name}" must be of numbers, got ${element === "undefined" ? "no type of them" : element}`,
      );
    }
    return ref;
  });
}

/** The axes of a row with the first of them last. */
const channelsLast = <T>(axes: readonly T[], last: boolean): readonly T[] =>
  last ? [...axes.slice(1), axes[0]!] : axes;

/** How an output must lie. */
function outputOf(
  { views, graph }: Builder,
  { value, from }: WorkGraph["outputs"][number],
  turned: ReadonlySet<string>,
): Use {
  const view = views.get(from);
  const refuse = (why: string): never => {
    throw new OnnxGraphError(graph.file, `output "${value.name}" ${why}`);
  };
  if (!view) return refuse("doesn't depend on any input");
  const at = view.axes.findIndex((axis) => axis.some((each) => each.rows));
  // in a file for one row the row's own axis may be left out
  if (at < 0 && graph.rows === 1) return use(view, channelsLast(view.axes, turned.has(from) && view.axes.length > 1));
  if (at < 0) return refuse("doesn't depend on any input");
  // of a single row, the numbers are one after another wherever its axis is
  const front = graph.rows === 1 ? [] : view.axes.slice(0, at);
  if (view.axes[at]![0]!.rows !== true || front.some((axis) => axis.length > 0)) {
    return refuse(
      `must have the rows as its first axis, but they are axis ${at}; export the model with the rows first (batch_first=True)`,
    );
  }
  const axes = view.axes.flatMap((axis, i) => {
    const own = axis.filter((each) => !each.rows);
    return i <= at && own.length === 0 ? [] : [own];
  });
  return use(view, channelsLast(axes, turned.has(from) && axes.length > 1));
}
