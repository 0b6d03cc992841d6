// The messages between a thread and a worker that runs programs on a copy of its memory.
import type { MemoryRange } from "../arena.ts";
import type { Linked } from "../core.ts";

/** Bytes of a memory. */
export interface BytesAt {
  readonly address: number;
  readonly bytes: ArrayBuffer;
}

/** To a worker that was started for copies: begin one, with these binaries and a memory of so many bytes. */
export interface Copy {
  readonly linked: readonly Linked[];
  readonly bytes: number;
}

/** Write this, run so many passes of a program, and send back that. */
export interface Call {
  readonly writes: readonly BytesAt[];
  readonly program: number;
  readonly passes: number;
  readonly reads: readonly MemoryRange[];
}

/** The passes that were finished, and the bytes that were asked for. */
export interface Answer {
  readonly done: number;
  readonly bytes: readonly ArrayBuffer[];
}

/** Sends a message whose buffers move, in place of being copied. */
export function postMoving(target: object, message: unknown, buffers: readonly ArrayBuffer[]): void {
  (target as { postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void }).postMessage(message, buffers);
}
