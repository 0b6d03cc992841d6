// Memory that kernels need besides tensors: values saved for the backward pass, scratch memory, zeros.

/** Arguments of records are made twice: first to collect the sizes of all memory, and after `place` with its addresses. */
export class KernelMemory {
  readonly #parts = new Map<string, { bytes: number; readonly copies: number; address: number }>();

  /** Gives everything its place, from an address on. Returns where it ends. */
  place(address: number): number {
    let next = address;
    for (const memory of this.#parts.values()) {
      memory.address = next;
      next += memory.bytes * memory.copies;
    }
    return next;
  }

  /** One of several copies of the memory of a name, as large as the largest request. */
  part(name: string, bytes: number, copies = 1, copy = 0): number {
    const memory = this.#parts.get(name) ?? { bytes: 0, copies, address: 0 };
    this.#parts.set(name, memory);
    memory.bytes = Math.max(memory.bytes, Math.ceil(bytes / 64) * 64);
    return memory.address + copy * memory.bytes;
  }
}
