// Memory that kernels ask for besides tensors: values saved from the forward pass to the backward one, scratch memory, zeros.
import type { Core } from "../runtime/core.ts";
import type { Workspace } from "../runtime/arena.ts";

/** Sizes are asked for first, by making every record's arguments once; `allocate` then takes the memory, and addresses are right. */
export class KernelMemory {
  readonly #core: Core;
  readonly #workspace: Workspace;
  readonly #capacity: number;
  readonly #saved = new Map<string, number>();
  #scratch = 0;
  #scratchBytes = 0;
  #common = 0;
  #commonBytes = 0;
  #zeros = 0;
  #zeroBytes = 0;

  /** @param capacity rows of a batch, at most */
  constructor(core: Core, workspace: Workspace, capacity: number) {
    this.#core = core;
    this.#workspace = workspace;
    this.#capacity = capacity;
  }

  /** Takes the memory that all records share. */
  allocate(): void {
    const take = (bytes: number): number => bytes && this.#workspace.allocate(bytes, "the scratch memory");
    this.#scratch = take(this.#scratchBytes * this.#core.executor.threads);
    this.#common = take(this.#commonBytes);
    this.#zeros = take(this.#zeroBytes);
  }

  /** Memory of one node, with so many bytes per row. */
  saved(key: string, bytesPerRow: number): number {
    let address = this.#saved.get(key);
    // capacity for whole groups of sixteen, which is how masks are made
    address ??= this.#workspace.allocate(this.#capacity * bytesPerRow + 64, "the saved values");
    this.#saved.set(key, address);
    return address;
  }

  /** Memory that any other record may overwrite; each thread has its own. */
  scratch(bytes: number, thread: number): number {
    this.#scratchBytes = Math.max(this.#scratchBytes, Math.ceil(bytes / 64) * 64);
    return this.#scratch + thread * this.#scratchBytes;
  }

  /** The same, but all threads have it together. */
  common(bytes: number): number {
    this.#commonBytes = Math.max(this.#commonBytes, bytes);
    return this.#common;
  }

  /** Float32 zeros. */
  zeros(count: number): number {
    this.#zeroBytes = Math.max(this.#zeroBytes, count * 4 + 32);
    return this.#zeros;
  }
}
