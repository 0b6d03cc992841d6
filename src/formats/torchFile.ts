// Reads PyTorch's files, .pt and .pth, since version 1.6: a zip file with a pickle, `data.pkl`, and a file for each storage of numbers. The
// pickle is read by rules (pickle.ts): tensors, numbers, texts, lists and dicts; nothing in it is run.
// see: PyTorch, "Serialization semantics"
import { valueText } from "../util/check.ts";
import { axesText } from "../util/shape.ts";
import { bytesOf } from "./bytes.ts";
import { fileError } from "./fileError.ts";
import { nameText, type Pickled, type PickledMade, type PickledScalar, pickledText, readPickle } from "./pickle.ts";
import { countOf, endOf, numbersOfView, type StoredType, STORAGES } from "./torchTensor.ts";
import type { TorchData, TorchType, View } from "./torchTensor.ts";
import { readZip, type ZipEntry } from "./zip.ts";

/** One tensor of a file. */
export interface TorchTensor {
  /** Sizes of the axes; empty for a single number. */
  readonly shape: readonly number[];
  /** As many numbers as the shape says, the last axis contiguous, in memory of its own. */
  readonly data: TorchData;
  /** The type of the numbers in the file, by PyTorch's name. */
  readonly dtype: TorchType;
}

/** A value that is no tensor: a number (a bigint beyond 2^53), text, boolean, null, or a list of such. */
export type TorchValue =
  null | boolean | number | bigint | string | readonly (null | boolean | number | bigint | string)[];

/** What a file holds. */
export interface TorchFile {
  /** The tensors by name, in the order of the file; names of dicts within dicts are joined by full stops. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** All else by name, such as `epoch`. */
  readonly values: ReadonlyMap<string, TorchValue>;
}

/** Bytes that are taken for each of the file: views of few numbers can be tensors of many. */
const MOST_TIMES = 8;
/** What a tensor takes besides its numbers. */
const PER_TENSOR = 200;
/** What laying it flat may cost for each byte of the pickle, which can have one dict in many places; a place costs as much as 64 letters. */
const MOST_COST = 32;
const PER_PLACE = 64;
/** Bytes of the longest pickle: 100,000 tensors take as much. */
const MOST_PICKLE = 16_000_000;
/** How deep lists and dicts may be nested. */
const MOST_NESTED = 200;
const MOST_AXES = 64;
/** PyTorch's oldest and newest version of the archive. */
const VERSIONS = [1, 10] as const;

const ORDERED = "collections.OrderedDict";
const TENSOR = "torch._utils._rebuild_tensor_v2";
const PARAMETER = "torch._utils._rebuild_parameter";
const SIZE = "torch.Size";

/** What to do about names that people's files are likely to have. */
const ADVICE: readonly (readonly [name: RegExp, what: string])[] = [
  [/^numpy\b/, "a number or array of NumPy; save x.item() or torch.tensor(x)"],
  [/^torch\._utils\._rebuild_tensor_v3$/, "numbers of a type that isn't read; save x.float()"],
  [
    /^torch\._utils\._rebuild_(?:sparse|mkldnn|.*q)/,
    "a sparse or quantized tensor; save x.to_dense() or x.dequantize()",
  ],
  [/^torch\.(?:Complex|Q|UInt|Untyped|storage\.)\w*Storage$/, "numbers of a type that isn't read; save x.float()"],
  [/^torch\.(?:jit|package)\b|^__torch__/, "a program of TorchScript; save model.state_dict()"],
  [/^torch\.nn\b|^__main__\b/, "a whole model or an object of a class; save model.state_dict()"],
];

const KNOWN: ReadonlySet<string> = /* @__PURE__ */ new Set([ORDERED, TENSOR, PARAMETER, SIZE]);

/** The type of numbers that a class of storages has. */
const storedAs = (name: string): StoredType | undefined =>
  STORAGES.get(/^torch\.(?:storage\.)?(\w+)$/.exec(name)?.[1] ?? "");

/** Numbers of one type, one after the other. */
interface Storage {
  readonly kind: "storage";
  readonly entry: ZipEntry;
  readonly type: StoredType;
  /** How many. */
  readonly size: number;
}

/** A tensor before its numbers are read. */
interface Placed {
  readonly kind: "tensor";
  readonly storage: Storage;
  readonly view: View;
}

type Value = Pickled<Storage | Placed>;

/**
 * Reads a file that PyTorch's `torch.save` wrote since version 1.6.
 *
 * Time and memory are in proportion to the file: tensors take at most 8 bytes for each of its own.
 *
 * @param name what messages call it, `readTorch: "model.pt"`
 * @throws {FileError} if it is of another kind or of the format before 1.6, cut short or damaged; if it asks for any class or function but those
 *   of tensors and dicts, contains itself, or has views that together are more than 8 times its size
 */
export function readTorchFile(file: Uint8Array, name: string): TorchFile {
  const bytes = bytesOf(file); // a Buffer's own methods differ
  const says: Says = (why, at = 0) => fileError(`${name} `, at, why);
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw says(otherKind(bytes));
  const archive = archiveOf(bytes, name, says);
  return laidFlat(archive.pickle, valueOf(archive, says), memoryFor(archive, bytes.length, says), says);
}

/** `at`: where in the file, or in its pickle. */
type Says = (why: string, at?: number) => Error;

/** What a file is that is no zip file. */
function otherKind(file: Uint8Array): string {
  if (file[0] === 0x80) {
    return (
      "is a pickle, as torch.save wrote before PyTorch 1.6 (or with _use_new_zipfile_serialization=False); " +
      "read it with PyTorch, and save it again"
    );
  }
  const start = [...file.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `is no file of torch.save; it must begin with 50 4b 03 04, but begins with ${start || "nothing"}`;
}

/** The files of an archive, without the name of the folder that they are in. */
interface Archive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly pickle: Uint8Array;
  readonly big: boolean;
}

function archiveOf(file: Uint8Array, name: string, says: Says): Archive {
  const all = readZip(file, name);
  const found = [...all.keys()].filter((each) => /^[^/]+\/data\.pkl$/.test(each));
  if (found.length !== 1) {
    throw says(`is a zip file, but none of torch.save, which has one data.pkl in a folder; it has ${found.length}`);
  }
  const folder = found[0]!.slice(0, -"data.pkl".length);
  const entries = new Map(
    Array.from(all, ([key, entry]) => [key.startsWith(folder) ? key.slice(folder.length) : `/${key}`, entry] as const),
  );
  if (entries.has("constants.pkl")) {
    throw says("is a program of TorchScript (torch.jit.save), which is never run; save model.state_dict()");
  }
  const size = Array.from(all.values(), (entry) => entry.size).reduce((sum, each) => sum + each, 0);
  if (size > MOST_TIMES * file.length) {
    throw says(
      `inflates to ${size} bytes, more than ${MOST_TIMES} times its ${file.length}; PyTorch stores without compression`,
    );
  }
  const { size: length } = all.get(found[0]!)!;
  if (length > MOST_PICKLE) throw says(`has a data.pkl of ${length} bytes; at most ${MOST_PICKLE} are read`);
  const textIn = (key: string): string | undefined => {
    const entry = entries.get(key);
    if (entry && entry.size > 20) throw says(`is damaged: its ${key} has ${entry.size} bytes`);
    return entry && String.fromCharCode(...entry.bytes()).trim();
  };
  const version = textIn("version");
  if (version === undefined) throw says("is damaged: it has no version, as torch.save writes it");
  const [least, most] = VERSIONS;
  if (!/^\d+$/.test(version) || Number(version) < least || Number(version) > most) {
    throw says(`is of the archive's version ${valueText(version)}; ${least} to ${most} are read`);
  }
  const order = textIn("byteorder") ?? "little";
  if (order !== "little" && order !== "big") {
    throw says(`is damaged: its byteorder is ${valueText(order)}; it must be little or big`);
  }
  return { entries, pickle: entries.get("data.pkl")!.bytes(), big: order === "big" };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A tuple's parts: those of a list could be changed later. */
const partsOf = (value: Value | undefined): readonly Value[] | undefined =>
  value !== null && typeof value === "object" && value.kind === "tuple" ? value.items : undefined;

const madeOf = (value: Value | undefined): Storage | Placed | undefined =>
  value !== null && typeof value === "object" && value.kind === "made" ? value.value : undefined;

/** What the pickle says, its tensors placed in storages whose sizes are checked. */
function valueOf({ entries, pickle }: Archive, says: Says): Value {
  const refuse = (why: string, at: number): Error => says(`has a data.pkl that, at byte ${at}, ${why}`, at);
  const made = (value: Storage | Placed): PickledMade<Storage | Placed> => ({ kind: "made", value });

  const storage = (id: Value, at: number): Value => {
    const [kind, type, key, , size] = partsOf(id) ?? [];
    const types = type !== null && typeof type === "object" && type.kind === "name" ? storedAs(type.name) : undefined;
    if (kind !== "storage" || !types || typeof key !== "string" || !isCount(size)) {
      throw refuse("has an id that is none of a storage: its class, its file and its size", at);
    }
    const entry = /^\d{1,20}$/.test(key) ? entries.get(`data/${key}`) : undefined;
    if (!entry) throw refuse(`has numbers in the file ${valueText(`data/${key}`)}, which isn't in the archive`, at);
    if (size * types.size !== entry.size) {
      const needs = `${size} numbers of ${types.name} take ${size * types.size} bytes`;
      throw refuse(`has a storage of another size than its file: ${needs}, but data/${key} has ${entry.size}`, at);
    }
    return made({ kind: "storage", entry, type: types, size });
  };

  const tensor = (args: readonly Value[], at: number): Value => {
    const own = madeOf(args[0]);
    const [, offset, sizes, steps, , , more] = args;
    const [shape, strides] = [partsOf(sizes), partsOf(steps)];
    if (own?.kind !== "storage" || !isCount(offset) || !shape?.every(isCount) || !strides?.every(isCount)) {
      throw refuse("has a tensor without a storage, a place, a shape and strides of whole numbers of 0 or more", at);
    }
    if (
      more !== undefined &&
      (typeof more !== "object" || more === null || more.kind !== "dict" || more.pairs.length > 0)
    ) {
      throw refuse("has a tensor that stands for others (a negative or conjugate view); save x.clone()", at);
    }
    if (shape.length !== strides.length || shape.length > MOST_AXES) {
      throw refuse(
        `has a tensor of ${shape.length} axes and ${strides.length} strides; up to ${MOST_AXES} are read`,
        at,
      );
    }
    const view = { offset, shape, strides };
    if (endOf(view) > own.size) {
      throw refuse(
        `has a tensor (${axesText(shape)}) that ends at number ${endOf(view)} of a storage of ${own.size}`,
        at,
      );
    }
    return made({ kind: "tensor", storage: own, view });
  };

  return readPickle<Storage | Placed>(pickle, {
    refuse,
    checkName(full, at) {
      if (KNOWN.has(full) || storedAs(full)) return;
      const advice = ADVICE.find(([pattern]) => pattern.test(full))?.[1];
      throw refuse(
        `asks for ${nameText(full)}, ${advice ? `which is ${advice}` : "which isn't known; nothing of a file is called. Save tensors, numbers, texts, lists and dicts, such as model.state_dict()"}`,
        at,
      );
    },
    call(full, args, at) {
      const [first] = args;
      if (full === ORDERED && args.length === 0) return { kind: "dict", pairs: [], ordered: true };
      if (full === SIZE && args.length === 1 && partsOf(first)) return first!;
      if (full === PARAMETER && madeOf(first)?.kind === "tensor") return first!;
      if (full === TENSOR && (args.length === 6 || args.length === 7)) return tensor(args, at);
      throw refuse(`calls ${full} with other arguments than torch.save writes`, at);
    },
    persistent: storage,
  });
}

/** Makes the numbers of tensors, until they are too many for the file. */
function memoryFor({ big }: Archive, fileSize: number, says: Says): (tensor: Placed, name: string) => TorchTensor {
  // a file of a few bytes may have a tensor of a few more
  let left = MOST_TIMES * fileSize + 2 ** 16;
  const read = new Map<ZipEntry, Uint8Array>();
  return ({ storage: { entry, type }, view }, name) => {
    const { shape } = view;
    const takes = countOf(shape) * type.readSize;
    left -= takes + PER_TENSOR;
    if (left < 0) {
      throw says(
        `has the tensor ${valueText(name)} (${axesText(shape)}) of ${takes} bytes; with those before it that is more than ` +
          `${MOST_TIMES} times the file's ${fileSize}. Views can repeat few numbers (expand): save x.clone()`,
      );
    }
    let bytes = read.get(entry);
    if (!bytes) read.set(entry, (bytes = entry.bytes()));
    return { shape: [...shape], data: numbersOfView(bytes, type, view, big), dtype: type.name };
  };
}

const isScalar = (value: Value): value is PickledScalar => value === null || typeof value !== "object";

/** Tensors and values by the names of the dicts and the places of the lists that they are in. */
function laidFlat(
  pickle: Uint8Array,
  root: Value,
  read: (tensor: Placed, name: string) => TorchTensor,
  says: Says,
): TorchFile {
  const tensors = new Map<string, TorchTensor>();
  const values = new Map<string, TorchValue>();
  /** What is being laid flat, from the outermost in. */
  const open = new Set<Value>();
  let left = MOST_COST * pickle.length + 2 ** 16;
  const spend = (count: number): void => {
    if ((left -= count) < 0) throw says("has few lists and dicts in so many places that it can't be laid flat");
  };
  const put = <T>(map: Map<string, T>, name: string, value: T): void => {
    if (tensors.has(name) || values.has(name)) throw says(`has two values of the name ${valueText(name)}`);
    map.set(name, value);
  };
  const walk = (value: Value, name: string): void => {
    if (isScalar(value)) return put(values, name, value);
    if (value.kind === "name") throw says(`has ${pickledText(value)} as the value ${valueText(name)}`);
    if (value.kind === "made") {
      if (value.value.kind !== "tensor") throw says(`has a storage as the value ${valueText(name)}; save a tensor`);
      return put(tensors, name, read(value.value, name));
    }
    if (open.has(value))
      throw says(`has ${pickledText(value)} in itself, at ${valueText(name)}; save one without circles`);
    if (open.size === MOST_NESTED) throw says(`has lists and dicts nested more than ${MOST_NESTED} deep`);
    open.add(value);
    const inside = (key: string, each: Value): void => {
      spend(name.length + key.length + PER_PLACE);
      walk(each, open.size === 1 ? key : `${name}.${key}`);
    };
    if (value.kind === "dict") {
      for (let i = 0; i < value.pairs.length; i += 2) inside(keyText(value.pairs[i]!, name, says), value.pairs[i + 1]!);
    } else {
      spend(4 * value.items.length);
      if (value.items.every(isScalar)) put(values, name, [...value.items]);
      else value.items.forEach((each, i) => inside(String(i), each));
    }
    open.delete(value);
  };
  walk(root, "");
  return { tensors, values };
}

/** A key of a dict as a part of a name. */
function keyText(key: Value, name: string, says: Says): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "bigint") return String(key);
  throw says(`has a dict with ${pickledText(key)} as a key, in ${valueText(name)}; keys must be texts or numbers`);
}
