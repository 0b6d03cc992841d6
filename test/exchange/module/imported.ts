// A module's text as what it exports.

/** What a module exports that `exportModule` made. */
export interface Exported {
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  readonly weightErrors?: Readonly<Record<string, { readonly largest: number; readonly mean: number }>>;
  load(): Promise<void>;
  predict(x: unknown): Float32Array;
  probabilities?(x: unknown): Float32Array;
  classify?(x: unknown): Int32Array;
  resetStates?(): void;
}

let count = 0;

/** Imports it: a new instance each time. */
export const imported = (text: string): Promise<Exported> =>
  import(`data:text/javascript,${encodeURIComponent(`${text}// ${count++}`)}`) as Promise<Exported>;

/** The bytes of a binary or of the weights in a module. */
export function bytesIn(text: string, name: "kernels" | "weights"): Uint8Array<ArrayBuffer> {
  const letters = new RegExp(`^const ${name} = "([^"]*)";$`, "m").exec(text)![1]!;
  return Uint8Array.from(Buffer.from(letters, "base64"));
}
