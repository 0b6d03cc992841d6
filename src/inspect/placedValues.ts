// The values between a step's layers, whose gradients `gradCheck` compares: where they are stored, and their gradients.
import type { AllocatedRecord } from "../runtime/program.ts";
import { INPUT, type ModelNode, type Value } from "../graph/layer.ts";
import type { Model } from "../model/model.ts";
import type { TrainingProgram } from "../training/trainingProgram.ts";
import { sizeOf } from "../util/shape.ts";
import { unknownText } from "../util/suggest.ts";

/** A step that is traced. */
export interface Traced {
  readonly step: TrainingProgram;
  readonly rows: number;
  readonly records: readonly AllocatedRecord[];
}

/** A value of a step in memory. */
export interface PlacedValue {
  /** Of its gradient: dZ1. */
  readonly name: string;
  readonly address: number;
  /** Address of the gradient. */
  readonly gradient: number;
  /** Numbers of a row. */
  readonly size: number;
  /** The record after the one that computes the value. */
  readonly next: number;
}

/** Where the address of dy stands in a record: after x, y and dx. */
const DY = 3;

/** The values whose gradients are computed, or those of them that are asked for. */
export function placedValues(
  { nodes, inputShape }: Pick<Model, "nodes" | "inputShape">,
  { step, records }: Traced,
  names: readonly string[] | undefined,
): PlacedValue[] {
  const whole = integersOf(nodes);
  const forward = new Map<number, AllocatedRecord>();
  const backward = new Map<number, AllocatedRecord>();
  for (const record of records) {
    const stem = nodes[record.layer]?.layer.kernel;
    // sums of gradients are made by add's kernel, later
    if (record.kernel === `${stem}Forward` && !forward.has(record.layer)) forward.set(record.layer, record);
    if (record.kernel === `${stem}Backward`) backward.set(record.layer, record);
  }
  const { input, inputGradient } = step.graph;
  const all: PlacedValue[] = [];
  if (!whole.has(INPUT)) {
    const { address } = input;
    all.push({ name: "dx", address, gradient: inputGradient, size: sizeOf(inputShape), next: step.manual.first });
  }
  // the book's names first, as everywhere
  const textbook = new Set(nodes.map((node) => (node.outputName === node.name ? "" : node.outputName)));
  for (const { index, name, outputName, output } of nodes) {
    const [writer, reader] = [forward.get(index), backward.get(index)];
    if (!writer || !reader || whole.has(index)) continue;
    const own = outputName === name && textbook.has(name) ? `d${name} (layer ${index + 1})` : `d${outputName}`;
    const { address } = writer.writes[0]!;
    all.push({ name: own, address, gradient: reader.words[DY]!, size: sizeOf(output), next: writer.end });
  }
  if (names === undefined) return all;
  const known = all.map(({ name }) => name);
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) throw new RangeError(`gradCheck: ${unknownText("value", other, known)}`);
  return all.filter(({ name }) => names.includes(name));
}

/** The values that are looked up or counted with, such as indices and lengths: they can't be moved a little. */
function integersOf(nodes: readonly ModelNode[]): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const { layer, from, others } of nodes) {
    const fixed = Object.keys(others).filter((slot) => layer.fixed?.includes(slot));
    const read = fixed.map((slot) => others[slot]!);
    if (layer.rules && Object.keys(others).length === 0 && layer.fixed === undefined) read.push(from);
    // through what only moves numbers
    for (let value of read) {
      for (;;) {
        found.add(value);
        const node = nodes[value];
        if (!node || (node.layer.kernel !== undefined && node.layer.offset === undefined)) break;
        value = node.from;
      }
    }
  }
  return found;
}
