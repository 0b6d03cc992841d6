// Fuzzes the readers of arrays, npy, npz and IDX, and `readTable`: files that are written and read again, damaged ones, and any bytes.
import { deflateRawSync, gzipSync } from "node:zlib";
import {
  type NpyArray,
  type NpyType,
  readIdxFile,
  readNpy,
  readNpz,
  readTable,
  table,
  type TableReadOptions,
  writeNpy,
  writeNpz,
} from "../../src/data.ts";
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, type Tried, untyped } from "./engine.ts";
import { idxFile } from "./idx.ts";
import { changedBytes, changedOften } from "./mutate.ts";

const ARRAYS = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** An array of any type: its numbers are drawn bits, of bool 0 and 1, of float16 small whole numbers. */
function anyArray(draw: Draw, axes = draw.pick([0, 1, 1, 2, 2, 3])): NpyArray {
  const shape = draw.list(axes, () => draw.pick([0, 1, 2, 3, 7]));
  const count = shape.reduce((product, n) => product * n, 1);
  const dtype = draw.pick(Object.keys(ARRAYS)) as NpyType;
  const data = new ARRAYS[dtype](count);
  const bits = new Uint8Array(data.buffer);
  if (dtype === "float16") (data as Float32Array).forEach((_, i) => (data[i] = draw.int(2048) - 1024));
  else if (dtype === "bool") bits.forEach((_, i) => (bits[i] = draw.int(2)));
  else bits.set(draw.bytes(bits.length));
  return { shape, data, dtype };
}

/** Its bits: numbers that aren't a number are the same only so. */
const bitsOf = ({ shape, data, dtype }: NpyArray): string =>
  `${dtype} ${shape.join(",")} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex")}`;

/** A header as text, changed by words. */
function headerChanged(draw: Draw, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(file).toString("latin1");
  const from = draw.pick(["<", "|", "False", "(", ")", ", ", "'", "descr", "shape", "}", "{", " "]);
  const to = draw.pick([
    ">",
    "=",
    "True",
    "((",
    "(1000000000000, ",
    "(0, ",
    ",",
    '"',
    "O",
    "[('a', '<f4')]",
    "V",
    "",
    " ",
  ]);
  return Uint8Array.from(Buffer.from(text.replace(from, to), "latin1"));
}

const packed = (draw: Draw, bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  draw.chance(0.2) ? Uint8Array.from(gzipSync(bytes, { level: 1 })) : Uint8Array.from(bytes);

/** As it is, or in pieces. */
function sourceOf(draw: Draw, bytes: Uint8Array<ArrayBuffer>): Uint8Array | Uint8Array[] | Blob {
  if (draw.chance(0.6)) return bytes;
  if (draw.chance(0.2)) return new Blob([bytes]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) pieces.push(bytes.subarray(at, (at += draw.pick([1, 7, 100, 1e6]))));
  return pieces;
}

async function attempt<T>(
  bytes: Uint8Array,
  name: string,
  read: () => Promise<T>,
  faultOf: (value: T) => string | undefined,
): Promise<Tried> {
  const end = await endedReading(bytes.length, [name], read);
  const isTyped = name !== "readIdxFile";
  const fault =
    end.fault ?? (end.error === undefined ? faultOf(end.value as T) : isTyped ? untyped(end.error) : undefined);
  return { fault, refused: end.error !== undefined, input: () => bytesText(bytes) };
}

/** What is wrong with an array by itself. */
function unfit({ shape, data }: NpyArray): string | undefined {
  const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
  return count === data.length ? undefined : `${shape.join(" x ")} with ${data.length} numbers`;
}

export const npy: Fuzzer = {
  name: "npy",
  what: "readNpy, of arrays that are written and read again, of damaged ones, and of other headers",
  inTests: 3000,
  prepare: () => async (draw) => {
    const array = anyArray(draw);
    const file = await writeNpy(array);
    if (draw.chance(0.4)) {
      const given = packed(draw, file);
      const same = (read: NpyArray) => (bitsOf(read) === bitsOf(array) ? undefined : "it is read as another array");
      return attempt(given, "readNpy", () => readNpy(sourceOf(draw, given)), same);
    }
    const changed = draw.chance(0.5) ? headerChanged(draw, file) : changedOften(draw, file, changedBytes);
    const given = packed(draw, changed);
    return attempt(given, "readNpy", () => readNpy(sourceOf(draw, given)), unfit);
  },
};

/** An npz file whose list is changed: the list is at the end, where other changes seldom are. */
function endChanged(draw: Draw, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = Math.max(0, file.length - draw.pick([22, 80, 200]));
  return Uint8Array.from(Buffer.concat([file.subarray(0, from), changedBytes(draw, file.subarray(from))]));
}

/** Replaces what is deflated in place by something that inflates to more, where there is room for it. */
function bombed(draw: Draw, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const bomb = deflateRawSync(new Uint8Array(draw.pick([1e3, 1e5])));
  const changed = Uint8Array.from(file);
  if (changed.length > bomb.length + 40) changed.set(bomb, 30 + draw.int(12));
  return changed;
}

export const npz: Fuzzer = {
  name: "npz",
  what: "readNpz, of arrays that are written and read again, and of damaged zip files",
  inTests: 2000,
  prepare: () => async (draw) => {
    const names = new Set(draw.list(draw.from(1, 3), () => draw.pick(["x", "y", "a/b", "漢字", "0", "x.npy"])));
    const arrays = new Map(Array.from(names, (name): [string, NpyArray] => [name, anyArray(draw)]));
    const file = await writeNpz(arrays, { compress: draw.chance(0.5) });
    if (draw.chance(0.3)) {
      const given = packed(draw, file);
      const faultOf = (read: ReadonlyMap<string, NpyArray>): string | undefined =>
        [...arrays].every(([name, array]) => read.has(name) && bitsOf(read.get(name)!) === bitsOf(array))
          ? undefined
          : "it is read as other arrays";
      return attempt(given, "readNpz", () => readNpz(sourceOf(draw, given)), faultOf);
    }
    const changed = draw.call<Uint8Array<ArrayBuffer>>([
      () => endChanged(draw, file),
      () => changedOften(draw, file, changedBytes),
      () => bombed(draw, file),
    ]);
    const given = packed(draw, changed);
    const read = (): Promise<ReadonlyMap<string, NpyArray>> => readNpz(sourceOf(draw, given));
    return attempt(given, "readNpz", read, (value) => [...value.values()].map(unfit).find(Boolean));
  },
};

export const idxSources: Fuzzer = {
  name: "idx-sources",
  what: "readIdxFile, of files of any type, gzipped or not, in pieces, and of damaged ones",
  inTests: 3000,
  prepare: () => async (draw) => {
    const file = idxFile(
      draw,
      draw.list(draw.pick([0, 1, 2, 3]), () => draw.pick([0, 1, 2, 3, draw.chance(0.1) ? 2 ** 32 - 1 : 4])),
    );
    const changed = draw.chance(0.5) ? file : changedOften(draw, file, changedBytes);
    const given = draw.chance(0.1) ? changedBytes(draw, packed(draw, changed)) : packed(draw, changed);
    return attempt(given, "readIdxFile", () => readIdxFile(sourceOf(draw, given)), unfit);
  },
};

const TEXTS = [
  "a,b\n1,2\n3,4\n",
  "a;b\n1,5;2\n",
  '{"a":1,"b":"x"}\n{"a":2}\n',
  '[{"a":1,"b":null},{"c":true}]',
  '{\n"a": [1, 2]\n}',
  "<!doctype html><p>",
  "PAR1",
  "%PDF-1.7",
];

const anyOptions = (draw: Draw): TableReadOptions => ({
  ...(draw.chance(0.2) && { kind: draw.pick(["csv", "json-lines", "json", "npy", "npz"] as const) }),
  ...(draw.chance(0.1) && { delimiter: draw.pick([",", ";"]) }),
  ...(draw.chance(0.1) && { encoding: draw.pick(["utf-8", "utf-16le", "gb18030"]) }),
  ...(draw.chance(0.1) && { ragged: "pad" as const }),
});

export const anyTable: Fuzzer = {
  name: "tables",
  what: "readTable, of tables of every kind, of damaged ones, and of other files; what is read is made a table",
  inTests: 3000,
  prepare: () => async (draw) => {
    const file = await draw.call<Promise<Uint8Array> | Uint8Array>([
      () => writeNpy(anyArray(draw, draw.pick([1, 2]))),
      () => writeNpz({ x: anyArray(draw, 1), y: anyArray(draw, draw.pick([1, 2])) }, { compress: draw.chance(0.5) }),
      () => new TextEncoder().encode(draw.pick(TEXTS)),
      () => new TextEncoder().encode(draw.pick(TEXTS)),
    ]);
    const given = packed(draw, draw.chance(0.5) ? file : changedOften(draw, file, changedBytes));
    const options = anyOptions(draw);
    const read = async (): Promise<number> => {
      const reading = readTable(sourceOf(draw, given), options);
      const raw = await table(reading);
      const { kind, reasons } = await reading.guessed;
      if (reasons.length === 0 && options.kind === undefined) throw new Error(`${kind} without a reason`);
      return raw.rows;
    };
    const end = await endedReading(given.length, ["readTable", "table"], read);
    const input = (): string => `${bytesText(given)}\n${JSON.stringify(options)}`;
    return { fault: end.fault, refused: end.error !== undefined, input };
  },
};
