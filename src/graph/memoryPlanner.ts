// Memory of tensors that aren't needed all the time: those that aren't needed at the same time may share it.
import type { Workspace } from "../runtime/arena.ts";

/** Memory that is in use for a while, from one step of a pass to another, both included. */
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
}

/** Gives buffers their places, those in use at the same time apart, the large ones first. */
export function placeBuffers(buffers: readonly Buffer[], workspace: Workspace, separate: boolean): void {
  const placed: Buffer[] = [];
  let bytes = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    for (const other of placed) {
      if (!separate && (other.to < buffer.from || other.from > buffer.to)) continue;
      if (buffer.address + buffer.bytes <= other.address) break;
      buffer.address = Math.max(buffer.address, other.address + other.bytes);
    }
    bytes = Math.max(bytes, buffer.address + buffer.bytes);
    placed.push(buffer);
    placed.sort((a, b) => a.address - b.address);
  }
  const start = workspace.allocate(bytes, "the activations");
  for (const buffer of placed) buffer.address += start;
}
