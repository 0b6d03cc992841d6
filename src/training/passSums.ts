// What passes that are run apart say of themselves, for the ranks of a group: the loss, what metrics have counted, what
// layers keep as state; and how that of all is put together, pass by pass in their order, so that who ran which makes
// no difference.
import { PROGRAM_CURSOR } from "../../build/abi.js";
import { bytesOf } from "../formats/bytes.ts";
import { packValue, unpackValue } from "../formats/packedValue.ts";
import { grows, mergeSums } from "../nn/metrics/merge.ts";
import type { Metric } from "../nn/metrics/metric.ts";
import { LOG_FIELDS } from "../runtime/program.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

/** What one pass has found. */
interface Found {
  /** A row of the log, then the sums of metrics, then those of joint losses. */
  readonly numbers: Float64Array;
  /** The state of layers, after it. */
  readonly state: Float32Array;
  /** Of each metric that keeps more: the answers that it has counted, or a value of the user's. */
  readonly more: readonly unknown[];
}

/** Everything of an epoch so far is in memory before and afterwards. */
export class PassSums {
  readonly #its: TrainingProgram;
  /** Metrics whose sums are as many for any rows, in the order of their numbers. */
  readonly #counted: TrainingProgram["metrics"];
  /** Of these, the ones whose state is a value of the user's. */
  readonly #custom: TrainingProgram["metrics"];
  /** The others. */
  readonly #growing: TrainingProgram["metrics"];
  readonly #width: number;
  readonly #stateFloats: number;
  /** The sums of the passes before. */
  #before: Float64Array[] = [];
  #keptBefore: unknown[] = [];
  /** How many answers there were, of metrics whose sums grow. */
  #answersBefore: number[] = [];
  #found: Found[] = [];

  /** @param stateFloats numbers of the layers' state that a pass moves */
  constructor(its: TrainingProgram, stateFloats: number) {
    this.#its = its;
    this.#counted = its.metrics.filter(({ metric }) => !grows(metric));
    this.#custom = this.#counted.filter(({ metric }) => metric.kept);
    this.#growing = its.metrics.filter(({ metric }) => grows(metric));
    this.#stateFloats = stateFloats;
    this.#width = LOG_FIELDS + this.#sums().reduce((sum, { length }) => sum + length, 0);
  }

  /** The sums in memory. To be used at once: it may grow. */
  #sums(): Float64Array[] {
    const { arena } = this.#its.program.core;
    return [
      ...this.#counted.map(({ address, size }) => arena.doubles(address, size)),
      ...this.#its.sums.map(({ address, bytes }) => arena.doubles(address, bytes / 8)),
    ];
  }

  /** Are there metrics of the user's? */
  get isCustom(): boolean {
    return this.#custom.length > 0;
  }

  /** Takes the sums of the passes so far out of memory. `isFirst`: there are none yet. */
  begin(isFirst: boolean): void {
    const { core } = this.#its.program;
    // those of metrics have been reset
    if (isFirst) for (const { address, bytes } of this.#its.sums) core.arena.doubles(address, bytes / 8).fill(0);
    this.#found = [];
    this.#before = this.#sums().map((sums) => sums.slice());
    this.#keptBefore = this.#custom.map(({ metric, address }) =>
      core.arena.doubles(address, 1)[0] === 0 ? undefined : metric.kept!(core, address),
    );
    this.#answersBefore = this.#growing.map(({ address }) => core.arena.doubles(address, 1)[0]!);
  }

  /** Before a pass: it counts for itself. */
  reset(): void {
    for (const sums of this.#sums()) sums.fill(0);
  }

  /** After a pass: takes what it has found. */
  take(state: Float32Array): void {
    const { program } = this.#its;
    const { arena } = program.core;
    const numbers = new Float64Array(this.#width);
    numbers.set(program.readLog(1));
    let at = LOG_FIELDS;
    for (const sums of this.#sums()) {
      numbers.set(sums, at);
      at += sums.length;
    }
    const answers = this.#growing.map(({ address }, i) => {
      const before = this.#answersBefore[i]!;
      const count = arena.doubles(address, 1)[0]!;
      const its = arena.doubles(address + 8 + 8 * before, count - before).slice();
      arena.doubles(address, 1)[0] = before;
      return its;
    });
    const kept = this.#custom.map(({ metric, address }) => metric.kept!(program.core, address));
    this.#found.push({ numbers, state, more: [...answers, ...kept] });
  }

  /** What this rank's passes have found, as bytes. */
  pack(): Uint8Array {
    const found = this.#found;
    const more = found.map((each) => each.more);
    const packed =
      more.flat().length > 0 ? packValue(more, "fit: the state of a metric with merge") : new Uint8Array(0);
    const numbers = bytesOf(Float64Array.from(found.flatMap((each) => [...each.numbers])));
    const states = bytesOf(new Float32Array(this.#stateFloats * found.length));
    found.forEach(({ state }, i) => states.set(bytesOf(state), 4 * this.#stateFloats * i));
    const all = new Uint8Array(numbers.length + states.length + packed.length);
    all.set(numbers);
    all.set(states, numbers.length);
    all.set(packed, numbers.length + states.length);
    return all;
  }

  /** What so many passes of some rank have found. */
  #unpack(bytes: Uint8Array, passes: number): Found[] {
    const copy = bytes.slice().buffer;
    const width = this.#width;
    const states = 8 * width * passes;
    const end = states + 4 * this.#stateFloats * passes;
    const more = end < copy.byteLength ? (unpackValue(new Uint8Array(copy, end)) as unknown[][]) : [];
    return Array.from({ length: passes }, (_, i) => ({
      numbers: new Float64Array(copy, 8 * width * i, width),
      state: new Float32Array(copy, states + 4 * this.#stateFloats * i, this.#stateFloats),
      more: more[i] ?? [],
    }));
  }

  /**
   * Puts the sums of the passes before, and of those that all ranks have run since, into memory.
   *
   * @param said what each rank has packed
   * @param passesOf which passes each of them ran
   * @returns the row of the log of each pass, and the layers' state after it
   */
  merge(
    said: readonly Uint8Array[],
    passesOf: (rank: number) => readonly [first: number, end: number],
  ): { logs: Float64Array; states: Float32Array[] } {
    const { core } = this.#its.program;
    const found = said.flatMap((bytes, rank) => {
      const [first, end] = passesOf(rank);
      return this.#unpack(bytes, end - first);
    });
    const sums = this.#before.map((before) => before.slice());
    const kept = [...this.#keptBefore];
    for (const { numbers, more } of found) {
      let at = LOG_FIELDS;
      sums.forEach((into, i) => {
        const from = numbers.subarray(at, (at += into.length));
        const counted = this.#counted[i];
        if (counted) mergeSums(counted.metric, into, from);
        else for (let j = 0; j < into.length; j++) into[j]! += from[j]!;
      });
      this.#growing.forEach(({ address }, i) => this.#append(address, more[i] as Float64Array));
      this.#custom.forEach(({ metric }, i) => {
        const its = more[this.#growing.length + i];
        kept[i] = kept[i] === undefined ? its : metric.mergeKept!(kept[i], its);
      });
    }
    this.#sums().forEach((memory, i) => memory.set(sums[i]!));
    this.#custom.forEach(({ metric, address }, i) => metric.keep!(core, address, kept[i]));
    const logs = new Float64Array(found.length * LOG_FIELDS);
    found.forEach(({ numbers }, i) => logs.set(numbers.subarray(0, LOG_FIELDS), i * LOG_FIELDS));
    const joint = jointLoss(this.#its);
    if (joint !== undefined) for (let at = 4; at < logs.length; at += LOG_FIELDS) logs[at] = joint;
    return { logs, states: found.map(({ state }) => state) };
  }

  /** Adds answers behind those that a metric has. */
  #append(address: number, answers: Float64Array): void {
    const { arena } = this.#its.program.core;
    const count = arena.doubles(address, 1);
    arena.doubles(address + 8 + 8 * count[0]!, answers.length).set(answers);
    count[0]! += answers.length;
  }

  /** The sums are again those of the passes before. */
  undo(): void {
    const { core } = this.#its.program;
    this.#sums().forEach((memory, i) => memory.set(this.#before[i]!));
    this.#custom.forEach(({ metric, address }, i) => {
      if (this.#keptBefore[i] !== undefined) metric.keep!(core, address, this.#keptBefore[i]);
    });
    this.#growing.forEach(({ address }, i) => (core.arena.doubles(address, 1)[0] = this.#answersBefore[i]!));
  }
}

/** Can what a metric has counted be merged? */
export const canMerge = ({ kept, mergeKept }: Metric): boolean => kept === undefined || mergeKept !== undefined;

/**
 * The loss so far of several outputs, from their sums, where the model has some; figures of theirs are made of the
 * same. The kernels work on no rows of no loss: they add nothing to the sums.
 */
function jointLoss({ program, records, loss, sums }: TrainingProgram): number | undefined {
  if (sums.length === 0) return undefined;
  const { arena } = program.core;
  const cursor = (program.address + PROGRAM_CURSOR) / 4;
  const before = arena.u32[cursor]!;
  arena.u32[cursor] = 1; // at row 0 they would begin new sums
  for (const { name, address } of records.flatMap(({ writes }) => writes)) {
    if (name === "loss") arena.doubles(address, 3).fill(0);
  }
  for (const { kernel, address, end } of records) {
    if (kernel === "jointLoss" || kernel === "outputLossMetric") program.run({ first: address, last: end }, 0);
  }
  arena.u32[cursor] = before;
  return arena.doubles(loss, 3)[2];
}
