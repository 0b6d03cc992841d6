// Fuzzes `readSafetensors` and `openSafetensors`: what one reads, the other must, and it must be written and read again as the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  modelToBytes,
  openSafetensors,
  readSafetensors,
  type SafeTensor,
  type SafeTensors,
  writeSafetensors,
} from "../../src/files.ts";
import { dense, sequential } from "../../src/index.ts";
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, type Tried, untyped } from "./engine.ts";
import { changedBytes, changedOften, changeJson, type Json, jsonText } from "./mutate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file of a header's text and the numbers after it. */
export function fileOf(header: string, body: Uint8Array, length?: number): Bytes {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file;
}

/** The header and the numbers of a file. */
function partsOf(file: Uint8Array): { readonly header: Json; readonly body: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return {
    header: JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Json,
    body: file.subarray(8 + length),
  };
}

/** Types, and the bytes of a number. */
const TYPES: readonly (readonly [dtype: string, size: number])[] = [
  ["F32", 4],
  ["F32", 4],
  ["I32", 4],
  ["U8", 1],
  ["F64", 8],
  ["F16", 2],
  ["BF16", 2],
  ["F8_E4M3", 1],
  ["F8_E5M2", 1],
  ["I8", 1],
  ["I16", 2],
  ["I64", 8],
  ["U16", 2],
  ["U32", 4],
  ["U64", 8],
  ["BOOL", 1],
  ["C64", 8],
];

/** A file of a few tensors, mostly a valid one. */
function anyFile(draw: Draw): Bytes {
  const names = new Set(draw.list(draw.int(6), () => (draw.chance(0.5) ? draw.text() : `layer${draw.int(4)}.weight`)));
  let end = 0;
  const parts: Uint8Array[] = [];
  const header: [string, Json][] = [...names].map((name) => {
    const shape = draw.list(draw.int(4), () => draw.pick([0, 1, 2, 3, 5]));
    const [dtype, size] = draw.pick(TYPES);
    const bytes = shape.reduce((product, n) => product * n, 1) * size;
    parts.push(draw.bytes(bytes));
    return [name, { dtype, shape, data_offsets: [end, (end += bytes)] }];
  });
  const metadata: [string, Json][] = draw.list(draw.int(3), () => [draw.text(), draw.text()]);
  if (draw.chance(0.3)) metadata.push(["format", draw.pick(["wasmgrad", "pt"])]);
  if (draw.chance(0.1)) metadata.push(["checksum", draw.text()]);
  if (metadata.length > 0)
    header.splice(draw.int(header.length + 1), 0, ["__metadata__", Object.fromEntries(metadata)]);
  if (draw.chance(0.2)) header.reverse();
  const body = new Uint8Array(parts.flatMap((part) => [...part]));
  return fileOf(JSON.stringify(Object.fromEntries(header)), body);
}

const ODD: readonly Json[] = [
  "F32",
  "I32",
  "U8",
  "F64",
  "BOOL",
  "F16",
  "BF16",
  "F8_E5M2",
  "I64",
  "F4",
  [0, 4],
  [4, 0],
  [0, 0],
  [-4, 4],
  [0, 2 ** 53],
  [2, 2],
  [2 ** 31, 2 ** 31],
];

/** An input made of a valid file. */
function inputOf(draw: Draw, given: Uint8Array): Uint8Array {
  return draw.call<Uint8Array>([
    () => given,
    () => changedOften(draw, given, changedBytes),
    () => changedOften(draw, given, changedBytes),
    ...Array.from({ length: 4 }, () => () => {
      const { header, body } = partsOf(given);
      changeJson(draw, header, ODD);
      return fileOf(jsonText(header), body, draw.chance(0.1) ? draw.number() & 0xffff : undefined);
    }),
    () => {
      const { header, body } = partsOf(given);
      return fileOf(JSON.stringify(header), draw.chance(0.5) ? changedBytes(draw, body) : body.slice(draw.int(9)));
    },
    () => {
      // a view into other memory, at any address
      const all = new Uint8Array(given.length + 16);
      const at = draw.int(9);
      all.set(given, at);
      return all.subarray(at, at + given.length);
    },
    () => draw.bytes(draw.int(300)),
  ]);
}

const tensorText = (name: string, { shape, data, dtype }: SafeTensor): unknown => [
  name,
  shape,
  dtype,
  data.constructor.name,
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"),
];
const textOf = ({ tensors, metadata }: SafeTensors): string =>
  JSON.stringify([
    Array.from(tensors, ([name, tensor]) => tensorText(name, tensor)),
    Object.entries(metadata).toSorted(),
  ]);

/** What is wrong with a number of numbers. */
const unfit = (name: string, { shape, data }: SafeTensor): string | undefined => {
  const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
  return count === data.length ? undefined : `${name} is ${shape.join(" x ")}, but has ${data.length}`;
};

/** Reads, and what was read is written and read again. */
async function attempt(bytes: Uint8Array): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const end = await endedReading(bytes.length, ["f.safetensors"], () => readSafetensors(bytes, "f.safetensors"));
  const demanded = await attemptOnDemand(bytes, end.value);
  if (end.fault !== undefined || end.error)
    return { fault: end.fault ?? untyped(end.error) ?? demanded, refused: true, input };
  const read = end.value;
  const fault = demanded ?? Array.from(read.tensors, ([name, tensor]) => unfit(name, tensor)).find(Boolean);
  if (fault !== undefined) return { fault, refused: false, input };
  const again = await endedReading(bytes.length, ["writeSafetensors"], () =>
    readSafetensors(writeSafetensors(read.tensors, read.metadata)),
  );
  if (again.error) return { fault: `can't be written again: ${again.error.message}`, refused: false, input };
  // written: NaN with the same bits everywhere, so the second reading is compared with the third
  const third = readSafetensors(writeSafetensors(again.value.tensors, again.value.metadata));
  const same = textOf(again.value) === textOf(third) && again.value.tensors.size === read.tensors.size;
  return { fault: same ? again.fault : "what is written again is another file", refused: false, input };
}

/** The same on demand: what is wrong with it, or how it differs from all at once. */
async function attemptOnDemand(bytes: Uint8Array, all: SafeTensors | undefined): Promise<string | undefined> {
  const read = (from: number, to: number): Uint8Array => bytes.subarray(from, to);
  const opened = await endedReading(bytes.length, ["openSafetensors"], () =>
    openSafetensors({ size: bytes.length, read }),
  );
  if (opened.fault !== undefined) return opened.fault;
  if (opened.error)
    return all ? `openSafetensors refuses what is read: ${opened.error.message}` : untyped(opened.error);
  for (const [name, { dtype }] of opened.value.tensors) {
    const end = await endedReading(bytes.length, ["openSafetensors"], () => opened.value.read(name));
    const fault = end.fault ?? untyped(end.error) ?? (end.value && unfit(name, end.value));
    if (fault !== undefined) return fault;
    if (end.error && TYPES.some(([known]) => known === dtype && known !== "C64"))
      return `${dtype} isn't read on demand`;
    const same = all && end.value && JSON.stringify(tensorText(name, all.tensors.get(name)!)) === JSON.stringify(tensorText(name, end.value)); // prettier-ignore
    if (all && !same) return `${name} is read on demand as another tensor`;
  }
  return undefined;
}

export const safetensors: Fuzzer = {
  name: "safetensors",
  what: "readSafetensors and openSafetensors, of every type, of files with changed headers, lengths and numbers",
  inTests: 4000,
  async prepare() {
    const model = modelToBytes(await sequential({ input: 3, seed: 1 }, dense(2)));
    const golden = readFileSync(join(import.meta.dirname, "../golden/cases/dense_1x3_to5.safetensors"));
    return (draw) => {
      const given = draw.chance(0.3) ? draw.pick([model, golden]) : anyFile(draw);
      return attempt(inputOf(draw, given));
    };
  },
};
