// Assigns addresses to buffers: those that aren't in use at the same time may share memory.

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

/**
 * Assigns addresses, the largest buffer first: each the lowest that no buffer in use at the same time overlaps. Returns the bytes
 * that all of them take.
 *
 * The steps are the leaves of a binary tree; node v is above nodes 2v and 2v + 1. Of each node, `whole` has the addresses that are
 * taken during all of its steps by one buffer, and `some` those that are taken in any. A time is made of a few nodes, so that an
 * address is found without a look at each of the other buffers.
 */
export function assignAddresses(buffers: readonly Buffer[], separate: boolean): number {
  const whole: number[][] = [];
  const some: number[][] = [];
  let leaves = 1;
  for (const { to } of buffers) while (leaves <= to) leaves *= 2;
  let bytes = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    const inside: number[] = []; // the nodes that the buffer's time is made of
    const above: number[] = [];
    const visit = (node: number, first: number, steps: number): void => {
      if (buffer.to < first || buffer.from >= first + steps) return;
      if (separate || (buffer.from <= first && buffer.to >= first + steps - 1)) {
        inside.push(node);
        return;
      }
      above.push(node);
      visit(2 * node, first, steps / 2);
      visit(2 * node + 1, first + steps / 2, steps / 2);
    };
    visit(1, 0, leaves);
    let address = 0;
    for (let before = -1; before < address;) {
      before = address;
      for (const node of inside) address = gapIn(some[node], address, buffer.bytes);
      for (const node of above) address = gapIn(whole[node], address, buffer.bytes);
    }
    buffer.address = address;
    const end = address + buffer.bytes;
    bytes = Math.max(bytes, end);
    for (const node of inside) addTo((whole[node] ??= []), address, end);
    for (const node of [...inside, ...above]) addTo((some[node] ??= []), address, end);
  }
  return bytes;
}

// Addresses that are taken are the bounds of runs that are apart: start, end, start, end, ...

/** How many bounds are at an address or below. */
function boundsTo(bounds: readonly number[], address: number): number {
  let low = 0;
  for (let high = bounds.length; low < high;) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lowest address, from one on, from which on so many bytes are free. */
function gapIn(bounds: readonly number[] = [], address: number, bytes: number): number {
  let start = address;
  for (let i = boundsTo(bounds, start) & ~1; bounds[i]! < start + bytes; i += 2) start = bounds[i + 1]!;
  return start;
}

/** Adds a run to others, which it may overlap or touch. */
function addTo(bounds: number[], start: number, end: number): void {
  const first = boundsTo(bounds, start - 1);
  const after = boundsTo(bounds, end);
  // a bound that is within a run is none
  bounds.splice(first, after - first, ...[start].slice(first & 1), ...[end].slice(after & 1));
}
