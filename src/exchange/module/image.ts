// The memory of a program that predicts: parameters, records and buffers at addresses of its own, apart from the model's memory.
import type { WasmData } from "../../formats/wasmBinary.ts";
import * as abi from "../../../build/abi.js";
import type { GraphNode } from "../../graph/layer.ts";
import type { PlacedParameter } from "../../graph/parameter.ts";
import { placeParameters } from "../../graph/placeParameters.ts";
import { GraphPlan } from "../../graph/plan.ts";
import { addProbabilities, PREDICT_ROWS } from "../../model/forwardPlan.ts";
import type { Model } from "../../model/model.ts";
import { Arena, bytesText, type MemoryRange, Workspace } from "../../runtime/arena.ts";
import type { Core } from "../../runtime/core.ts";
import { callingThread } from "../../runtime/executor.ts";
import { type AllocatedRecord, ProgramBuilder } from "../../runtime/program.ts";
import type { WasmMemory } from "../../util/platform.ts";

const PAGE = 65_536;
/** Bytes that several rows may take. */
const MOST_BYTES = 2 ** 24;

/** A parameter: the layer's type, and whether it is state such as a running mean. */
export interface ImageParameter extends Pick<PlacedParameter, "name" | "local" | "shape" | "size" | "address"> {
  readonly type: string;
  readonly state: boolean;
}

/** What is in the memory, and where. */
export interface Image {
  /** Rows of one run, at most. */
  readonly capacity: number;
  /** The parameters in the order of their addresses, and the part of the memory that they are in. */
  readonly parameters: readonly ImageParameter[];
  readonly weights: MemoryRange;
  readonly input: number;
  readonly output: number;
  /** What makes the output, and what makes probabilities of it in place. */
  readonly forward: readonly AllocatedRecord[];
  readonly after: readonly AllocatedRecord[];
  /** The kernels that kernels call, in the order of their places in the table, from 1 on. */
  readonly table: readonly string[];
  /** What is there before a run, but for the parameters. */
  readonly data: readonly WasmData[];
  /** What stateful layers keep. */
  readonly states: MemoryRange;
  readonly pages: number;
}

/** Gives addresses one after another, and notes what is written in place of a memory. */
class Drawing extends Arena {
  end: number = abi.MEMORY_BASE;
  written: WasmData[] = [];

  constructor() {
    super({ buffer: new ArrayBuffer(0) } as unknown as WasmMemory, 0);
  }

  override allocate(bytes: number): MemoryRange {
    const region = { address: this.end, bytes: Math.ceil(bytes / 64) * 64 };
    this.end += region.bytes;
    return region;
  }

  /** Words at the end of what was written last, but for at most 16 bytes, become one part with it. */
  override writeWords(address: number, words: ArrayLike<number>): void {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer);
    const last = this.written.at(-1);
    const from = address - (last?.address ?? 0);
    if (last && from >= last.bytes.length && from <= last.bytes.length + 16) {
      const joined = new Uint8Array(from + bytes.length);
      joined.set(last.bytes);
      joined.set(bytes, from);
      this.written[this.written.length - 1] = { address: last.address, bytes: joined };
    } else this.written.push({ address, bytes });
  }
}

/** Plans a model's `predict` for 256 rows, or for fewer where those would take much memory. */
export function imageOf(where: string, model: Model): Image {
  let capacity = PREDICT_ROWS;
  let image = draw(where, model, capacity);
  while (capacity > 1 && image.pages * PAGE - image.weights.bytes > MOST_BYTES)
    image = draw(where, model, (capacity /= 2));
  if (image.pages <= PAGE) return image;
  const [most, bytes] = [PAGE * PAGE, image.pages * PAGE].map(bytesText);
  throw new RangeError(`${where}: WebAssembly memory is at most ${most}, but the model takes ${bytes} for one row`);
}

function draw(where: string, model: Model, capacity: number): Image {
  const arena = new Drawing();
  const workspace = new Workspace(arena, where);
  let table: readonly string[] | undefined;
  const asked: string[] = [];
  const core: Core = {
    ...model.core,
    arena,
    executor: callingThread(model.core.exports, ""),
    // records are called by their kernels' names; what asks before they are written is called by another kernel, backward ones by none here
    kernel(name) {
      if (table || name.endsWith("Backward")) return 0;
      const place = asked.indexOf(name) + 1;
      return place > 0 ? place : asked.push(name);
    },
  };
  const { nodes, placed, made, run } = placeParameters(model.nodes as unknown as readonly GraphNode[], workspace);
  const program = new ProgramBuilder(core, workspace, 0);
  arena.written = []; // nothing of its control block is read
  const kept = nodes.filter(({ layer }) => layer.keeps);
  const states = kept.map(({ layer }) => arena.allocate(layer.keptBytes! * capacity + 64));
  const cells = kept.map(({ layer }, i) => {
    const cell = arena.allocate(abi.KEPT_CELL_BYTES).address;
    const { address } = states[i]!;
    arena.writeWords(cell, [address, address, layer.keptBytes! * capacity]);
    return cell;
  });
  const plan = new GraphPlan(program, {
    nodes,
    inputShape: model.inputShape,
    capacity,
    training: false,
    gradientOffset: () => 0,
    kept: { cell: (_, index) => cells[kept.findIndex((node) => node.index === index)] ?? 0, addStart() {} },
    mode: "predict",
  });
  plan.addForward();
  const count = program.records.length;
  addProbabilities(program.records, model.outputActivation, plan.output, plan.output.address);
  table = asked;
  const { records } = program.finish();
  const [first, last] = [states[0], states.at(-1)];
  return {
    capacity,
    parameters: made.map(({ node, spec, index }) => ({
      ...placed[index]!,
      type: node.layer.type,
      state: spec.trained === false,
    })),
    weights: run.ranges[0]!,
    input: plan.input.address,
    output: plan.output.address,
    forward: records.slice(0, count),
    after: records.slice(count),
    table,
    data: arena.written,
    states: first
      ? { address: first.address, bytes: last!.address + last!.bytes - first.address }
      : { address: 0, bytes: 0 },
    pages: Math.ceil((arena.end + 64) / PAGE),
  };
}
