// `activations`: what each layer gives for rows of x, by the weights of now.
import { checkKeys, checkKind, isRecord, kindOf } from "../util/check.ts";
import { flattenRows, type Input } from "../data/samples.ts";
import type { ModelNode } from "../graph/layer.ts";
import { GraphPlan } from "../graph/plan.ts";
import { roomFor } from "../model/forwardPlan.ts";
import { checkModel, type Model } from "../model/model.ts";
import { withWorkspace, type Workspace } from "../runtime/arena.ts";
import { type Program, ProgramBuilder } from "../runtime/program.ts";
import { sizeOf } from "../util/shape.ts";
import { unknownText } from "../util/suggest.ts";

/** What `activations` takes besides x and the names. */
export interface ActivationsOptions {
  /**
   * Where values are written: an array of rows times values for each name, such as the result of the call before; names that it doesn't
   * have get a new array. Without garbage, no call waits for its collection. Default: all are new.
   */
  readonly into?: Readonly<Record<string, Float32Array>>;
}

/** Rows of a pass at most, and numbers that all tensors of a pass should have together: they then stay in the cache. */
const MOST_ROWS = 256;
const MOST_NUMBERS = 1_048_576;

/** A value in a plan's memory. */
interface PlacedValue {
  readonly address: number;
  /** Numbers of a row. */
  readonly size: number;
  /** Where its record ends: what comes after it needn't run. */
  readonly end: number;
}

/** A forward pass that keeps all values apart, so that it serves any names. */
interface LookPlan {
  readonly workspace: Workspace;
  readonly program: Program;
  readonly capacity: number;
  readonly input: number;
  readonly first: number;
  /** By node. */
  readonly values: readonly PlacedValue[];
}

const plans = new WeakMap<Model, LookPlan>();

/**
 * The values that layers compute for x, without a loss or a backward pass: what `predict` computes on its way to the output, by
 * the weights of now (running statistics are used as they are, dropout is left out). The forward pass is made at the first call
 * and kept with the model, so that a page can call it for every frame while the model is trained.
 *
 * Names are those of `trace`: layers with parameters are numbered; layer 1 computes Z1, its activation a1. Every layer also goes by its own name
 * (`dense1`, or what it was given), which is all that layers without a textbook name have. If a layer is called as the book calls another
 * value, the book counts.
 *
 * @param x rows of the model's input shape: arrays, a typed array, or samples
 * @param names which values, such as `["a1", "a2"]`; default all that are computed, by their textbook names
 * @param options.into arrays for the values by name, such as the last call's result; default new ones
 * @returns float32 by name, row by row: rows times the numbers of a row; `into`'s arrays, if they are given
 * @throws {TypeError | RangeError} as `predict` does, before any number is computed; if there is no value of a name, with those that
 * there are; if `into` has an array for another name, of another length, or one that shares memory
 * @example
 * const { Z1, a1 } = activations(model, x); // and the other values
 * const maps = activations(model, x, ["a1"]);
 * trainer.step(x, y);
 * activations(model, x, ["a1"], { into: maps }); // the same arrays, by the weights of now
 * const third = Array.from({ length: 6 }, (_, row) => maps.a1![row * 8 + 2]); // of 8 units, for each of 6 rows
 */
export function activations(
  model: Model,
  x: Input,
  names?: readonly string[],
  options: ActivationsOptions = {},
): Record<string, Float32Array> {
  const where = "activations";
  checkModel(where, "the first argument", model);
  const chosen = chooseNodes(model, names);
  checkKeys(where, options, ["into"]);
  const { into = {} } = options;
  checkKind(isRecord(into), where, "into", "an object of Float32Arrays by name", into);
  const keys = chosen.map(([name]) => name);
  const other = Object.keys(into).find((key) => !keys.includes(key));
  if (other !== undefined) throw new RangeError(`${where}: into: ${unknownText("name", other, keys)}`);
  const flat = flattenRows(x, model.inputShape, where, "x");
  const { rows } = flat;
  model.refuse(where, false);
  const all = chosen.map(([name, { index, output }]) => {
    const size = sizeOf(output);
    const given = Object.hasOwn(into, name) ? into[name] : undefined;
    if (given === undefined) return { name, index, size, given };
    checkKind(kindOf(given) === "Float32Array", where, `into.${name}`, "a Float32Array", given);
    if (given.length !== rows * size) {
      throw new RangeError(
        `${where}: into.${name} must have ${rows * size} numbers (rows times values: ${rows} x ${size}), got ${given.length}`,
      );
    }
    if (overlap(given, flat.data)) {
      throw new RangeError(
        `${where}: into.${name} and x share memory, so that rows would be overwritten before they are read`,
      );
    }
    return { name, index, size, given };
  });
  for (const [i, { name, given }] of all.entries()) {
    const twin = all.slice(0, i).find((before) => given && before.given && overlap(given, before.given));
    if (twin) throw new RangeError(`${where}: into.${twin.name} and into.${name} share memory; give each its own`);
  }
  const { arena } = model.core;
  const plan = planFor(model, rows);
  const load = (row: number): number => {
    const some = Math.min(plan.capacity, rows - row);
    model.loadRows(flat, row, some, plan.input, where);
    return some;
  };
  // everything is checked before the first number is computed
  for (let row = 0; row < rows; row += plan.capacity) load(row);
  model.checkRules(flat, where);
  const results = all.map((value) => ({ ...value, to: value.given ?? roomFor(rows * value.size, where) }));
  const last = Math.max(plan.first, ...all.map(({ index }) => plan.values[index]!.end));
  for (let row = 0; row < rows; row += plan.capacity) {
    const some = rows > plan.capacity ? load(row) : rows;
    plan.program.run({ first: plan.first, last }, some);
    for (const { index, size, to } of results) {
      to.set(arena.floats(plan.values[index]!.address, some * size), row * size);
    }
  }
  return Object.fromEntries(results.map(({ name, to }) => [name, to]));
}

/** Do two arrays have a byte in common? */
const overlap = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;

/** The nodes whose values are asked for, by the names that they have in the result. */
function chooseNodes(model: Model, names: readonly string[] | undefined): [string, ModelNode][] {
  const { nodes } = model;
  // the first of a name counts, and the book's names before those of layers
  const known = new Map<string, ModelNode>();
  const know = (name: string, node: ModelNode): unknown => known.has(name) || known.set(name, node);
  for (const node of nodes) if (node.outputName !== node.name) know(node.outputName, node);
  const textbook = [...known.keys()];
  for (const node of nodes) know(node.name, node);
  if (names === undefined) {
    const computed = nodes.filter(({ layer }) => layer.kernel !== undefined && !layer.trainingOnly);
    const shown = computed.filter((node) => known.get(node.outputName) === node);
    return (shown.length > 0 ? shown : nodes).map((node) => [node.outputName, node]);
  }
  const isList = Array.isArray(names) && [...names].every((name: unknown) => typeof name === "string");
  const advice = typeof names === "string" ? `; give [${JSON.stringify(names)}]` : undefined;
  checkKind(isList, "activations", "names", "an array of strings", names, advice);
  if (names.length === 0) throw new RangeError("activations: names is empty; leave it out for all values");
  return [...new Set(names)].map((name) => {
    const node = known.get(name);
    if (!node) {
      const others = [...known.keys()].filter((other) => !textbook.includes(other));
      throw new RangeError(`activations: ${unknownText("value", name, [...textbook, ...others])}`);
    }
    return [name, node];
  });
}

/** A plan for so many rows: the last one, if it can be used again. */
function planFor(model: Model, rows: number): LookPlan {
  const perRow = model.nodes.reduce((sum, { output }) => sum + sizeOf(output), sizeOf(model.inputShape));
  const capacity = Math.min(rows, MOST_ROWS, Math.max(1, Math.floor(MOST_NUMBERS / perRow)));
  const old = plans.get(model);
  if (old && old.capacity >= capacity) return old;
  old?.workspace.free();
  plans.delete(model);
  const plan = makePlan(model, capacity);
  plans.set(model, plan);
  return plan;
}

function makePlan(model: Model, capacity: number): LookPlan {
  const { core, nodes, inputShape } = model;
  return withWorkspace(core.arena, model, "activations", (workspace) => {
    const builder = new ProgramBuilder(core, workspace, model.seed);
    const gradientOffset = (): number => 0;
    const graph = new GraphPlan(builder, {
      nodes,
      inputShape,
      capacity,
      training: false,
      separate: true,
      gradientOffset,
    });
    graph.addForward();
    const { records, range } = builder.finish();
    const input = graph.input.address;
    const values: PlacedValue[] = [];
    const written = new Map(records.map((record) => [record.layer, record]));
    for (const { index, from, output } of nodes) {
      const record = written.get(index);
      // a layer that computes nothing passes on what it reads
      const { address, end } = record
        ? { address: record.writes[0]!.address, end: record.end }
        : (values[from] ?? { address: input, end: 0 });
      values.push({ address, end, size: sizeOf(output) });
    }
    return { workspace, program: builder.program, capacity, input, first: range(0).first, values };
  });
}
