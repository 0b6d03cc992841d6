// A core with memory at hand: how a kernel is tested alone, on a record of its own.
import { loadActivations, loadRest } from "../../build/binaries.js";
import { loadExtra } from "../../build/loadExtra.js";
import { loadLosses } from "../../build/loadLosses.js";
import { expect } from "vitest";
import { Workspace } from "../../src/runtime/arena.ts";
import type { KernelArgs } from "../../src/runtime/record.ts";
import type { KernelContext } from "../../src/graph/layer.ts";
import { type Core, createCore } from "../../src/runtime/core.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { RecordList } from "../../src/runtime/program.ts";
import { ControlBlock } from "./controlBlock.ts";

/** What is stored where no kernel may write, and where nothing that it reads may matter: a NaN that no computation gives. */
const GUARD = 0x7fabcdef;
/** Words of it after every allocation: more than any kernel may read past a tensor. */
const GUARD_WORDS = 16;

export interface Run {
  readonly perRow: number;
  readonly rows: number;
  readonly flags?: number;
}

export class Workbench {
  readonly core: Core;
  readonly program: ControlBlock;
  #workspace: Workspace;
  /** Words of each allocation, the guard after it included. */
  readonly #allocations = new Map<number, number>();

  private constructor(core: Core) {
    this.core = core;
    this.program = new ControlBlock(core, new Workspace(core.arena, "test"));
    this.#workspace = new Workspace(core.arena, "test");
  }

  static async create(): Promise<Workbench> {
    const core = await createCore("test");
    await loadActivations(core);
    loadExtra(core);
    loadLosses(core);
    loadRest(core);
    return new Workbench(core);
  }

  /** Frees all allocations. */
  clear(): void {
    this.#workspace.free();
    this.#workspace = new Workspace(this.core.arena, "test");
    this.#allocations.clear();
  }

  /** Allocates words of 4 bytes, filled with the guard. */
  room(words: number): number {
    const all = Math.ceil(words / 4) * 4 + GUARD_WORDS;
    const address = this.#workspace.allocate(all * 4, "a room");
    this.core.arena.u32.fill(GUARD, address / 4, address / 4 + all);
    this.#allocations.set(address, all);
    return address;
  }

  /** Allocates float32 numbers, with capacity for as many or more. */
  floats(values: ArrayLike<number>, room = values.length): number {
    const address = this.room(Math.max(room, values.length));
    this.core.arena.f32.set(values, address / 4);
    return address;
  }

  /**
   * Allocates float32 numbers with zeros up to the next multiple of a vector, as parameters, gradients and states are stored.
   */
  padded(values: ArrayLike<number>): number {
    const padded = new Float32Array(Math.ceil(values.length / 4) * 4);
    padded.set(values);
    return this.floats(padded);
  }

  /** Allocates 32-bit integers. */
  words(values: ArrayLike<number>, room = values.length): number {
    const address = this.room(Math.max(room, values.length));
    this.core.arena.u32.set(values, address / 4);
    return address;
  }

  /** Address of float64 numbers. */
  doubles(values: ArrayLike<number>): number {
    const address = this.room(values.length * 2);
    this.core.arena.f64.set(values, address / 8);
    return address;
  }

  read(address: number, count: number): Float32Array {
    return this.core.arena.read(address, count);
  }

  /** A copy of 32-bit words: the bits of float32 numbers, to compare without rounding and without -0 being 0. */
  bits(address: number, count: number): Uint32Array {
    return this.core.arena.u32.slice(address / 4, address / 4 + count);
  }

  readDoubles(address: number, count: number): Float64Array {
    return this.core.arena.f64.slice(address / 8, address / 8 + count);
  }

  /** Nothing was written from this word of an allocation on, up to the end of the guard after it. */
  expectGuard(address: number, from: number, name: string): void {
    const words = this.#allocations.get(address)!;
    const changed = this.bits(address, words).findIndex((word, i) => i >= from && word !== GUARD);
    expect(changed, `${name}: the first word behind word ${from} that was written`).toBe(-1);
  }

  /** The same from the next multiple of a vector on: element-wise kernels write complete vectors. */
  expectVectorGuard(address: number, count: number, name: string): void {
    this.expectGuard(address, Math.ceil(count / 4) * 4, name);
  }

  /** Puts a record together and runs it. Returns false if the kernel halted the run. */
  run(kernel: KernelName, { perRow, rows, flags = 0 }: Run, args: KernelArgs): boolean {
    const records = new RecordList();
    records.add(kernel, perRow, args, { flags });
    const workspace = new Workspace(this.core.arena, "test");
    const [record] = records.place(this.core, workspace);
    const halted = this.program.run({ first: record!.address, last: record!.end }, rows);
    workspace.free();
    return halted === 0;
  }

  /** What a layer asks for while its args are computed. Addresses by name; saved values have no other memory. */
  context(
    capacity: number,
    {
      parameters = {},
      gradients = {},
      inputs = {},
      inputGradients = {},
      shapes = {},
      index = 0,
      kept = 0,
      training = true,
    }: Placed,
  ): KernelContext {
    return {
      core: this.core,
      capacity,
      training,
      inputs: shapes,
      input: (slot) => inputs[slot] ?? 0,
      inputGradient: (slot) => inputGradients[slot] ?? 0,
      program: this.program.address,
      index,
      trained: Object.keys(gradients).length > 0,
      parameter: (name) => parameters[name] ?? 0,
      gradient: (name) => gradients[name] ?? 0,
      saved: (_name, bytesPerRow) => this.room(Math.ceil((capacity * bytesPerRow + 64) / 4)),
      scratch: (bytes) => this.room(Math.ceil(bytes / 4)),
      common: (bytes) => this.room(Math.ceil(bytes / 4)),
      zeros: (count) => this.floats(new Float32Array(count + 8)),
      kept: () => kept,
    };
  }
}

type Addresses = Readonly<Record<string, number>>;

interface Placed {
  readonly parameters?: Addresses;
  readonly gradients?: Addresses;
  readonly inputs?: Addresses;
  readonly inputGradients?: Addresses;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly index?: number;
  readonly kept?: number;
  readonly training?: boolean;
}
