// WebAssembly binaries put together by hand. see: webassembly.github.io/spec/core/binary

const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
const sized = (bytes: readonly number[]): number[] => [bytes.length, ...bytes]; // below 128

export const I32 = 0x7f;
export const END = 0x0b;

/** What is in one: all as bytes, counts and sizes left out. */
export interface Parts {
  /** Parameters and results of the types. */
  readonly types?: readonly (readonly [parameters: readonly number[], results: readonly number[]])[];
  /** Names of module and field, then kind and description. */
  readonly imports?: readonly (readonly [module: string, field: string, description: readonly number[]])[];
  /** Each function: its type, and its instructions; the end is added, locals there are none. */
  readonly functions?: readonly (readonly [type: number, instructions: readonly number[]])[];
  /** Functions of JavaScript that it imports come before. */
  readonly exports?: Readonly<Record<string, number>>;
  readonly globals?: readonly (readonly number[])[];
  readonly tables?: readonly (readonly number[])[];
  readonly memories?: readonly (readonly number[])[];
  readonly start?: number;
  readonly elements?: readonly (readonly number[])[];
  readonly data?: readonly (readonly number[])[];
}

/** The memory that the binaries of the library import. */
export const MEMORY = ["env", "memory", [2, 0, 1]] as const;

export function assembled(parts: Parts): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly (readonly number[])[] | undefined): number[] =>
    items && items.length > 0 ? [id, ...long([items.length, ...items.flat()])] : [];
  const long = (bytes: readonly number[]): number[] => [(bytes.length & 127) | 128, bytes.length >> 7, ...bytes];
  const { types, imports, functions, exports, globals, tables, memories, start, elements, data } = parts;
  const header = [0, 97, 115, 109, 1, 0, 0, 0]; // magic number, version
  return Uint8Array.from([
    ...header,
    ...section(
      1,
      types?.map(([from, to]) => [0x60, ...sized(from), ...sized(to)]),
    ),
    ...section(
      2,
      imports?.map(([module, field, description]) => [...text(module), ...text(field), ...description]),
    ),
    ...section(
      3,
      functions?.map(([type]) => [type]),
    ),
    ...section(4, tables),
    ...section(5, memories),
    ...section(6, globals),
    ...section(
      7,
      Object.entries(exports ?? {}).map(([name, index]) => [...text(name), 0, index]),
    ),
    ...(start === undefined ? [] : [8, 1, start]),
    ...section(9, elements),
    ...section(
      10,
      functions?.map(([, code]) => sized([0, ...code, END])),
    ),
    ...section(11, data),
  ]);
}
