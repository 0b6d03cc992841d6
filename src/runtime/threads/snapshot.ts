// A copy of all that updates change, restored when a worker ends in the middle of one.
import type { Arena, MemoryRange } from "../arena.ts";
import type { Counters, Runnable } from "../executor.ts";

export class Snapshot {
  readonly #arena: Arena;
  readonly #program: Runnable;
  readonly #counters: Counters;
  readonly #memory: readonly (readonly [address: number, values: Float32Array])[];

  constructor(arena: Arena, program: Runnable, changes: readonly MemoryRange[]) {
    this.#arena = arena;
    this.#program = program;
    this.#counters = program.counters;
    this.#memory = changes.map(({ address, bytes }) => [address, arena.read(address, bytes / 4)]);
  }

  /** Is this a copy of the epoch that the program is in? */
  covers(program: Runnable): boolean {
    return this.#counters.epochs === program.counters.epochs;
  }

  /** Restores everything. Returns what to say about it. */
  restore(): string {
    const { updates, epochs } = this.#counters;
    for (const [address, values] of this.#memory) this.#arena.write(address, values);
    this.#program.counters = this.#counters;
    return ` while it changed the weights; they and the optimizer's state are again those of step ${updates}, in epoch ${epochs + 1}`;
  }
}
