// Files as torch.save writes them, put together by hand: pickles of what is asked for, whether PyTorch would write it or not.
import { writeZip } from "../../src/formats/zip.ts";

type Bytes = Uint8Array<ArrayBuffer>;
/** A part of a pickle: opcodes as text of Latin-1, or bytes. */
export type Part = string | Uint8Array;

const ascii = (text: string): Bytes => Uint8Array.from(Buffer.from(text, "latin1"));

export const joined = (...parts: readonly Part[]): Bytes =>
  Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === "string" ? ascii(part) : part))));

/** A pickle of protocol 2: its value, and the end. */
export const pickle = (...parts: readonly Part[]): Bytes => joined("\x80\x02", ...parts, ".");

const u32 = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

export const text = (value: string): Bytes => {
  const bytes = new TextEncoder().encode(value);
  return joined("X", u32(bytes.length), bytes);
};

/** A whole number of 0 or more: of one byte, of 4, or of 8. */
export const whole = (value: number): Bytes => {
  if (value < 256) return joined("K", Uint8Array.of(value));
  if (value < 2 ** 31) return joined("J", u32(value));
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
  return joined("\x8a\x08", bytes);
};

export const tuple = (...items: readonly Part[]): Bytes => joined("(", ...items, "t");
export const list = (...items: readonly Part[]): Bytes => joined("](", ...items, "e");
export const dict = (...pairs: readonly (readonly [key: Part, value: Part])[]): Bytes =>
  joined("}(", ...pairs.flatMap(([key, value]) => [typeof key === "string" ? text(key) : key, value]), "u");

export const global = (name: string): Bytes => {
  const dot = name.lastIndexOf(".");
  return joined("c", `${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
};

export const call = (name: string, ...args: readonly Part[]): Bytes => joined(global(name), tuple(...args), "R");
export const ordered = (...pairs: readonly (readonly [key: Part, value: Part])[]): Bytes =>
  joined(call("collections.OrderedDict"), "(", ...pairs.flatMap(([key, value]) => [text(String(key)), value]), "u");

/** A view of a storage. */
export interface Viewed {
  readonly key?: string;
  readonly type?: string;
  /** How many numbers the storage is said to have. */
  readonly size?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  /** More arguments. */
  readonly more?: readonly Part[];
}

export const storage = ({ key = "0", type = "torch.FloatStorage", size = 4 }: Viewed = {}): Bytes =>
  joined(tuple(text("storage"), global(type), text(key), text("cpu"), whole(size)), "Q");

/** A tensor; without more said 4 numbers of float32. */
export const tensor = (viewed: Viewed = {}): Bytes => {
  const { offset = 0, shape = [4], more = [] } = viewed;
  const strides =
    viewed.strides ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  return call(
    "torch._utils._rebuild_tensor_v2",
    storage(viewed),
    whole(offset),
    tuple(...shape.map(whole)),
    tuple(...strides.map(whole)),
    "\x89",
    call("collections.OrderedDict"),
    ...more,
  );
};

/** Bytes of 4 float32. */
export const four = (): Bytes => new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

/** What an archive has beside `data.pkl`. */
export interface ArchiveOptions {
  readonly storages?: Readonly<Record<string, Uint8Array>>;
  /** More files, or others in place of them; undefined: without it. */
  readonly files?: Readonly<Record<string, Uint8Array | string | undefined>>;
  readonly compress?: boolean;
}

/** A zip file of a pickle and storages; without more said one storage of 4 float32. */
export function archive(
  data: Uint8Array,
  { storages = { 0: four() }, files = {}, compress = false }: ArchiveOptions = {},
): Bytes {
  const all = new Map<string, Uint8Array>([["archive/data.pkl", data]]);
  for (const [key, bytes] of Object.entries(storages)) all.set(`archive/data/${key}`, bytes);
  all.set("archive/version", ascii("3\n"));
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) all.delete(name);
    else all.set(name, typeof content === "string" ? ascii(content) : content);
  }
  return writeZip(all, compress, "archive");
}
