// Allocates what kernels need besides tensors: values saved for the backward pass, scratch memory, zeros.
import type { Workspace } from "../runtime/arena.ts";

/** Arguments of records are made twice: first to collect the sizes of shared memory, and after `allocate` with its addresses. */
export class KernelMemory {
  readonly #workspace: Workspace;
  readonly #saved = new Map<string, number>();
  readonly #shared = new Map<string, { bytes: number; copies: number; address: number }>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Allocates the memory that all records share. */
  allocate(): void {
    for (const memory of this.#shared.values())
      memory.address = this.#workspace.allocate(memory.bytes * memory.copies, "the scratch memory");
  }

  /** Memory of one record. */
  saved(key: string, bytes: number): number {
    const address = this.#saved.get(key) ?? this.#workspace.allocate(bytes, "the saved values");
    this.#saved.set(key, address);
    return address;
  }

  /** One of several copies of the memory that all records share under a name, as large as the largest request. */
  shared(name: string, bytes: number, copies = 1, copy = 0): number {
    const memory = this.#shared.get(name) ?? { bytes: 0, copies, address: 0 };
    this.#shared.set(name, memory);
    memory.bytes = Math.max(memory.bytes, Math.ceil(bytes / 64) * 64);
    return memory.address + copy * memory.bytes;
  }
}
