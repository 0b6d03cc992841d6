// Messages among ranks, with a clock for each of them. A message begins when both are there, takes its latency, and
// then the wire for as long as its bytes need: a host's ranks share one wire out and one in, and within a host one
// memory. Times are in seconds.

export interface Network {
  /** Of a message between hosts. */
  readonly latency: number;
  readonly perByte: number;
  /** Ranks of a host, which is filled before the next one. */
  readonly perHost: number;
  readonly inHost: { readonly latency: number; readonly perByte: number };
}

/** A part of an exchange. In each step every rank sends one message and gets one. */
export interface Phase {
  readonly steps: number;
  to(rank: number, step: number): number;
  /** Who sends to this rank. */
  from(rank: number, step: number): number;
  /** Numbers of the message; without any it takes no time. */
  count(rank: number, step: number): number;
  /** Numbers that a rank sums when a step is over. */
  additions?(rank: number, step: number): number;
  /** Brings the numbers of a rank's message. */
  carry?(rank: number, step: number): void;
  /** What a rank does with them when a step is over. */
  settle?(rank: number, step: number): void;
}

/** Messages that can begin, the earliest first; of equally early ones the one that was put in first. */
class Queue {
  readonly #heap: { readonly time: number; readonly order: number; readonly sender: number }[] = [];
  #order = 0;

  put(time: number, sender: number): void {
    const heap = this.#heap;
    const entry = { time, order: this.#order++, sender };
    let at = heap.length;
    for (; at > 0 && this.#before(entry, heap[(at - 1) >> 1]!); at = (at - 1) >> 1) heap[at] = heap[(at - 1) >> 1]!;
    heap[at] = entry;
  }

  take(): { readonly time: number; readonly sender: number } | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (this.#before(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #before(
    a: { readonly time: number; readonly order: number },
    b: { readonly time: number; readonly order: number },
  ): boolean {
    return a.time < b.time || (a.time === b.time && a.order < b.order);
  }
}

/**
 * Lets all ranks go through all phases, each as soon as it can.
 *
 * @param clocks when each rank begins; then when it ends
 * @param perAddition of a number
 * @returns when the last rank ends each of the phases
 */
export function play(
  phases: readonly Phase[],
  network: Network,
  clocks: Float64Array,
  perAddition: number,
): readonly number[] {
  const size = clocks.length;
  const steps = phases.flatMap((phase, number) => Array.from({ length: phase.steps }, (_, step) => ({ phase, number, step }))); // prettier-ignore
  const place = new Int32Array(size).fill(-1);
  const open = new Uint8Array(size);
  const until = Float64Array.from(clocks);
  const hosts = Math.ceil(size / network.perHost);
  const hostOf = (rank: number): number => Math.floor(rank / network.perHost);
  const [out, into, memory] = [new Float64Array(hosts), new Float64Array(hosts), new Float64Array(hosts)];
  const latest = Math.max(...clocks);
  const ends = phases.map(() => latest);
  const queue = new Queue();

  const enter = (rank: number): void => {
    const here = ++place[rank]!;
    const now = steps[here];
    if (!now) return;
    open[rank] = 2; // a message to another, and one from another
    const [to, from] = [now.phase.to(rank, now.step), now.phase.from(rank, now.step)];
    if (place[to] === here) queue.put(Math.max(clocks[rank]!, clocks[to]!), rank);
    if (from !== rank && place[from] === here) queue.put(Math.max(clocks[rank]!, clocks[from]!), from);
  };
  const end = (rank: number, time: number): void => {
    until[rank] = Math.max(until[rank]!, time);
    if (--open[rank]! > 0) return;
    const { phase, number, step } = steps[place[rank]!]!;
    phase.settle?.(rank, step);
    until[rank]! += perAddition * (phase.additions?.(rank, step) ?? 0);
    clocks[rank] = until[rank]!;
    if (step === phase.steps - 1) ends[number] = Math.max(ends[number]!, clocks[rank]);
    enter(rank);
  };
  const send = (ready: number, a: number, b: number, count: number): number => {
    if (count === 0) return ready;
    const [from, to] = [hostOf(a), hostOf(b)];
    if (from === to) {
      const { latency, perByte } = network.inHost;
      return (memory[from] = Math.max(ready + latency, memory[from]!) + 4 * count * perByte);
    }
    const done = Math.max(ready + network.latency, out[from]!, into[to]!) + 4 * count * network.perByte;
    return (out[from] = into[to] = done);
  };

  for (let rank = 0; rank < size; rank++) enter(rank);
  for (let next = queue.take(); next; next = queue.take()) {
    const { time, sender } = next;
    const { phase, step } = steps[place[sender]!]!;
    const to = phase.to(sender, step);
    const count = phase.count(sender, step);
    const done = send(time, sender, to, count);
    if (count > 0) phase.carry?.(sender, step);
    end(sender, done);
    end(to, done);
  }
  if (place.some((at) => at < steps.length)) throw new Error("internal: ranks wait for each other");
  // a phase without steps is over when the one before is
  for (let i = 1; i < ends.length; i++) ends[i] = Math.max(ends[i]!, ends[i - 1]!);
  return ends;
}
