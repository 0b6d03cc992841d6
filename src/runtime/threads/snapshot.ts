// A copy of all that updates change: what a run goes back to when a worker ends in the middle of one.
import { PROGRAM_EPOCH, PROGRAM_PASS, PROGRAM_STEP } from "../../../build/abi.js";
import type { Arena } from "../arena.ts";
import type { MemoryRange, Runnable } from "../executor.ts";

export class Snapshot {
  readonly #arena: Arena;
  readonly #program: Runnable;
  readonly #epoch: number;
  readonly #counters: readonly (readonly [field: number, value: number])[];
  readonly #memory: readonly (readonly [address: number, bytes: Uint8Array])[];

  constructor(arena: Arena, program: Runnable, changes: readonly MemoryRange[]) {
    this.#arena = arena;
    this.#program = program;
    this.#epoch = program.get(PROGRAM_EPOCH);
    this.#counters = [PROGRAM_STEP, PROGRAM_PASS, PROGRAM_EPOCH].map((field) => [field, program.get(field)]);
    this.#memory = changes.map(({ address, bytes }) => [address, arena.u8.slice(address, address + bytes)]);
  }

  /** Is this a copy of the epoch that the program is in? */
  covers(program: Runnable): boolean {
    return this.#epoch === program.get(PROGRAM_EPOCH);
  }

  /** Puts everything back. Returns what to say about it. */
  restore(): string {
    for (const [address, bytes] of this.#memory) this.#arena.u8.set(bytes, address);
    for (const [field, value] of this.#counters) this.#program.set(field, value);
    const step = this.#program.get(PROGRAM_STEP);
    return ` while it changed the weights; they and the optimizer's state are again those of step ${step}, in epoch ${this.#epoch + 1}`;
  }
}
