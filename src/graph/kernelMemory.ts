// Memory that kernels ask for besides tensors: values saved from the forward pass to the backward one, scratch memory, zeros.
import type { Workspace } from "../runtime/arena.ts";

/** Sizes are asked for first, by making every record's arguments once; `allocate` then takes the memory, and addresses are right. */
export class KernelMemory {
  readonly #workspace: Workspace;
  readonly #saved = new Map<string, number>();
  readonly #shared = new Map<string, { bytes: number; copies: number; address: number }>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Takes the memory that all records share. */
  allocate(): void {
    for (const memory of this.#shared.values())
      memory.address = this.#workspace.allocate(memory.bytes * memory.copies, "the scratch memory");
  }

  /** Memory of one record alone. */
  saved(key: string, bytes: number): number {
    const address = this.#saved.get(key) ?? this.#workspace.allocate(bytes, "the saved values");
    this.#saved.set(key, address);
    return address;
  }

  /** Memory of this name that all records share, as large as the largest of them asks for: one of several copies, from 0. */
  shared(name: string, bytes: number, copies = 1, copy = 0): number {
    const memory = this.#shared.get(name) ?? { bytes: 0, copies, address: 0 };
    this.#shared.set(name, memory);
    memory.bytes = Math.max(memory.bytes, Math.ceil(bytes / 64) * 64);
    return memory.address + copy * memory.bytes;
  }
}
