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

/** The bounds of runs of addresses that are apart: start, end, start, end, ... */
type Runs = number[];

/**
 * Assigns addresses, the largest buffer first: each the lowest that no buffer in use at the same time overlaps. Returns the bytes
 * that all of them take.
 *
 * The steps are the leaves of a binary tree; node v is above nodes 2v and 2v + 1. Of each node, `whole` has the addresses that are
 * taken during all of its steps by one buffer, and `some` those that are taken in any. A time is made of a few nodes, so that an
 * address is found without a look at each of the other buffers.
 */
export function assignAddresses(buffers: readonly Buffer[], separate: boolean): number {
  const tree: { readonly whole: Runs; readonly some: Runs }[] = [];
  let leaves = 1;
  for (const { to } of buffers) while (leaves <= to) leaves *= 2;
  let total = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    const { bytes, from, to } = buffer;
    const taken: Runs[] = []; // while the buffer is in use
    const takes: Runs[] = []; // where its own run belongs
    const visit = (node: number, first: number, steps: number): void => {
      if (to < first || from >= first + steps) return;
      const { whole, some } = (tree[node] ??= { whole: [], some: [] });
      takes.push(some);
      if (separate || (from <= first && to >= first + steps - 1)) {
        taken.push(some);
        takes.push(whole);
      } else {
        taken.push(whole);
        visit(2 * node, first, steps / 2);
        visit(2 * node + 1, first + steps / 2, steps / 2);
      }
    };
    visit(1, 0, leaves);
    let address = 0;
    for (let before = -1; before < address;) {
      before = address;
      for (const runs of taken) {
        for (let i = boundsTo(runs, address) & ~1; runs[i]! < address + bytes; i += 2) address = runs[i + 1]!;
      }
    }
    buffer.address = address;
    const end = address + bytes;
    total = Math.max(total, end);
    for (const runs of takes) {
      // runs that overlap or touch become one: a bound within another run is none
      const first = boundsTo(runs, address - 1);
      const after = boundsTo(runs, end);
      runs.splice(first, after - first, ...[address].slice(first & 1), ...[end].slice(after & 1));
    }
  }
  return total;
}

/** How many bounds are at an address or below. */
function boundsTo(runs: Runs, address: number): number {
  let low = 0;
  for (let high = runs.length; low < high;) {
    const middle = (low + high) >> 1;
    if (runs[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
