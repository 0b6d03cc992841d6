// R's saved data frames: the lazy-load data bases of its packages (Rdata.rdx is the index of Rdata.rdb) and the files of save().
// The format is that of "Serialization Formats" in "R Internals": everything is big-endian; an item begins with a word whose lowest byte
// is its kind, with flags for attributes (bit 9) and a tag (bit 10).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync, unzipSync } from "node:zlib";

/** A column of a data frame, as words: the empty word is a missing value. */
export interface RColumn {
  readonly name: string;
  readonly cells: readonly string[];
}

/** What a file of R's has: vectors, with their attributes, and lists of them. */
type RValue = null | string | RVector | { readonly symbol: string } | { readonly other: string };

interface RVector {
  readonly kind: "logical" | "integer" | "double" | "string" | "list" | "pairs" | "bytes";
  readonly items: readonly (number | string | RValue)[];
  readonly names?: readonly string[];
  readonly attributes: ReadonlyMap<string, RValue>;
}

const NONE: ReadonlyMap<string, RValue> = new Map();
const NA_INTEGER = -(2 ** 31);
/** Which of the kinds stand for a value that has nothing more: null, environments, missing arguments... */
const SINGLE: ReadonlySet<number> = new Set([241, 242, 251, 252, 253, 254]);

/** Reads one item after the other of a serialized value. */
class Reader {
  private at = 0;
  private readonly seen: RValue[] = [];
  constructor(private readonly bytes: Buffer) {}

  /** The whole value: two letters for the form, versions, from version 3 the encoding, then the item. */
  read(): RValue {
    const form = this.bytes.toString("latin1", 0, 2);
    if (form !== "X\n") throw new Error(`R's data: expected the binary form "X", got ${JSON.stringify(form)}`);
    this.at = 2;
    const version = this.word();
    this.at += 8;
    if (version === 3) this.text(this.word());
    return this.item();
  }

  private word(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  private double(): number {
    this.at += 8;
    return this.bytes.readDoubleBE(this.at - 8);
  }

  private text(length: number): string {
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }

  private length(): number {
    const short = this.word();
    return short === -1 ? this.word() * 2 ** 32 + (this.word() >>> 0) : short;
  }

  private item(): RValue {
    const flags = this.word();
    const kind = flags & 255;
    const hasAttributes = (flags & 512) !== 0;
    const hasTag = (flags & 1024) !== 0;
    if (SINGLE.has(kind)) return null;
    switch (kind) {
      case 1: // a symbol
        return this.keep({ symbol: String(this.item()) });
      case 2: // a list of pairs
      case 5: // a promise
        return this.pairs(hasAttributes, hasTag);
      case 3: // a function
      case 6: // a call
        this.pairs(hasAttributes, hasTag);
        return { other: "code" };
      case 4: {
        const environment = this.keep({ other: "environment" });
        this.word();
        for (let part = 0; part < 4; part++) this.item();
        return environment;
      }
      case 9: {
        const length = this.word();
        return length === -1 ? null : this.text(length);
      }
      case 10:
        return this.vector("logical", hasAttributes, () => this.word());
      case 13:
        return this.vector("integer", hasAttributes, () => this.word());
      case 14:
        return this.vector("double", hasAttributes, () => this.double());
      case 16:
        return this.vector("string", hasAttributes, () => this.item());
      case 19:
      case 20:
        return this.vector("list", hasAttributes, () => this.item());
      case 24:
        return this.vector("bytes", hasAttributes, () => this.bytes[this.at++]!);
      case 238:
        return this.alternative();
      case 247: // a package or a namespace: its name and version
      case 249: {
        this.word();
        const count = this.word();
        for (let part = 0; part < count; part++) this.item();
        return this.keep({ other: "namespace" });
      }
      case 255: // what was seen before
        return this.seen[(flags >> 8 || this.word()) - 1] ?? null;
      default:
        throw new Error(`R's data: items of kind ${kind} aren't read (byte ${this.at})`);
    }
  }

  private keep<V extends RValue>(value: V): V {
    this.seen.push(value);
    return value;
  }

  private vector(kind: RVector["kind"], hasAttributes: boolean, next: () => number | RValue): RVector {
    const items = Array.from({ length: this.length() }, next);
    return { kind, items, attributes: hasAttributes ? attributesOf(this.item()) : NONE };
  }

  /** Pairs follow each other: attributes, tag, value, then the next pair or null. */
  private pairs(hasAttributes: boolean, hasTag: boolean): RVector {
    const [items, names]: [RValue[], string[]] = [[], []];
    const attributes = hasAttributes ? attributesOf(this.item()) : NONE;
    for (let tagged = hasTag; ;) {
      const tag = tagged ? this.item() : null;
      names.push(tag !== null && typeof tag === "object" && "symbol" in tag ? tag.symbol : "");
      items.push(this.item());
      const flags = this.bytes.readInt32BE(this.at);
      if ((flags & 255) !== 2) {
        this.item();
        return { kind: "pairs", items, names, attributes };
      }
      this.at += 4;
      if ((flags & 512) !== 0) this.item();
      tagged = (flags & 1024) !== 0;
    }
  }

  /** Vectors that R keeps in another way: a range as (count, first, step), words made of numbers, a wrapped vector. */
  private alternative(): RValue {
    const [about, state, attributes] = [this.item(), this.item(), this.item()];
    const first = vectorOf(about).items[0];
    const name = first !== null && typeof first === "object" && "symbol" in first ? first.symbol : "";
    const parts = vectorOf(state);
    if (name === "compact_intseq" || name === "compact_realseq") {
      const [count, from, step] = parts.items.map(Number) as [number, number, number];
      const items = Array.from({ length: count }, (_, place) => from + place * step);
      return { kind: name === "compact_intseq" ? "integer" : "double", items, attributes: attributesOf(attributes) };
    }
    const inner = parts.items[0];
    if (name === "deferred_string")
      return { ...vectorOf(inner), kind: "string", items: vectorOf(inner).items.map(String) };
    if (name.startsWith("wrap_")) return { ...vectorOf(inner), attributes: attributesOf(attributes) };
    throw new Error(`R's data: vectors kept as ${JSON.stringify(name)} aren't read`);
  }
}

function vectorOf(value: number | RValue | undefined): RVector {
  if (value !== null && typeof value === "object" && "items" in value) return value;
  throw new Error(`R's data: expected a vector, got ${JSON.stringify(value)}`);
}

function attributesOf(value: RValue): ReadonlyMap<string, RValue> {
  if (value === null) return NONE;
  const { items, names = [] } = vectorOf(value);
  return new Map(names.map((name, place) => [name, items[place] as RValue]));
}

function wordsOf(vector: RVector, attribute: string): readonly string[] {
  const value = vector.attributes.get(attribute) ?? null;
  return value === null ? [] : vectorOf(value).items.map(String);
}

function command(program: string, options: readonly string[], bytes: Buffer): Buffer {
  return execFileSync(program, options, { input: bytes, maxBuffer: 2 ** 30 });
}

/** A record: its size in four bytes, then what zlib made; or a letter for another way (2: bzip2, Z: xz without its header, 0: as it is). */
function unpack(record: Buffer): Buffer {
  const [letter, rest] = [String.fromCharCode(record[4]!), record.subarray(5)];
  if (letter === "0") return rest;
  if (letter === "2") return command("bzip2", ["-dc"], rest);
  if (letter === "Z") return command("xz", ["-dc", "--format=raw", "--lzma2=preset=6"], rest);
  return inflateSync(record.subarray(4));
}

/** The objects of a package's data: `folder` has Rdata.rdx and Rdata.rdb. */
function packageObject(folder: string, name: string): RValue {
  const index = vectorOf(new Reader(unzipSync(readFileSync(join(folder, "Rdata.rdx")))).read());
  const variables = vectorOf(index.items[wordsOf(index, "names").indexOf("variables")]);
  const names = wordsOf(variables, "names");
  if (!names.includes(name)) throw new Error(`R's data: no ${name} in ${folder}; there are ${names.join(", ")}`);
  const [from, size] = vectorOf(variables.items[names.indexOf(name)]).items as [number, number];
  return new Reader(unpack(readFileSync(join(folder, "Rdata.rdb")).subarray(from, from + size))).read();
}

/** An object of a file that save() wrote. */
function savedObject(path: string, name: string): RValue {
  const bytes = readFileSync(path);
  const magic = bytes[0];
  const raw =
    magic === 0xfd
      ? command("xz", ["-dc"], bytes)
      : magic === 0x42
        ? command("bzip2", ["-dc"], bytes)
        : unzipSync(bytes);
  const { items, names = [] } = vectorOf(new Reader(raw.subarray(5)).read());
  if (!names.includes(name)) throw new Error(`R's data: no ${name} in ${path}; there are ${names.join(", ")}`);
  return items[names.indexOf(name)] as RValue;
}

/** 1970-01-01 is day 0. */
const dayText = (day: number): string => new Date(Math.floor(day) * 86_400_000).toISOString().slice(0, 10);

function cellsOf(column: RVector): string[] {
  const levels = wordsOf(column, "levels");
  const kinds = wordsOf(column, "class");
  return column.items.map((item) => {
    if (item === null || Number.isNaN(item)) return "";
    if (typeof item === "string") return item;
    if (typeof item !== "number") throw new Error("R's data: a column of lists isn't read");
    if (column.kind !== "double" && item === NA_INTEGER) return "";
    if (levels.length > 0) return levels[item - 1]!;
    if (kinds.includes("Date")) return dayText(item);
    if (kinds.includes("POSIXct")) return new Date(item * 1000).toISOString();
    return column.kind === "logical" ? (item === 0 ? "FALSE" : "TRUE") : String(item);
  });
}

/** The columns of a data frame, the values of a vector or a time series as one column "value". */
function columnsOf(value: RValue): RColumn[] {
  const frame = vectorOf(value);
  if (frame.kind !== "list") return [{ name: "value", cells: cellsOf(frame) }];
  return wordsOf(frame, "names").map((name, place) => ({ name, cells: cellsOf(vectorOf(frame.items[place])) }));
}

/**
 * The columns of a data frame of R's: of a package (a folder with Rdata.rdx and Rdata.rdb) or of a file of save() (.rda, .RData). Factors
 * are words, dates ISO texts, missing values empty.
 */
export function readRData(path: string, name: string): RColumn[] {
  return columnsOf(/\.(rda|RData)$/.test(path) ? savedObject(path, name) : packageObject(path, name));
}
