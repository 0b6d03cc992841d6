// What `Trainer.state` and `restore` do: all that updates change, as bytes. They begin with a text, in UTF-16, that says line by line what
// they are of; then come the counters, the learning rate that was set (-1: none) and what the schedule keeps, as float64, and memory as it
// is: the parameters, the optimizer's states, the gradients. Everything is little-endian, as the core's memory.
import { bytesOf, checkBytes } from "../formats/bytes.ts";
import { checkNumbers, writtenOut } from "../util/check.ts";
import { shapeText } from "../util/shape.ts";
import type { TrainerState } from "./trainerState.ts";

/** The first line: versions refuse what they can't read. Since 2 there is the learning rate that was set. */
const FORMAT = "format wasmgrad-2";

/** The text and the numbers with which a state begins. */
export function headOf(state: TrainerState, where: string): [text: Uint16Array, numbers: Float64Array] {
  const { model, optimizer, schedule, running } = state;
  const { type, states } = optimizer;
  if ((running.observe || running.state) && !(running.state && running.restore)) {
    throw new Error(`${where}: a schedule that has observe must have state and restore, too`);
  }
  const kept = running.state ? running.state() : [];
  checkNumbers(where, `what the state of ${schedule?.type} gives`, kept);
  const text = [
    FORMAT,
    `${model.parameterCount} parameters and ${type}${states.map(({ name }) => `, ${name}`).join("")}`,
    `seed ${model.seed}`,
    running.state ? schedule!.type : "no schedule that observes",
    ...model
      .parameters()
      .map(({ name, shape, trained }) => `${name} ${shapeText(shape)}${trained ? "" : " not trained"}`),
    "nothing more\n",
  ].join("\n");
  return [
    Uint16Array.from(text, (letter) => letter.charCodeAt(0)),
    Float64Array.of(state.updates, model.passes, state.epochs, state.rate, ...kept),
  ];
}

/** The memory that follows them. To be used at once: it may grow. */
function memoryOf(state: TrainerState): Uint8Array[] {
  const { model } = state;
  const { address: first, bytes: size } = model.run;
  const ranges = [...state.lasting(), { address: first + model.gradientOffset(), bytes: size }];
  const { u8 } = model.core.arena;
  return ranges.map(({ address, bytes }) => u8.subarray(address, address + bytes));
}

const lengthOf = (parts: readonly ArrayBufferView[]): number =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

/** Refuses while updates are made, or are made elsewhere, so that the optimizer's state here is an old one. */
export function refuseMidway({ passing, offThread }: TrainerState, where: string): void {
  if (!passing && offThread?.whole !== false) return;
  throw new Error(
    `${where}: fit is making updates; await trainer.pause() before, and call trainer.resume() afterwards`,
  );
}

/** What `Trainer.state` does. */
export function takeState(state: TrainerState): Uint8Array<ArrayBuffer> {
  const { model } = state;
  model.refuse("state", model.inTraining !== state);
  refuseMidway(state, "state");
  const parts = [...headOf(state, "state"), ...memoryOf(state), ...(model.kept?.save() ?? [])];
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(bytesOf(part), at);
    at += part.byteLength;
  }
  return bytes;
}

/** What `Trainer.restore` does. */
export function restoreState(state: TrainerState, bytes: Uint8Array): void {
  checkBytes("restore", "the state", bytes);
  state.model.refuse("restore");
  putState(state, bytes, "restore");
}

/** Puts a state in the place of the one that is there. Refuses one of another training; nothing is then changed. */
export function putState(state: TrainerState, bytes: Uint8Array, where: string): void {
  const stateful = state.model.kept;
  const head = headOf(state, where);
  const [text, numbers] = head;
  const given = (i: number): number => bytes[2 * i]! + 256 * bytes[2 * i + 1]!;
  const differs = text.findIndex((letter, i) => letter !== given(i));
  if (differs >= 0 && 2 * differs + 1 < bytes.length) {
    const first = text.subarray(0, differs).lastIndexOf(10) + 1;
    const line = (letter: (i: number) => number): string => {
      let words = "";
      for (let i = first; letter(i) > 31 && words.length < 99; i++) words += String.fromCharCode(letter(i));
      return words;
    };
    const theirs = line(given);
    throw new RangeError(
      `${where}: the state has ${first || theirs.startsWith("format ") ? writtenOut(theirs) : "another format"}, where this trainer has ` +
        `${line((i) => text[i]!)}; use the version, model, optimizer and schedule that it was taken with` +
        (bytes[8] === 123
          ? ". It begins as a checkpoint does, whose state is (await readCheckpoint(bytes)).state"
          : ""),
    );
  }
  const length = lengthOf([...head, ...memoryOf(state)]);
  if (bytes.length !== length && !stateful?.fits(bytes.subarray(length))) {
    throw new RangeError(`${where}: the state has ${bytes.length} bytes, but must have ${length}; was it cut?`);
  }
  let at = text.byteLength;
  const take = (part: Uint8Array): void => part.set(bytes.subarray(at, (at += part.length)));
  take(bytesOf(numbers));
  const [updates, passes, epochs, rate, ...kept] = numbers as unknown as [number, number, number, number, ...number[]];
  if (!([updates, passes, epochs].every((count) => Number.isSafeInteger(count) && count >= 0) && rate < 2 ** 127)) {
    throw new RangeError(`${where}: the state is damaged: its counters or its learning rate can't be`);
  }
  state.running.restore?.(kept); // first: one of the user's may throw, or make memory grow
  memoryOf(state).forEach(take);
  state.model.resetStates();
  stateful?.load(bytes.subarray(at));
  state.count({ updates, passes, epochs });
  state.epochs = epochs;
  state.rate = rate;
}
