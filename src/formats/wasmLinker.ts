// Makes one WebAssembly binary of functions of several, with nothing else of them than what these functions need.
import { constant, leb, renamedBody, type WasmBinary, type WasmData } from "./wasmBinary.ts";

/** What is in a binary besides functions. */
export interface WasmLayout {
  /** Functions by the names under which they are exported. */
  readonly exports: Readonly<Record<string, number>>;
  /** The functions of the table, from 1 on: nothing is at 0. */
  readonly table: readonly number[];
  /** The memory's size, 65,536 bytes each; it is exported as `memory`. */
  readonly pages: number;
  /** What is in the memory at first, besides the binaries' own constants. */
  readonly data: readonly WasmData[];
}

const CALL = 0x10;
const END = 0x0b;

/** Numbers of what was taken from a binary, by its number there; undefined while a function's body is being read. */
interface Taken {
  readonly functions: Map<number, number | undefined>;
  readonly globals: Map<number, number>;
}

/** Collects functions, each with those that it calls, and writes them. Equal functions become one. */
export class WasmLinker {
  readonly #types: (readonly number[])[] = [];
  readonly #functions: { readonly type: number; body: readonly number[] }[] = [];
  readonly #globals: Uint8Array[] = [];
  readonly #taken = new Map<WasmBinary, Taken>();
  /** Functions by their types and bodies. */
  readonly #same = new Map<string, number>();

  /** Whether a function calls others by their places in the table. */
  callsTable = false;

  /**
   * Takes a function from a binary. Returns its number.
   *
   * @param where names the binary, for messages
   */
  take(binary: WasmBinary, index: number, where: string): number {
    const taken = this.#taken.get(binary) ?? { functions: new Map(), globals: new Map() };
    this.#taken.set(binary, taken);
    const { functions, globals } = taken;
    const known = functions.get(index);
    if (known !== undefined) return known;
    const type = this.#type([...binary.types[binary.functions[index]!]!]);
    if (functions.has(index)) {
      // it calls itself, maybe through others
      const number = this.#functions.push({ type, body: [] }) - 1;
      functions.set(index, number);
      return number;
    }
    functions.set(index, undefined);
    const body = renamedBody(
      binary.bodies[index]!,
      (kind, old) => {
        if (kind === "function") return this.take(binary, old, where);
        if (kind === "type") {
          this.callsTable = true;
          return this.#type([...binary.types[old]!]);
        }
        const global = globals.get(old) ?? this.#globals.push(binary.globals[old]!) - 1;
        globals.set(old, global);
        return global;
      },
      where,
    );
    const reserved = functions.get(index);
    if (reserved !== undefined) this.#functions[reserved]!.body = body;
    const number = reserved ?? this.#add(type, body);
    functions.set(index, number);
    return number;
  }

  /** Adds a function of one integer, a count of rows, that calls others with addresses of records and that integer. Returns its number. */
  addProgram(calls: readonly (readonly [address: number, callee: number])[]): number {
    const body = calls.flatMap(([address, callee]) => [...constant(address), 0x20, 0, CALL, ...leb(callee)]);
    return this.#add(this.#type([0x60, 1, 0x7f, 0]), [0, ...body, END]);
  }

  #add(type: number, body: readonly number[]): number {
    const key = `${type}:${body.join()}`;
    const number = this.#same.get(key) ?? this.#functions.push({ type, body }) - 1;
    this.#same.set(key, number);
    return number;
  }

  #type(bytes: readonly number[]): number {
    const index = this.#types.findIndex((type) => type.join() === bytes.join());
    return index < 0 ? this.#types.push(bytes) - 1 : index;
  }

  /** The binary. */
  write({ exports, table, pages, data }: WasmLayout): Uint8Array<ArrayBuffer> {
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0]; // magic number, version
    const push = (more: Iterable<number>): void => {
      for (const byte of more) bytes.push(byte); // there may be more than a call takes
    };
    const section = (id: number, items: readonly Iterable<number>[]): void => {
      if (items.length === 0) return;
      const content = [...leb(items.length)];
      for (const item of items) for (const byte of item) content.push(byte);
      push([id, ...leb(content.length)]);
      push(content);
    };
    const sized = (content: ArrayLike<number> & Iterable<number>): number[] => [...leb(content.length), ...content];
    const named = (name: string, kind: number, index: number): number[] => [
      ...sized(new TextEncoder().encode(name)),
      kind,
      ...leb(index),
    ];
    const places = table.length + 1;
    const constants = [...this.#taken.keys()].flatMap((binary) => binary.data);
    section(1, this.#types);
    section(
      3,
      this.#functions.map(({ type }) => leb(type)),
    );
    section(4, this.callsTable ? [[0x70, 1, ...leb(places), ...leb(places)]] : []);
    section(5, [[1, ...leb(pages), ...leb(pages)]]);
    section(6, this.#globals);
    section(7, [named("memory", 2, 0), ...Object.entries(exports).map(([name, index]) => named(name, 0, index))]);
    section(
      9,
      this.callsTable && table.length > 0
        ? [[0, ...constant(1), END, ...leb(table.length), ...table.flatMap((index) => leb(index))]]
        : [],
    );
    section(
      10,
      this.#functions.map(({ body }) => sized(body)),
    );
    section(
      11,
      [...constants, ...data].map((part) => [0, ...constant(part.address), END, ...sized(part.bytes)]),
    );
    return Uint8Array.from(bytes);
  }
}
