// Takes a WebAssembly binary apart: one that scripts/buildCore.mjs compiles, or a user's own. It has functions on a memory that others
// share, globals, and constants in that memory. An engine has compiled it before: it is not validated here.

/** A part of a memory. */
export interface WasmData {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A binary. Its types, globals and bodies are as they are in the file. */
export interface WasmBinary {
  /** The types of functions. */
  readonly types: readonly Uint8Array[];
  /** The type of each function, by its number. */
  readonly functions: readonly number[];
  /** The locals and instructions of each. */
  readonly bodies: readonly Uint8Array[];
  /** Each global's type and first value. */
  readonly globals: readonly Uint8Array[];
  /** Exported functions by their names. */
  readonly exports: ReadonlyMap<string, number>;
  readonly data: readonly WasmData[];
}

/** Reads bytes one after another. */
class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** An integer in LEB128, as an unsigned one. */
  integer(): number {
    let value = 0;
    let byte = 0x80;
    for (let unit = 1; byte & 0x80; unit *= 128) value += ((byte = this.byte()) & 0x7f) * unit;
    return value;
  }

  /** So many bytes, in place. */
  take(count: number): Uint8Array {
    return this.bytes.subarray(this.at, (this.at += count));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.integer() }, read);
  }

  /** The bytes that are read. */
  span(read: () => void): Uint8Array {
    const from = this.at;
    read();
    return this.bytes.subarray(from, this.at);
  }
}

/** An unsigned integer in LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** A signed integer in LEB128; one of 0 or more can be read as an unsigned one, too. */
function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 63 || value < -64; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

/** `i32.const` of an address. */
export const constant = (address: number): number[] => [I32_CONST, ...signedLeb(address | 0)];

/** What instructions name by numbers. */
export type WasmIndex = "type" | "function" | "global";

const I32_CONST = 0x41;
/** Of exceptions, references and what isn't an instruction. */
const NOT_KNOWN = [6, 7, 8, 9, 10, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1d, 0x1e, 0x1f, 0x27];
const V128_CONST = 12;
const SHUFFLE = 13;
const END = 0x0b;

/**
 * Reads an instruction, but for what tells apart blocks.
 *
 * @param index is told of what the instruction names, and where its number begins
 */
function instruction(cursor: Cursor, index: (kind: WasmIndex, at: number) => void, where: string): void {
  const integers = (count: number): void => {
    for (; count > 0; count--) cursor.integer();
  };
  const named = (kind: WasmIndex): void => {
    index(kind, cursor.at);
    cursor.integer();
  };
  const code = cursor.byte();
  if (code >= 0x02 && code <= 0x04) {
    // a block of one result or none, one negative byte, or of a type
    if ((cursor.bytes[cursor.at]! & 0xc0) === 0x40) cursor.byte();
    else named("type");
  } else if (code === 0x0c || code === 0x0d) integers(1);
  else if (code === 0x0e) integers(cursor.integer() + 1);
  else if (code === 0x10 || code === 0x12 || code === 0xd2) named("function");
  else if (code === 0x11 || code === 0x13) {
    named("type");
    integers(1);
  } else if (code === 0x1c) integers(cursor.integer());
  else if (code === 0x23 || code === 0x24) named("global");
  else if ((code >= 0x20 && code <= 0x26) || code === 0x3f || code === 0x40) integers(1);
  else if (code >= 0x28 && code <= 0x3e) integers(2);
  else if (code === I32_CONST || code === 0x42 || code === 0xd0) integers(1);
  else if (code === 0x43) cursor.take(4);
  else if (code === 0x44) cursor.take(8);
  else if (code === 0xfc) {
    const more = cursor.integer();
    integers(more < 8 ? 0 : [2, 1, 2, 1, 2, 1, 2, 1, 1, 1][more - 8]!);
    if (more === 8 || more === 9 || more === 12 || more === 13) refuse(where, "memory or a table that it fills later");
  } else if (code === 0xfd) {
    const more = cursor.integer();
    const lane = more >= 21 && more <= 34;
    if (more < V128_CONST || (more >= 84 && more <= 93)) integers(2);
    if (lane || (more >= 84 && more <= 91)) cursor.byte();
    if (more === V128_CONST || more === SHUFFLE) cursor.take(16);
  } else if (code === 0xfe) integers(cursor.integer() === 3 ? 1 : 2);
  else if (code > 0xc4 ? code !== 0xd1 : NOT_KNOWN.includes(code))
    refuse(where, `the instruction 0x${code.toString(16)}`);
}

function refuse(where: string, what: string): never {
  throw new RangeError(`${where}: a binary that is taken apart must not have ${what}`);
}

/**
 * A function's body with other numbers in place of those that its instructions name.
 *
 * @param rename gives the new number; it is asked in the order of the instructions
 * @param where names the binary, for messages
 * @throws {RangeError} if it has instructions that aren't known here: of exceptions, references, or memory that is filled later
 */
export function renamedBody(
  body: Uint8Array,
  rename: (kind: WasmIndex, index: number) => number,
  where: string,
): number[] {
  const cursor = new Cursor(body);
  const result: number[] = [];
  let copied = 0;
  cursor.list(() => (cursor.integer(), cursor.byte())); // locals
  while (cursor.at < body.length) {
    let end = 0;
    instruction(
      cursor,
      (kind, at) => {
        const number = new Cursor(body, at);
        const index = number.integer();
        for (; copied < at; copied++) result.push(body[copied]!);
        // blocks name their types by signed integers
        result.push(...(kind === "type" ? signedLeb : leb)(rename(kind, index)));
        copied = end = number.at;
      },
      where,
    );
    copied = Math.max(copied, end);
  }
  for (; copied < body.length; copied++) result.push(body[copied]!);
  return result;
}

/** Sections, by their numbers. */
const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const GLOBALS = 6;
const EXPORTS = 7;
const START = 8;
const ELEMENTS = 9;
const CODE = 10;
const DATA = 11;

/**
 * Takes a binary apart.
 *
 * @param where names it, for messages
 * @throws {RangeError} if it imports functions or globals, or has a function that is run at its start, functions of its own in its
 *   table, or memory that it fills later
 */
export function readWasm(bytes: Uint8Array, where: string): WasmBinary {
  const cursor = new Cursor(bytes, 8);
  const binary = {
    types: [] as Uint8Array[],
    functions: [] as number[],
    bodies: [] as Uint8Array[],
    globals: [] as Uint8Array[],
    exports: new Map<string, number>(),
    data: [] as WasmData[],
  };
  const take = (): Uint8Array => cursor.take(cursor.integer());
  const text = (): string => new TextDecoder().decode(take());
  const nothing = (): void => {};
  while (cursor.at < bytes.length) {
    const section = cursor.byte();
    const end = cursor.integer() + cursor.at;
    if (section === TYPES) {
      binary.types = cursor.list(() => cursor.span(() => void (cursor.byte(), take(), take())));
    } else if (section === IMPORTS) {
      cursor.list(() => {
        const path = `${text()}.${text()}`;
        const kind = cursor.byte();
        if (kind !== 1 && kind !== 2) refuse(where, `an import that is no memory or table, such as ${path}`);
        if (kind === 1) cursor.byte();
        if (cursor.byte() & 1) cursor.integer();
        cursor.integer();
      });
    } else if (section === FUNCTIONS) {
      binary.functions = cursor.list(() => cursor.integer());
    } else if (section === GLOBALS) {
      binary.globals = cursor.list(() =>
        cursor.span(() => {
          cursor.take(2);
          instruction(cursor, nothing, where);
          cursor.byte();
        }),
      );
    } else if (section === EXPORTS) {
      cursor.list(() => {
        const name = text();
        const kind = cursor.byte();
        const index = cursor.integer();
        if (kind === 0) binary.exports.set(name, index);
      });
    } else if (section === START) refuse(where, "a function that is run at its start");
    else if (section === ELEMENTS) {
      // compilers write an empty list of them
      cursor.list(() => {
        const flags = cursor.integer();
        if (flags === 0) instruction(cursor, nothing, where);
        if (flags !== 0 || cursor.byte() + cursor.integer() !== END) refuse(where, "functions of its own in its table");
      });
    } else if (section === CODE) binary.bodies = cursor.list(take);
    else if (section === DATA) {
      binary.data = cursor.list(() => {
        if (cursor.integer() !== 0 || cursor.byte() !== I32_CONST) refuse(where, "memory that it fills later");
        const address = cursor.integer();
        cursor.byte();
        return { address, bytes: take() };
      });
    }
    cursor.at = end;
  }
  return binary;
}
