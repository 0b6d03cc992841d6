// Assigns addresses to buffers: those that aren't in use at the same time may share memory.
import type { Workspace } from "../runtime/arena.ts";

/** Memory that is in use from one step of a pass to another, both included. */
export class Buffer {
  readonly bytes: number;
  readonly from: number;
  to: number;
  address = 0;
  /** It is the gradient of several values at once, so nothing may be written over it. */
  shared = false;

  constructor(elements: number, from: number) {
    this.bytes = Math.ceil(elements / 16) * 64;
    this.from = this.to = from;
  }

  /** It is in use until this step at least. */
  useUntil(step: number): void {
    this.to = Math.max(this.to, step);
  }
}

/** Assigns addresses, the largest buffer first: each the lowest that no buffer in use at the same time overlaps. */
export function assignAddresses(buffers: readonly Buffer[], workspace: Workspace, separate: boolean): void {
  const assigned: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    for (const other of assigned) {
      if (!separate && (other.to < buffer.from || other.from > buffer.to)) continue;
      if (buffer.address + buffer.bytes <= other.address) break;
      buffer.address = Math.max(buffer.address, other.address + other.bytes);
    }
    bytes = Math.max(bytes, buffer.address + buffer.bytes);
    assigned.push(buffer);
    assigned.sort((a, b) => a.address - b.address);
  }
  const start = workspace.allocate(bytes, "the activations");
  for (const buffer of assigned) buffer.address += start;
}
