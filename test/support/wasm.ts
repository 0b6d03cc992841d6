// Reading what a WebAssembly binary says about itself. see: webassembly.github.io/spec/core/binary/modules.html

export interface FunctionType {
  /** One byte a value: 0x7f i32, 0x7e i64, 0x7d f32, 0x7c f64, 0x7b v128. */
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export const V128 = 0x7b;

const TYPE_SECTION = 1;
const IMPORT_SECTION = 2;
const FUNCTION_SECTION = 3;
const EXPORT_SECTION = 7;

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.at++]!;
  }

  /** An unsigned LEB128 number. */
  number(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  }

  slice(length: number): Uint8Array {
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }

  text(): string {
    return new TextDecoder().decode(this.slice(this.number()));
  }
}

/** The contents of the sections by their id; the custom ones (id 0) are left out. */
function sections(binary: Uint8Array): Map<number, Uint8Array> {
  const reader = new Reader(binary);
  reader.slice(8); // magic number and version
  const found = new Map<number, Uint8Array>();
  while (!reader.done) {
    const id = reader.byte();
    const content = reader.slice(reader.number());
    if (id !== 0) found.set(id, content);
  }
  return found;
}

/** Kinds of imports. */
const TABLE = 1;
const MEMORY = 2;

/** The types of the exported functions of a binary that imports no functions. */
export function exportedFunctions(binary: Uint8Array): Map<string, FunctionType> {
  const parts = sections(binary);
  const imports = new Reader(parts.get(IMPORT_SECTION)!);
  imports.list(() => {
    imports.text();
    imports.text();
    const kind = imports.byte();
    if (kind !== TABLE && kind !== MEMORY) throw new Error("only imports of a memory or a table can be read here");
    if (kind === TABLE) imports.byte(); // of functions
    const limits = imports.byte();
    imports.number();
    if (limits & 1) imports.number();
  });
  const typesReader = new Reader(parts.get(TYPE_SECTION)!);
  const types = typesReader.list(() => {
    if (typesReader.byte() !== 0x60) throw new Error("a type that is no function can't be read here");
    const parameters = typesReader.list(() => typesReader.byte());
    return { parameters, results: typesReader.list(() => typesReader.byte()) };
  });
  const functionsReader = new Reader(parts.get(FUNCTION_SECTION)!);
  const functions = functionsReader.list(() => functionsReader.number());
  const exportsReader = new Reader(parts.get(EXPORT_SECTION)!);
  const found = new Map<string, FunctionType>();
  exportsReader.list(() => {
    const name = exportsReader.text();
    const kind = exportsReader.byte();
    const index = exportsReader.number();
    if (kind === 0) found.set(name, types[functions[index]!]!);
  });
  return found;
}
