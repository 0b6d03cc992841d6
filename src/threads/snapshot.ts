// A copy of all that updates change: what a run goes back to when a worker dies in the middle of one.
import * as abi from "../../build/abi.js";
import type { Program } from "../program.ts";
import type { Session } from "../session.ts";

export class Snapshot {
  readonly #session: Session;
  readonly #program: Program;
  readonly #epoch: number;
  readonly #counters: readonly (readonly [field: number, value: number])[];
  readonly #parameters: readonly Float32Array[];
  readonly #states: readonly Float32Array[];

  constructor(session: Session, program: Program) {
    const { model } = session;
    const { arena } = model.core;
    const { states } = session.updatePlan();
    this.#session = session;
    this.#program = program;
    this.#epoch = session.epochs;
    const fields = [abi.PROGRAM_STEP, abi.PROGRAM_PASS, abi.PROGRAM_EPOCH];
    this.#counters = fields.map((field) => [field, program.get(field)]);
    this.#parameters = model.parameters().map((parameter) => parameter.get());
    this.#states = states.map((address) => arena.read(address, model.run.bytes / 4));
  }

  /** Is this a copy of the epoch that the session is in? */
  covers(session: Session, program: Program): boolean {
    return this.#session === session && this.#program === program && this.#epoch === session.epochs;
  }

  /** Puts everything back. Returns what to say about it. */
  restore(): string {
    const { model } = this.#session;
    const { arena } = model.core;
    model.parameters().forEach((parameter, i) => parameter.set(this.#parameters[i]!));
    this.#session.updatePlan().states.forEach((address, i) => arena.f32.set(this.#states[i]!, address / 4));
    for (const [field, value] of this.#counters) this.#program.set(field, value);
    const step = this.#program.get(abi.PROGRAM_STEP);
    return ` while it changed the weights; they and the optimizer's state are again those of step ${step}, in epoch ${this.#epoch + 1}`;
  }
}
