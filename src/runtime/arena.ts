// The arena: allocates regions of one WebAssembly memory. Only TypeScript allocates; the core gets addresses.
import type { WasmMemory } from "../util/platform.ts";

/** Bytes that kernels may read after the last allocation: a vector load at the edge of a row. */
const SLACK = 64;
const PAGE = 65536;
const MOST_PAGES = 65536;
const ALIGNMENT = 64;

/** A part of the memory. */
export interface MemoryRange {
  readonly address: number;
  readonly bytes: number;
}

const up = (n: number, to: number): number => Math.ceil(n / to) * to;

/** `1.5 GB`, for messages and summaries. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 2 : 1)} ${units[unit]}`;
}

/** Allocates first fit: free regions are kept in address order, adjacent ones merged. */
export class Arena {
  readonly memory: WasmMemory;
  /** Waits until no worker runs on this memory. */
  settle: (() => void) | undefined;
  /** Refuses a call of a model, while a function of a custom layer or loss works on this memory. */
  refuse: ((where: string) => never) | undefined;
  /** What is free, in the order of the addresses. */
  readonly gaps: MemoryRange[];
  /** Memory from here on was never allocated. */
  #touched = 0;
  #views: { f32: Float32Array; u32: Uint32Array; f64: Float64Array; u8: Uint8Array } | undefined;

  constructor(memory: WasmMemory, base: number) {
    this.memory = memory;
    const start = up(base, ALIGNMENT);
    this.gaps = [{ address: start, bytes: memory.buffer.byteLength - SLACK - start }];
  }

  /** Bytes in use, for reports. */
  get used(): number {
    return this.memory.buffer.byteLength - this.gaps.reduce((sum, part) => sum + part.bytes, 0);
  }

  /** Allocates a zero-filled region, 64-byte aligned. `owner` and `what` go into the message when memory runs out. */
  allocate(bytes: number, owner: string, what: string): MemoryRange {
    const size = up(Math.max(bytes, 1), ALIGNMENT);
    const index = this.gaps.findIndex((part) => part.bytes >= size);
    if (index < 0) {
      this.#grow(size, owner, what);
      return this.allocate(bytes, owner, what);
    }
    const part = this.gaps[index]!;
    const region = { address: part.address, bytes: size };
    if (part.bytes === size) this.gaps.splice(index, 1);
    else this.gaps[index] = { address: part.address + size, bytes: part.bytes - size };
    // memory that was never allocated is zero already
    this.u8.fill(0, region.address, Math.min(region.address + size, this.#touched));
    this.#touched = Math.max(this.#touched, region.address + size);
    return region;
  }

  /** Frees a region. */
  free(region: MemoryRange): void {
    const index = this.gaps.findIndex((part) => part.address > region.address);
    const at = index < 0 ? this.gaps.length : index;
    this.gaps.splice(at, 0, region);
    for (const i of [at, at - 1]) {
      const left = this.gaps[i];
      const right = this.gaps[i + 1];
      if (left && right && left.address + left.bytes === right.address) {
        this.gaps.splice(i, 2, { address: left.address, bytes: left.bytes + right.bytes });
      }
    }
  }

  #grow(size: number, owner: string, what: string): void {
    const end = this.memory.buffer.byteLength;
    const last = this.gaps.at(-1);
    const tail = last && last.address + last.bytes + SLACK === end ? last.bytes : 0;
    const pages = Math.ceil((size - tail) / PAGE);
    const total = end + pages * PAGE;
    const refusal = `${owner}: no room for ${what}; ${bytesText(size)} more make ${bytesText(total)} of WebAssembly memory`;
    if (total > MOST_PAGES * PAGE) {
      throw new RangeError(
        `${refusal}, but at most ${bytesText(MOST_PAGES * PAGE)} can be addressed. Use a smaller model, batch or data set`,
      );
    }
    try {
      this.memory.grow(pages);
    } catch {
      throw new RangeError(`${refusal}, but the engine gives no more. Use a smaller model, batch or data set`);
    }
    this.free({ address: end - SLACK, bytes: pages * PAGE });
  }

  // Growing the memory detaches the buffer of older views, so they are made again when it has changed.
  #current() {
    this.settle?.();
    const buffer = this.memory.buffer;
    if (!this.#views || this.#views.u8.buffer !== buffer) {
      this.#views = {
        f32: new Float32Array(buffer),
        u32: new Uint32Array(buffer),
        f64: new Float64Array(buffer),
        u8: new Uint8Array(buffer),
      };
    }
    return this.#views;
  }

  /** The whole memory as float32; the index is the address divided by 4. */
  get f32(): Float32Array {
    return this.#current().f32;
  }
  get u32(): Uint32Array {
    return this.#current().u32;
  }
  get f64(): Float64Array {
    return this.#current().f64;
  }
  get u8(): Uint8Array {
    return this.#current().u8;
  }

  /** `count` float32 numbers as they are in memory. To be used at once: memory may grow. */
  floats(address: number, count: number): Float32Array {
    return this.f32.subarray(address / 4, address / 4 + count);
  }

  /** `count` float64 numbers as they are in memory. To be used at once: memory may grow. */
  doubles(address: number, count: number): Float64Array {
    return this.f64.subarray(address / 8, address / 8 + count);
  }

  /** Writes numbers as float32. */
  write(address: number, values: ArrayLike<number>): void {
    this.f32.set(values, address / 4);
  }

  /** Writes 32-bit integers. */
  writeWords(address: number, words: ArrayLike<number>): void {
    this.u32.set(words, address / 4);
  }

  /** Writes the bytes of any array. */
  writeBytes(address: number, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
    this.u8.set(new Uint8Array(buffer, byteOffset, byteLength), address);
  }

  /** A copy of `count` float32 numbers. */
  read(address: number, count: number): Float32Array {
    return this.floats(address, count).slice();
  }
}

/** Regions of one owner that are freed together. */
export class Workspace {
  readonly arena: Arena;
  readonly owner: string;
  /** What it has allocated. */
  readonly regions: MemoryRange[] = [];

  /** @param owner the function that asked for the memory, for messages */
  constructor(arena: Arena, owner: string) {
    this.arena = arena;
    this.owner = owner;
  }

  /** Allocates zero-filled memory, 64-byte aligned. Returns its address. */
  allocate(bytes: number, what: string): number {
    const region = this.arena.allocate(bytes, this.owner, what);
    this.regions.push(region);
    return region.address;
  }

  free(): void {
    for (const region of this.regions.splice(0)) this.arena.free(region);
  }
}

const collected = new FinalizationRegistry<Workspace>((workspace) => workspace.free());

/** Frees a workspace when its holder is no longer reachable, which matters where several models share a memory. */
export function freeWith(holder: object, workspace: Workspace): void {
  collected.register(holder, workspace);
}

/** Makes something in a workspace of its own, which is freed with `holder`, or at once if making it fails. */
export function withWorkspace<T>(arena: Arena, holder: object, owner: string, make: (workspace: Workspace) => T): T {
  const workspace = new Workspace(arena, owner);
  try {
    const result = make(workspace);
    freeWith(holder, workspace);
    return result;
  } catch (error) {
    workspace.free();
    throw error;
  }
}
