// Protobuf's wire format: a message is a row of fields, each with a number, a wire type and a value. It is read within bounds and written.
// see: Protocol Buffers, "Encoding"
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** How a field's value is kept. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

const WIRES: Readonly<Record<number, string>> = {
  [VARINT]: "a varint",
  [FIXED64]: "64 bits",
  [LENGTH]: "bytes with their length",
  3: "the beginning of a group",
  4: "the end of a group",
  [FIXED32]: "32 bits",
};

/** How deep messages may lie within each other: as deep as in protobuf's own readers. */
export const MOST_DEPTH = 100;

/** An error with the place in the file. */
export type Fail = (at: number, reason: string) => Error;

/** A file, and how it is refused. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly fail: Fail;
}

/** Where the value of a field is: of one number, or of several that are packed. */
export interface Run {
  readonly wire: number;
  readonly from: number;
  readonly to: number;
}

/** Reads varints, whose 64 bits it keeps as two halves. */
class Varints {
  at: number;
  low = 0;
  high = 0;
  readonly #bytes: Uint8Array;
  readonly #fail: Fail;

  constructor({ bytes, fail }: Source, at = 0) {
    this.#bytes = bytes;
    this.#fail = fail;
    this.at = at;
  }

  read(end: number): void {
    const from = this.at;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.at >= end) throw this.#fail(from, "it ends within a varint");
      const byte = this.#bytes[this.at++]!;
      if (shift === 63 && byte > 1) throw this.#fail(from, "a varint has more than 64 bits");
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 128) break;
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  /** As an int64. */
  number(from: number): number {
    const value = (this.high | 0) * 2 ** 32 + this.low;
    if (Number.isSafeInteger(value)) return value;
    const whole = BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
    throw this.#fail(from, `the whole number ${whole} is beyond 2^53 - 1, up to which numbers are exact`);
  }
}

/** Reads a message field by field. What isn't asked for is skipped. */
export class MessageReader {
  /** The field's number, after `next`. */
  field = 0;
  /** Where the field begins. */
  at: number;
  readonly #what: string;
  readonly #end: number;
  readonly #depth: number;
  readonly #source: Source;
  readonly #varints: Varints;
  #wire = 0;
  /** Where the field's value begins and ends. */
  #from: number;
  #to: number;

  /**
   * @param what the message's name, for errors: `TensorProto`
   * @param around the message that it is the field's value of
   */
  constructor(source: Source, what: string, around?: MessageReader) {
    this.#source = source;
    this.#what = what;
    this.at = this.#from = this.#to = around ? around.#from : 0;
    this.#end = around ? around.#to : source.bytes.length;
    this.#depth = around ? around.#depth + 1 : 1;
    // all share one: a file can have very many messages
    this.#varints = around ? around.#varints : new Varints(source);
  }

  /** Goes to the next field, whose value is then known to be within the message. */
  next(): boolean {
    const varints = this.#varints;
    this.at = varints.at = this.#to;
    if (this.at === this.#end) return false;
    varints.read(this.#end);
    this.field = varints.low >>> 3;
    this.#wire = varints.low & 7;
    if (varints.high !== 0 || this.field === 0) throw this.#says("has a field of a number that no field can have");
    this.#from = varints.at;
    if (this.#wire === VARINT) {
      varints.read(this.#end);
      this.#to = varints.at;
      return true;
    }
    if (this.#wire === 3 || this.#wire === 4) throw this.#says(`has a group as field ${this.field}; no field is one`);
    let length = this.#wire === FIXED32 ? 4 : 8;
    if (this.#wire === LENGTH) {
      varints.read(this.#end);
      this.#from = varints.at;
      length = varints.high * 2 ** 32 + varints.low;
    } else if (this.#wire > FIXED32) {
      throw this.#says(`has field ${this.field} with the unknown wire type ${this.#wire}`);
    }
    const left = this.#end - this.#from;
    if (length > left) {
      throw this.#says(`has field ${this.field} of ${length} bytes, but ${left} are left`);
    }
    this.#to = this.#from + length;
    return true;
  }

  #says(reason: string): Error {
    return this.#source.fail(this.at, `the ${this.#what} ${reason}`);
  }

  #expect(wire: number): void {
    if (this.#wire === wire) return;
    throw this.#says(`has field ${this.field} as ${WIRES[this.#wire]!}, but it must be ${WIRES[wire]!}`);
  }

  /** An int64 that a number holds exactly, to be asked for before another field or message is read. */
  integer(): number {
    this.#expect(VARINT);
    return this.#varints.number(this.#from);
  }

  float(): number {
    this.#expect(FIXED32);
    const { buffer, byteOffset } = this.#source.bytes;
    return new DataView(buffer, byteOffset + this.#from, 4).getFloat32(0, true);
  }

  /** The bytes in their place. */
  bytes(): Uint8Array {
    this.#expect(LENGTH);
    return this.#source.bytes.subarray(this.#from, this.#to);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      // the reader of texts leaves out a mark of the order of bytes
      return (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? "\ufeff" : "") + utf8Text(bytes);
    } catch {
      throw this.#says(`has field ${this.field} as a text that isn't UTF-8`);
    }
  }

  /** The message that the value is. */
  message(what: string): MessageReader {
    this.#expect(LENGTH);
    if (this.#depth === MOST_DEPTH) throw this.#says(`has messages within each other deeper than ${MOST_DEPTH}`);
    return new MessageReader(this.#source, what, this);
  }

  /** Where numbers are that are packed, or one of many that aren't, of the given wire type. */
  run(wire: number): Run {
    if (this.#wire !== LENGTH) this.#expect(wire);
    return { wire: this.#wire, from: this.#from, to: this.#to };
  }
}

/** How many varints there are. */
export function countVarints({ bytes, fail }: Source, runs: readonly Run[]): number {
  let count = 0;
  for (const { from, to } of runs) {
    for (let i = from; i < to; i++) if (bytes[i]! < 128) count++;
    if (to > from && bytes[to - 1]! >= 128) throw fail(to, "it ends within a varint");
  }
  return count;
}

/** Calls a function with the halves of each varint, its place in the list, and in the file. */
export function eachVarint(
  source: Source,
  runs: readonly Run[],
  take: (low: number, high: number, index: number, at: number) => void,
): void {
  let index = 0;
  for (const { from, to } of runs) {
    const varints = new Varints(source, from);
    for (let at = from; at < to; at = varints.at) {
      varints.read(to);
      take(varints.low, varints.high, index++, at);
    }
  }
}

/** Whole numbers that numbers hold exactly. */
export function integersOf(source: Source, runs: readonly Run[]): number[] {
  const numbers: number[] = [];
  for (const { from, to } of runs) {
    const varints = new Varints(source, from);
    for (let at = from; at < to; at = varints.at) {
      varints.read(to);
      numbers.push(varints.number(at));
    }
  }
  return numbers;
}

/** How many numbers of a fixed size there are. */
export function countFixed({ fail }: Source, runs: readonly Run[], size: number): number {
  let bytes = 0;
  for (const { from, to } of runs) {
    const length = to - from;
    if (length % size !== 0) throw fail(from, `${length} bytes aren't a whole count of numbers of ${size}`);
    bytes += length;
  }
  return bytes / size;
}

/** The bytes of all of them, one after another. */
export function joinRuns({ bytes }: Source, runs: readonly Run[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(runs.reduce((sum, { from, to }) => sum + to - from, 0));
  let place = 0;
  for (const { from, to } of runs) {
    all.set(bytes.subarray(from, to), place);
    place += to - from;
  }
  return all;
}

/** Writes a message. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #small: number[] = [];
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length + this.#small.length;
  }

  #varint(value: number): void {
    if (value < 0) {
      // two's complement of 64 bits
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#small.push(Number(rest & 127n) | 128);
      this.#small.push(Number(rest));
      return;
    }
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#small.push((rest % 128) | 128);
    this.#small.push(rest);
  }

  #add(part: Uint8Array): void {
    this.#flush();
    this.#parts.push(part);
    this.#length += part.length;
  }

  #flush(): void {
    if (this.#small.length === 0) return;
    this.#parts.push(Uint8Array.from(this.#small));
    this.#length += this.#small.length;
    this.#small = [];
  }

  integer(field: number, value: number): void {
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
  }

  float(field: number, value: number): void {
    this.#varint(field * 8 + FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#small.push(...bytes);
  }

  /** Bytes, which are taken when the message is finished. */
  bytes(field: number, bytes: Uint8Array): void {
    this.#varint(field * 8 + LENGTH);
    this.#varint(bytes.length);
    if (bytes.length > 0) this.#add(bytes);
  }

  text(field: number, text: string): void {
    this.bytes(field, utf8Bytes(text));
  }

  message(field: number, fill: (message: MessageWriter) => void): void {
    const inner = new MessageWriter();
    fill(inner);
    inner.#flush();
    this.#varint(field * 8 + LENGTH);
    this.#varint(inner.length);
    this.#flush();
    for (const part of inner.#parts) this.#parts.push(part);
    this.#length += inner.length;
  }

  /** The message's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
