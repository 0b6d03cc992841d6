// Updating parameters that belong to no model: how an optimizer's kernel is tested alone.
import * as abi from "../../build/abi.js";
import { Workspace } from "../../src/runtime/arena.ts";
import { type Core, createCore } from "../../src/runtime/core.ts";
import type { Optimizer } from "../../src/nn/optimizers/optimizer.ts";
import type { PlacedParameter } from "../../src/graph/parameter.ts";
import { RecordList } from "../../src/runtime/program.ts";
import { type Shape, sizeOf } from "../../src/util/shape.ts";
import { addUpdate } from "../../src/training/updateRecords.ts";
import { ControlBlock } from "./controlBlock.ts";

export class Parameters {
  readonly core: Core;
  readonly #placed: readonly PlacedParameter[];
  readonly #program: ControlBlock;
  readonly #offset: number;
  /** Each state's distance from the parameters. */
  readonly #states: ReadonlyMap<string, number>;

  private constructor(core: Core, shapes: readonly Shape[], optimizer: Optimizer) {
    this.core = core;
    const workspace = new Workspace(core.arena, "test");
    const sizes = shapes.map((shape) => Math.ceil(sizeOf(shape) / 4) * 16);
    const bytes = sizes.reduce((a, b) => a + b, 0);
    const start = workspace.allocate(bytes, "the parameters");
    let address = start;
    this.#placed = shapes.map((shape, i) => {
      const parameter = {
        name: `p${i}`,
        local: `p${i}`,
        shape,
        size: sizeOf(shape),
        address,
        slot: address,
        trained: true,
      };
      address += sizes[i]!;
      return parameter;
    });
    this.#offset = workspace.allocate(bytes, "the gradients") - start;
    optimizer.load?.(core);
    const states = optimizer.states.map(({ initial }) => {
      const at = workspace.allocate(bytes, "the state");
      core.arena.f32.fill(initial, at / 4, (at + bytes) / 4);
      return at;
    });
    this.#states = new Map(optimizer.states.map(({ name }, i) => [name, states[i]! - start]));
    this.#program = new ControlBlock(core, workspace);
    const records = new RecordList();
    const run = {
      address: start,
      bytes,
      state: { address: start + bytes, bytes: 0 },
      ranges: [{ address: start, bytes }],
      parameters: this.#placed,
    };
    addUpdate({ core, records, workspace, program: this.#program }, run, { optimizer, states }, this.#offset);
    const placed = records.place(core, workspace);
    this.#program.set(abi.PROGRAM_UPDATE_FIRST, placed[0]!.address);
    this.#program.set(abi.PROGRAM_UPDATE_LAST, placed.at(-1)!.end);
    this.#program.setDouble(abi.PROGRAM_RATE, optimizer.learningRate);
  }

  static async create(shapes: readonly Shape[], optimizer: Optimizer): Promise<Parameters> {
    return new Parameters(await createCore("test"), shapes, optimizer);
  }

  set(i: number, values: ArrayLike<number>): void {
    this.core.arena.f32.set(values, this.#placed[i]!.address / 4);
  }

  setGradient(i: number, values: ArrayLike<number>): void {
    this.core.arena.f32.set(values, (this.#placed[i]!.address + this.#offset) / 4);
  }

  get(i: number): Float32Array {
    const { address, size } = this.#placed[i]!;
    return this.core.arena.read(address, size);
  }

  /** What is stored between a parameter and the next one. */
  padding(i: number): Float32Array {
    const { address, size } = this.#placed[i]!;
    return this.core.arena.read(address + size * 4, (4 - (size % 4)) % 4);
  }

  /** A parameter's part of a state. */
  state(name: string, i: number): Float32Array {
    const { address, size } = this.#placed[i]!;
    return this.core.arena.read(address + this.#states.get(name)!, size);
  }

  /** Updates made so far. */
  get step(): number {
    return this.#program.get(abi.PROGRAM_STEP);
  }

  setRate(learningRate: number): void {
    this.#program.setDouble(abi.PROGRAM_RATE, learningRate);
  }

  /**
   * True if the update was made; false if a gradient was not finite.
   * @param passes the gradients are the sum over so many
   */
  update(passes = 1): boolean {
    this.#program.set(abi.PROGRAM_MICRO, passes);
    return Boolean(this.core.exports.runUpdate(this.#program.address));
  }
}
