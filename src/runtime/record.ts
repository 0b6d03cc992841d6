// A record is one call of one kernel: its arguments, what it writes, and how threads share it. program.ts writes its header.

/** An argument of a kernel: one 32-bit word, or the two of a float64. */
export type Word = number | readonly [number, number];

/** A record's arguments by their slots' names (as in the AssemblyScript file, in camel case), in the order of the slots. */
export type KernelArgs = Readonly<Record<string, Word>>;

const bits = new DataView(new ArrayBuffer(8));

/** The bits of a float32. */
export function f32(value: number): number {
  bits.setFloat32(0, value, true);
  return bits.getUint32(0, true);
}

/** The bits of a float64, lower half first. */
export function f64(value: number): readonly [number, number] {
  bits.setFloat64(0, value, true);
  return [bits.getUint32(0, true), bits.getUint32(4, true)];
}

/**
 * How several threads share a record. "rows": each row's numbers depend on that row alone, so that each thread runs the kernel
 * on some of them. "elements": likewise. "kernel": the kernel asks assembly/runtime/threadRange.ts for its range. "barrier": likewise,
 * and on the way it waits until all threads have come as far.
 */
export type ParallelKind = "rows" | "elements" | "kernel" | "barrier";

/** A tensor that a record writes, for the glass box and for finding where a number became NaN or infinite. */
export interface Written {
  readonly name: string;
  readonly address: number;
  /** Elements per row; with `rows` false, elements in total. */
  readonly elements: number;
  readonly rows: boolean;
}

/** How threads may share a record. */
export interface Sharing {
  readonly kind: ParallelKind;
  /** Rows, or elements, at most. */
  readonly units: number;
  /** Floating-point operations for all of them, about; for what only moves numbers, as many as take that long. */
  readonly work: number;
  /** There may be fewer units: then distributing isn't always worth it. */
  readonly varies?: boolean;
  /** The record's arguments for what begins so many rows or elements further on, with the scratch memory of another thread. */
  args(units: number, thread: number): KernelArgs;
}

/** The words of a record's arguments, consecutive. */
export function wordsOf(args: KernelArgs): number[] {
  const words: number[] = [];
  for (const word of Object.values(args)) {
    if (typeof word === "number") words.push(word);
    else words.push(...word);
  }
  return words;
}

/** A range of records: the addresses of the first one and of the end. */
export interface RecordRange {
  readonly first: number;
  readonly last: number;
}

/** A record's flags and the words of its arguments. */
export interface RecordParts {
  readonly flags: number;
  readonly words: readonly number[];
}

/** A seed of up to 53 bits as the two words that the core takes, lower first. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed % 0x1_0000_0000, Math.floor(seed / 0x1_0000_0000)];
}
