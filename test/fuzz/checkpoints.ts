// Fuzzes `readCheckpoint`: files of checkpoints whose text, parts or bytes are changed, with and without a checksum that fits. What is read
// must be written and read again as the same.
import {
  type Checkpoint,
  readCheckpoint,
  readSafetensors,
  type SafeTensor,
  writeSafetensors,
} from "../../src/files.ts";
import { withChecksum } from "../../src/formats/safetensors.ts";
import { writeValue } from "../../src/formats/values.ts";
import { LIBRARY, writeCheckpoint } from "../../src/io/checkpointFile.ts";
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften, changedText, changeJson, type Json, jsonText } from "./mutate.ts";

/** Anything that a checkpoint can keep. */
function anyValue(draw: Draw, depth = 0): unknown {
  const inner = (): unknown => anyValue(draw, depth + 1);
  const few = depth > 3 ? 0 : draw.int(4);
  return draw.call<unknown>([
    () => draw.number(),
    () => draw.text(),
    () => draw.pick([true, false, null, undefined, 0n, -(2n ** 70n), -0, NaN, new Date(0), new Date(NaN)]),
    () => draw.list(few, inner),
    () => Object.fromEntries(draw.list(few, () => [draw.chance(0.2) ? "$" : draw.text(), inner()])),
    () => new Map(draw.list(few, () => [inner(), inner()])),
    () => new Set(draw.list(few, inner)),
    () => {
      const Kind = draw.pick([Float32Array, Float64Array, Int8Array, Int16Array, Uint8ClampedArray, Uint32Array]);
      return new Kind(draw.bytes(Kind.BYTES_PER_ELEMENT * draw.int(5)).buffer);
    },
  ]);
}

function anyCheckpoint(draw: Draw): Uint8Array<ArrayBuffer> {
  const history = draw.list(draw.int(3), () => [draw.text(), draw.list(draw.int(3), () => draw.number())] as const);
  return writeCheckpoint({
    of: draw.list(draw.int(3), () => draw.text()),
    step: draw.int(1000),
    epoch: draw.int(10),
    batch: draw.int(10),
    ended: draw.chance(0.5),
    history: Object.fromEntries(history),
    state: draw.bytes(draw.int(30)),
    rest: anyValue(draw),
  } as Omit<Checkpoint, "version">);
}

const ODD: readonly Json[] = [
  { $: "undefined" },
  { $: "number", value: "NaN" },
  { $: "number", value: "1" },
  { $: "bigint", value: "12" },
  { $: "bigint", value: "1".repeat(5000) },
  { $: "Date", value: 5 },
  { $: "Date", value: { $: "Date", value: 5 } },
  { $: "Map", pairs: [[1, 2]] },
  { $: "Map", pairs: [[1, 2, 3]] },
  { $: "Set", values: [1, 1] },
  { $: "object", entries: [["__proto__", 1]] },
  { $: "object", entries: [[{ toString: 1 }, 1]] },
  { $: "Uint8Array", array: 0 },
  { $: "Float64Array", array: 0 },
  { $: "Uint8Array", array: "length" },
  { $: "constructor", array: 0 },
  { $: { $: "Map" } },
];

/** An input made of a valid file. */
function inputOf(draw: Draw, given: Uint8Array): Uint8Array {
  const { tensors, metadata } = readSafetensors(given);
  const { training = "" } = metadata;
  const again = (
    texts: Readonly<Record<string, string>>,
    parts: readonly (readonly [string, SafeTensor])[] = [...tensors],
  ): Uint8Array =>
    writeSafetensors(parts, draw.chance(0.95) ? withChecksum(parts, texts) : { ...texts, checksum: "0" });
  return draw.call<Uint8Array>([
    () => given,
    () => changedOften(draw, given, changedBytes),
    () => again({ ...metadata, training: changedOften(draw, training, changedText) }),
    ...Array.from({ length: 5 }, () => () => {
      const value = JSON.parse(training) as Json;
      changeJson(draw, value, ODD);
      return again({ ...metadata, training: jsonText(value) });
    }),
    () => {
      const texts = new Map(Object.entries(metadata));
      const key = draw.pick([...texts.keys()]);
      if (draw.chance(0.5)) texts.delete(key);
      else texts.set(key, draw.text());
      return again(Object.fromEntries(texts));
    },
    () => {
      const parts = new Map(tensors);
      const key = draw.pick([...parts.keys(), "0"]);
      const old = parts.get(key);
      const data = draw.pick([draw.bytes(draw.int(20)), new Float32Array(draw.int(5)), new Int32Array(2)]);
      parts.delete(key);
      const name = draw.chance(0.5) ? key : draw.pick(["0", "1", "01", "-1", "x", draw.text()]);
      if (draw.chance(0.8)) parts.set(name, old && draw.chance(0.3) ? old : { shape: [data.length], data });
      return again(metadata, [...parts]);
    },
    () => draw.bytes(draw.int(300)),
  ]);
}

const textOf = (checkpoint: Checkpoint): string => {
  const { text, arrays } = writeValue({ ...checkpoint, version: LIBRARY }, "checkpoint");
  return JSON.stringify([text, arrays.map((bytes) => Buffer.from(bytes).toString("hex"))]);
};

async function attempt(bytes: Uint8Array): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const end = await endedReading(bytes.length, ["a.safetensors"], () => readCheckpoint(bytes, "a.safetensors"));
  if (end.fault !== undefined || end.error) return { fault: end.fault, refused: true, input };
  const again = await endedReading(bytes.length, ["checkpoint", "readCheckpoint"], () =>
    readCheckpoint(writeCheckpoint(end.value)),
  );
  if (again.error) return { fault: `can't be written again: ${again.error.message}`, refused: false, input };
  const same = textOf(again.value) === textOf(end.value);
  return { fault: same ? again.fault : "what is written again is another checkpoint", refused: false, input };
}

export const checkpoints: Fuzzer = {
  name: "checkpoints",
  what: "readCheckpoint, of files with changed texts, parts and bytes, whose checksum fits",
  inTests: 4000,
  prepare() {
    return (draw) => attempt(inputOf(draw, anyCheckpoint(draw)));
  },
};
