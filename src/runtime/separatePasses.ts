// Passes one at a time, anywhere in an epoch, whose gradients are summed elsewhere: for trainings that several ranks share.
import * as abi from "../../build/abi.js";
import { orderOf, type Program } from "./program.ts";
import { type RecordRange, seedWords } from "./record.ts";

/** A program whose passes and updates are run apart. */
export class SeparatePasses {
  readonly #program: Program;
  readonly #update: RecordRange;

  /** Takes a program that is ready to begin. */
  constructor(program: Program) {
    this.#program = program;
    const [first, last] = [abi.PROGRAM_UPDATE_FIRST, abi.PROGRAM_UPDATE_LAST].map((field) => this.#word(field));
    this.#update = { first: first!, last: last! };
  }

  #word(field: number): number {
    const { core, address } = this.#program;
    return core.arena.u32[(address + field) / 4]!;
  }

  #write(field: number, ...words: readonly number[]): void {
    const { core, address } = this.#program;
    core.arena.writeWords(address + field, words);
  }

  /** Rows of the epoch that are done. */
  get row(): number {
    return this.#word(abi.PROGRAM_CURSOR);
  }

  /** Makes the order of the rows of an epoch: a pass then finds it, wherever in the epoch it begins. */
  shuffle(seed: number, epoch: number): void {
    const { address, bytes } = orderOf(this.#program);
    if (bytes === 0) return;
    this.#write(abi.PROGRAM_SHUFFLE, 0); // the pass at row 0 would make it once more
    const [low, high] = seedWords(seed) as [number, number];
    const { exports } = this.#program.core;
    exports.randomPermutation(address, bytes / 4, low, high, abi.STREAM_ORDER, BigInt(epoch));
  }

  /** Prepares a pass: where its rows begin, in the order of the epoch, and its number. Its gradient will be its own. */
  begin(row: number, pass: number): void {
    this.#program.counters = { ...this.#program.counters, passes: pass };
    this.#write(abi.PROGRAM_CURSOR, row, 0);
    this.#write(abi.PROGRAM_UPDATE_LAST, this.#update.first); // a pass alone
  }

  /** Makes the update of so many passes, from the sum of their gradients. Returns false if it can't be made. */
  update(passes: number, updates: number, rate: number): boolean {
    this.end();
    this.#write(abi.PROGRAM_MICRO, passes);
    return this.#program.update(updates, rate);
  }

  /** The epoch stands at a row. */
  setRow(row: number): void {
    this.#write(abi.PROGRAM_CURSOR, row, 0);
  }

  /** Passes make updates again. */
  end(): void {
    this.#write(abi.PROGRAM_UPDATE_FIRST, this.#update.first, this.#update.last);
  }
}
