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
  readonly at: readonly BytesAt[];
}

/** Sends a message whose bytes move, in place of being copied. */
export function postMoving(target: object, message: unknown, moving: readonly BytesAt[]): void {
  const to = target as { postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void };
  to.postMessage(
    message,
    moving.map(({ bytes }) => bytes),
  );
}

/** Copies of ranges of a memory. */
export const copyOf = (u8: Uint8Array, ranges: readonly MemoryRange[]): BytesAt[] =>
  ranges.map(({ address, bytes }) => ({ address, bytes: u8.slice(address, address + bytes).buffer as ArrayBuffer }));

/** Writes such copies. */
export function writeCopies(u8: Uint8Array, copies: readonly BytesAt[]): void {
  for (const { address, bytes } of copies) u8.set(new Uint8Array(bytes), address);
}
