// Reads and writes zip files: the list of what is in them is read here, within bounds, and what is deflated is inflated by fflate.
// see: PKWARE, ".ZIP File Format Specification" (APPNOTE.TXT), version 6.3.10
import { Inflate, zipSync } from "fflate";
import { valueText } from "../util/check.ts";
import { checkBytes } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import { fileError } from "./fileError.ts";
import { leadsOut } from "./insideFolder.ts";
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** A file in a zip file. */
export interface ZipEntry {
  /** Its name, with `/` between folders. */
  readonly name: string;
  /** How many bytes it has. */
  readonly size: number;
  /**
   * Its bytes: in place if they are stored as they are, else inflated, anew at each call.
   *
   * @throws {FileError} if they are damaged
   */
  bytes(): Uint8Array;
}

/** The most bytes that are inflated of the files in one zip file. */
const MOST_BYTES = 2 ** 30;

/** Bytes that one byte can inflate to, at most. */
const MOST_RATIO = 1032;

/** Bytes that are inflated at once: to 34 MB at most. */
const PIECE = 2 ** 15;

/** Methods of compression that aren't read. */
const METHODS: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "zstd",
  95: "xz",
  99: "AES",
};

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;

/** What the list says of a file. */
interface Listed {
  readonly name: string;
  readonly stored: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its own header begins. */
  readonly at: number;
}

/**
 * Reads the list of a zip file; its files are read when they are asked for. Folders are left out.
 *
 * Time and memory are in proportion to the file, and to what is inflated, 1 GiB at most.
 *
 * @param name what messages call it, `readNpz: "weights.npz"`
 * @throws {FileError} if it is no zip file, cut short or damaged, encrypted, compressed in another way than by deflate, or inflates to more;
 *   if two files have one name, share bytes, or a name leads out of the folder
 */
export function readZip(bytes: Uint8Array, name: string): ReadonlyMap<string, ZipEntry> {
  checkBytes(name, "the file", bytes);
  const says: Says = (at, what, cause) => fileError(`${name} `, at, what, cause);
  const listed = readList(bytes, says);
  const entries = new Map<string, ZipEntry>();
  let total = 0;
  /** Where what came before ends. */
  let end = 0;
  for (const entry of listed.toSorted((a, b) => a.at - b.at)) {
    if (entry.at < end)
      throw says(entry.at, `is damaged: ${valueText(entry.name)} shares bytes with the file before it`);
    const from = startOf(bytes, entry, says);
    end = from + entry.packed;
    if (!entry.stored) total += entry.size;
  }
  if (total > MOST_BYTES) {
    throw says(
      0,
      `inflates to ${total} bytes; at most ${MOST_BYTES} are inflated. Store what is larger without compression, as np.savez does`,
    );
  }
  for (const entry of listed) {
    if (entries.has(entry.name)) throw says(entry.at, `has two files of the name ${valueText(entry.name)}`);
    if (entry.name.endsWith("/")) continue;
    const { name: own, size } = entry;
    entries.set(own, { name: own, size, bytes: () => bytesOf(bytes, entry, says) });
  }
  return entries;
}

type Says = (at: number, what: string, cause?: unknown) => Error;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** A whole number of 64 bits; one beyond 2^53 is beyond any file, too. */
const wide = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** Where the list is, and how many files are in it. */
function placeOfList(bytes: Uint8Array, says: Says): { from: number; to: number; count: number } {
  const view = viewOf(bytes);
  const cut = (): Error => says(bytes.length, "is cut short: the list of its files, which is at the end, isn't there");
  // behind it there is a comment of up to 65,535 bytes
  let end = bytes.length - 22;
  const least = Math.max(0, end - 0xffff);
  while (
    end >= least &&
    !(view.getUint32(end, true) === END && view.getUint16(end + 20, true) === bytes.length - end - 22)
  ) {
    end--;
  }
  if (end < least) throw cut();
  let count = view.getUint16(end + 10, true);
  let size = view.getUint32(end + 12, true);
  let from = view.getUint32(end + 16, true);
  let to = end;
  if (end >= 76 && view.getUint32(end - 20, true) === END_64_PLACE) {
    // of zip64: the same with more digits
    to = wide(view, end - 12);
    if (!(to <= end - 76) || view.getUint32(to, true) !== END_64) throw cut();
    count = wide(view, to + 32);
    size = wide(view, to + 40);
    from = wide(view, to + 48);
  }
  const disks = view.getUint16(end + 4, true);
  if (disks !== 0 && disks !== 0xffff) throw says(end, "is one of several parts of a zip file; join them first");
  if (from + size !== to) {
    throw says(
      end,
      `is damaged or cut short: the list of its files is said to be at bytes ${from} to ${from + size}, but ends at ${to}`,
    );
  }
  return { from, to, count };
}

/** The list, each name checked. */
function readList(bytes: Uint8Array, says: Says): Listed[] {
  const { from, to, count } = placeOfList(bytes, says);
  const view = viewOf(bytes);
  let at = from;
  const damaged = (): Error => says(at, `is damaged: the list of its files isn't one of ${count} files`);
  // each takes 46 bytes
  if (count > (to - from) / 46) throw damaged();
  const all: Listed[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > to || view.getUint32(at, true) !== LISTED) throw damaged();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const extra = at + 46 + nameBytes!;
    const next = extra + extraBytes! + commentBytes!;
    if (next > to) throw damaged();
    const name = nameOf(bytes.subarray(at + 46, extra), (what, cause) => says(at + 46, what, cause));
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const quoted = valueText(name);
    if ((flags & 0x2041) !== 0 || method === 99)
      throw says(at, `has an encrypted file, ${quoted}; write it without a password`);
    if (method !== 0 && method !== 8) {
      const how = METHODS[method] ?? `method ${method}`;
      throw says(at, `has ${quoted} compressed by ${how}; stored and deflated files are read`);
    }
    const [size, packed, place] = sizesOf(view, at, extra, extra + extraBytes!);
    if (method === 0 && size !== packed)
      throw says(at, `is damaged: ${quoted} is stored, but has two sizes, ${size} and ${packed}`);
    if (size > packed * MOST_RATIO) {
      throw says(
        at,
        `is damaged: ${quoted} can't have the ${size} bytes that are said of it, since it takes ${packed} compressed`,
      );
    }
    all.push({ name, stored: method === 0, crc: view.getUint32(at + 16, true), packed, size, at: place });
    at = next;
  }
  if (at !== to) throw damaged();
  return all;
}

/** The size of a file, the bytes that it takes, and where they are: in 32 bits, or what doesn't fit in 64 behind the name. */
function sizesOf(view: DataView, at: number, extra: number, end: number): [number, number, number] {
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  for (let field = extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let place = field + 4;
    const last = Math.min(end, place + view.getUint16(field + 2, true));
    for (let i = 0; i < 3; i++) {
      if (sizes[i] !== 0xffffffff || place + 8 > last) continue;
      sizes[i] = wide(view, place);
      place += 8;
    }
  }
  return sizes as [number, number, number];
}

/** A name that stays within a folder. */
function nameOf(bytes: Uint8Array, says: (what: string, cause?: unknown) => Error): string {
  let name: string;
  try {
    name = utf8Text(bytes);
  } catch (cause) {
    throw says("has a file whose name isn't UTF-8; pack it again", cause);
  }
  if (leadsOut(name)) {
    throw says(
      `has a file of the name ${valueText(name)}; names must be of files in it, without "..", "\\" or a drive`,
    );
  }
  return name;
}

/** Where a file's bytes begin: behind its own header, which must be that of the list. */
function startOf(bytes: Uint8Array, { name, at, packed }: Listed, says: Says): number {
  const view = viewOf(bytes);
  const damaged = (): Error =>
    says(at, `is damaged or cut short: ${valueText(name)} isn't where the list of its files says`);
  if (!(at + 30 <= bytes.length) || view.getUint32(at, true) !== LOCAL) throw damaged();
  const from = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (!(from + packed <= bytes.length)) throw damaged();
  return from;
}

function bytesOf(bytes: Uint8Array, entry: Listed, says: Says): Uint8Array {
  const from = startOf(bytes, entry, says);
  const packed = bytes.subarray(from, from + entry.packed);
  const quoted = valueText(entry.name);
  const content = entry.stored
    ? packed
    : inflated(packed, entry.size, (cause) => says(from, `is damaged: ${quoted} can't be inflated`, cause));
  if (crc32(content) !== entry.crc) throw says(from, `is damaged: the checksum of ${quoted} isn't that of its bytes`);
  return content;
}

/** Inflates to a size, and not further. */
function inflated(packed: Uint8Array, size: number, fail: (cause?: unknown) => Error): Uint8Array {
  const out = new Uint8Array(size);
  let length = 0;
  const inflate = new Inflate((chunk) => {
    if (length + chunk.length > size) throw fail();
    out.set(chunk, length);
    length += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length; at += PIECE) {
      inflate.push(packed.subarray(at, at + PIECE), at + PIECE >= packed.length);
    }
  } catch (cause) {
    throw fail(cause);
  }
  if (length !== size) throw fail();
  return out;
}

/** Files that are all alike: no date of today, so that the same content is the same bytes. */
const DATE = "1980-01-01T00:00:00";

/**
 * Writes a zip file: the same bytes for the same files.
 *
 * @param entries names, `/` between folders, and bytes
 * @param compress deflates them; else they are stored as they are
 * @param where the function that messages begin with
 * @throws {RangeError} if a name is there twice or leads out of the folder, or there is more than fits: 65,535 files, 4 GB
 */
export function writeZip(
  entries: Iterable<readonly [string, Uint8Array]>,
  compress: boolean,
  where: string,
): Uint8Array<ArrayBuffer> {
  const files = new Map<string, Uint8Array>();
  let size = 0;
  for (const [name, bytes] of entries) {
    if (leadsOut(name) || name === "__proto__") {
      throw new RangeError(`${where}: ${valueText(name)} can't be the name of a file in a zip file`);
    }
    if (files.has(name)) throw new RangeError(`${where}: the name ${valueText(name)} is there twice`);
    files.set(name, bytes);
    size += bytes.length + 2 * utf8Bytes(name).length + 76;
  }
  if (files.size > 0xffff || size > 0xfff00000) {
    throw new RangeError(
      `${where}: ${files.size} files of ${size} bytes are more than a zip file can have (65535, 4 GB); write several`,
    );
  }
  const options = { level: compress ? 6 : 0, mtime: DATE } as const;
  return zipSync(Object.fromEntries(files), options) as Uint8Array<ArrayBuffer>;
}
