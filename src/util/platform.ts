// The platform's types, for programs whose compiler knows none of a browser ("lib" without "DOM": Node's own types lack
// WebAssembly) or none at all. What declarations of this package name must exist there, or be written here.

/** The type of the objects that a global class makes; where the program has no types for it, what is used of them. */
type Made<Class extends string, Otherwise> =
  typeof globalThis extends Record<Class, { prototype: infer Type }> ? Type : Otherwise;

/** The same of a class of `WebAssembly`. */
type MadeByWasm<Class extends string, Otherwise> = typeof globalThis extends {
  WebAssembly: Record<Class, { prototype: infer Type }>;
}
  ? Type
  : Otherwise;

/** `WebAssembly.Module`: nothing is known of one but that it is an object. */
export type WasmModule = MadeByWasm<"Module", object>;

/** `WebAssembly.Memory` */
export type WasmMemory = MadeByWasm<"Memory", { readonly buffer: ArrayBuffer; grow(pages: number): number }>;

/** `WebAssembly.Table` of functions. */
export type WasmTable = MadeByWasm<
  "Table",
  {
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value?: unknown): void;
    grow(places: number, value?: unknown): number;
  }
>;

/** Bytes: `BufferSource`, or in shared memory. */
export type Bytes = ArrayBufferView | ArrayBuffer;

/** `AbortSignal` */
export type Signal = Made<
  "AbortSignal",
  {
    readonly aborted: boolean;
    readonly reason: unknown;
    throwIfAborted(): void;
    addEventListener(type: "abort", listener: () => void): void;
    removeEventListener(type: "abort", listener: () => void): void;
  }
>;

/** `URL` */
export type Url = Made<"URL", { readonly href: string; readonly protocol: string }>;

/** `Blob` */
export type BlobLike = Made<"Blob", { readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }>;

/** `File` */
export type FileLike = Made<"File", BlobLike & { readonly name: string }>;

/** `HTMLElement` */
export type PageElement = Made<"HTMLElement", object>;

/** What a page can draw on a canvas; of no type where the program knows none of a page. */
export type Drawable =
  | Made<"HTMLCanvasElement", never>
  | Made<"OffscreenCanvas", never>
  | Made<"ImageBitmap", never>
  | Made<"HTMLImageElement", never>
  | Made<"HTMLVideoElement", never>
  | Made<"VideoFrame", never>;
