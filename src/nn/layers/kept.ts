// What stateful layers keep from one batch to the next, in the memory of a model. assembly/nn/layers/kept.ts has the kernels.
import { freeWith, type MemoryRange, Workspace } from "../../runtime/arena.ts";
import * as abi from "../../../build/abi.js";
import type { Core } from "../../runtime/core.ts";
import { type FittedRows, type Kept, type ModelNode, whereText } from "../../graph/layer.ts";
import type { ProgramBuilder } from "../../runtime/program.ts";

/**
 * Passes that go on from each other: of a training; of `predict`; and of an evaluation, which begins with zeros, and leaves those of the
 * others as they are.
 */
const MODES = ["train", "predict", "evaluate"] as const;
type KeptMode = (typeof MODES)[number];

/** The functions whose passes go on from each other. */
const GOES_ON: Readonly<Record<string, KeptMode>> = {
  step: "train",
  forward: "train",
  predict: "predict",
  probabilities: "predict",
  classify: "predict",
  "stepper.predict": "predict",
  "stepper.probabilities": "predict",
};

/** No pass has this number. */
const NO_PASS = [-1, -1];

/** Memory of one kind of pass. */
interface Store {
  /** Addresses of the cells, by node. */
  readonly cells: ReadonlyMap<number, number>;
  /** What the cells say where it is; freed when a batch has other rows. */
  readonly states: Workspace;
  /** Rows of the batch before; undefined if there was none. */
  rows: number | undefined;
  /** Rows that there is room for. */
  room: number;
}

/** The rows that saved states are of. */
const rowsOf = (bytes: Uint8Array): number =>
  bytes.length < 8 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);

/** The states of a model's stateful layers. */
export class KeptStates implements Kept {
  readonly #core: Core;
  readonly #nodes: readonly ModelNode[];
  readonly #cells: Workspace;
  readonly #stores = new Map<KeptMode, Store>();

  constructor(core: Core, nodes: readonly ModelNode[]) {
    this.#core = core;
    this.#nodes = nodes.filter(({ layer }) => layer.keeps);
    this.#cells = new Workspace(core.arena, "stateful layers");
    freeWith(this, this.#cells);
  }

  /** Address of a node's cell; 0 if it isn't stateful, or begins with zeros in such passes. */
  cell(mode: string | undefined, index: number): number {
    return this.#cellsOf(mode).get(index) ?? 0;
  }

  /** Adds the records that begin an epoch with zeros. */
  addReset({ records, program }: ProgramBuilder, mode: string): void {
    for (const cell of this.#cellsOf(mode).values()) records.add("keptReset", 1, { cell, program: program.address });
  }

  /** Adds the records that begin a pass of a training. */
  addStart({ records, program }: ProgramBuilder, mode: string | undefined): void {
    if (mode !== "train") return;
    for (const cell of this.#cellsOf(mode).values()) records.add("keptStart", 1, { cell, program: program.address });
  }

  /** The cells of passes that go on from each other; of others none. */
  #cellsOf(mode: string | undefined): ReadonlyMap<number, number> {
    return MODES.includes(mode as KeptMode) ? this.#store(mode as KeptMode).cells : new Map();
  }

  /** Refuses other rows than the batch before had. */
  check(mode: KeptMode, rows: number, where: string): void {
    const before = this.#store(mode).rows;
    if (before === undefined || before === rows) return;
    throw new RangeError(
      `${where}: ${this.#named} goes on from the states of the batch before, which had ${before} rows, but there are ${rows}; give as many ` +
        `each time, or call resetStates() to begin anew`,
    );
  }

  /** Makes room for a pass on so many rows, if the function goes on from pass to pass. Refuses others than the batch before had. */
  ready(where: string, rows: number): void {
    const mode = GOES_ON[where];
    if (!mode) return;
    this.check(mode, rows, where);
    this.#place(mode, rows);
  }

  /** Makes room for a `fit`, whose epochs begin with zeros. Refuses another order of the rows, and batches of other sizes. */
  readyFit({ rows, batchSize, dropLast, shuffle, validation }: FittedRows): void {
    if (shuffle) this.#refuse("fit", "so the rows must keep their order; pass shuffle: false");
    if (!dropLast) this.#checkLast("fit", rows, batchSize, ", or dropLast: true");
    if (validation) this.#checkLast("fit: validation", validation.rows, Math.min(batchSize, validation.rows));
    this.#place("train", batchSize);
  }

  /** The same for an evaluation. */
  readyEvaluation(where: string, rows: number, batchSize: number): void {
    this.#checkLast(where, rows, batchSize);
    this.#place("evaluate", batchSize);
  }

  #checkLast(where: string, rows: number, batchSize: number, more = ""): void {
    const left = rows % batchSize;
    if (left === 0) return;
    const last = `the last batch would have ${left} of ${batchSize} rows`;
    this.#refuse(where, `but of ${rows} rows ${last}; take a batchSize that divides them${more}`);
  }

  #refuse(where: string, why: string): never {
    throw new RangeError(
      `${where}: ${this.#named} is stateful: each row goes on from the same row of the batch before, ${why}`,
    );
  }

  /** Refuses what computes rows in parts, or not in their order. */
  refuse(where: string): never {
    throw new RangeError(`${where}: ${this.#named} is stateful, which ${where} can't go on with; use predict`);
  }

  /** Begins anew. `set`: is told what is written, if a worker has a copy. */
  reset(set?: (name: string, address: number, values: Float32Array<ArrayBuffer>) => void): void {
    for (const mode of ["train", "predict"] as const) {
      const store = this.#store(mode);
      store.rows = undefined;
      for (const cell of store.cells.values()) {
        const { u32 } = this.#core.arena;
        const [at, bytes] = [u32[(cell + abi.KEPT_AFTER) / 4]!, u32[(cell + abi.KEPT_BYTES) / 4]!];
        for (const [address, words] of [
          [cell + abi.KEPT_PASS, NO_PASS],
          [at, new Uint32Array(bytes / 4)],
        ] as const) {
          const values = new Float32Array(Uint32Array.from(words).buffer);
          set?.("resetStates", address, values);
          this.#core.arena.writeBytes(address, values);
        }
      }
    }
  }

  /** The memory of a training, for copies. */
  get ranges(): readonly MemoryRange[] {
    const { cells, states } = this.#store("train");
    return [...[...cells.values()].map((address) => ({ address, bytes: abi.KEPT_CELL_BYTES })), ...states.regions];
  }

  /** The states of a training: their rows, as float64; of each layer the number of the pass, and its states after and before it. */
  save(): readonly ArrayBufferView[] {
    const rows = this.#stores.get("train")?.rows;
    return rows === undefined ? [] : [Float64Array.of(rows), ...this.#saved()];
  }

  /** The memory that `save` gives of each layer. */
  #saved(): Uint8Array[] {
    const { u8, u32 } = this.#core.arena;
    return [...this.#store("train").cells.values()].flatMap((cell) => {
      const [after, before, bytes] = [abi.KEPT_AFTER, abi.KEPT_BEFORE, abi.KEPT_BYTES].map(
        (at) => u32[(cell + at) / 4]!,
      );
      return [
        [cell + abi.KEPT_PASS, 8],
        [after!, bytes!],
        [before!, bytes!],
      ].map(([address, count]) => u8.subarray(address!, address! + count!));
    });
  }

  /** Are they bytes that `save` gave? */
  fits(bytes: Uint8Array): boolean {
    const rows = rowsOf(bytes);
    const perRow = this.#nodes.reduce((sum, { layer }) => sum + 2 * layer.keptBytes!, 0);
    return Number.isSafeInteger(rows) && rows > 0 && bytes.length === 8 + 8 * this.#nodes.length + rows * perRow;
  }

  /** Takes back what `save` gave. */
  load(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#place("train", rowsOf(bytes));
    let at = 8;
    for (const part of this.#saved()) part.set(bytes.subarray(at, (at += part.length)));
  }

  get #named(): string {
    const { layer, index } = this.#nodes[0]!;
    return whereText(layer.original ?? layer, index);
  }

  #store(mode: KeptMode): Store {
    const known = this.#stores.get(mode);
    if (known) return known;
    const start = this.#cells.allocate(this.#nodes.length * 64, "the cells");
    const cells = new Map(this.#nodes.map(({ index }, i) => [index, start + 64 * i]));
    for (const cell of cells.values()) this.#core.arena.writeWords(cell + abi.KEPT_PASS, NO_PASS);
    const states = new Workspace(this.#core.arena, "stateful layers");
    freeWith(this, states);
    const store: Store = { cells, states, rows: undefined, room: 0 };
    this.#stores.set(mode, store);
    return store;
  }

  /** Places the states of so many rows: zeros, if there is no room for as many yet. */
  #place(mode: KeptMode, rows: number): void {
    const store = this.#store(mode);
    store.rows = rows;
    if (store.room === rows) return;
    store.states.free();
    store.room = 0;
    const sizes = this.#nodes.map(({ layer }) => Math.ceil((layer.keptBytes! * rows) / 64) * 64 + 64);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const copies = mode === "train" ? 2 : 1;
    let address = store.states.allocate(copies * total, "the states of stateful layers");
    this.#nodes.forEach(({ index, layer }, i) => {
      const before = address + (copies - 1) * total;
      const words = [address, before, layer.keptBytes! * rows, 0, ...NO_PASS];
      this.#core.arena.writeWords(store.cells.get(index)!, words);
      address += sizes[i]!;
    });
    store.room = rows;
  }
}
