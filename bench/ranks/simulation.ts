// The exchange of an update's gradients among ranks, simulated: which messages are sent, what they carry, and how long that takes on a network
// that is modelled. The order of the sums is that of src/distributed/tree.ts itself. Times are in seconds.
import { nameOf, nodesOf, passesOf, sumOf } from "../../src/distributed/tree.ts";
import { type Network, play, type Phase } from "./clock.ts";

/** The passes of an update, and their gradients. */
export interface Update {
  readonly size: number;
  /** Passes of a whole update: `accumulate`. */
  readonly slots: number;
  /** Passes that there are: fewer in the last update of an epoch. */
  readonly passes: number;
  /** Numbers of a gradient. */
  readonly length: number;
}

/** The gradient of a pass. */
export type GradientOf = (pass: number) => Float32Array;

/** Numbers that a simulation carries: the gradients of the passes, and where each rank's sum goes. */
export interface Carried {
  readonly gradient: GradientOf;
  readonly results: readonly Float32Array[];
}

/** What the work of a rank takes. */
export interface Costs {
  /** A row of a pass. */
  readonly row: number;
  /** A byte of a gradient: it goes into the tree of the rank that has made it. */
  readonly keptByte: number;
  /** A byte of a sum of what other ranks have sent. */
  readonly addedByte: number;
  /** A byte of the parameters that are updated. */
  readonly updatedByte: number;
}

const ranks = (size: number): number[] => Array.from({ length: size }, (_, rank) => rank);
const width = ([first, end]: readonly [number, number]): number => end - first;
const isPower = (value: number): boolean => Number.isInteger(value) && value > 0 && (value & (value - 1)) === 0;

function add(left: Float32Array, right: Float32Array): Float32Array {
  return left.map((value, i) => value + right[i]!);
}

/** The value that the tree gives to the passes from `first` up to `end`, which begin at a node that holds them all. */
export function treeSum(gradient: GradientOf, first: number, end: number): Float32Array {
  const leaves = ranks(end - first).map((i) => [nameOf([0, i]), gradient(first + i)] as const);
  return sumOf(new Map(leaves), end - first, add);
}

/** As it is built: a slice of each node to the rank that sums it, and the sums to everyone. */
export function allToAll({ size, slots, passes, length }: Update, carried?: Carried): Phase[] {
  const slices = ranks(size).map((rank) => passesOf(rank, size, length, length));
  const nodes = ranks(size).map((rank) => nodesOf(...passesOf(rank, size, slots, passes)));
  const rounds = Math.max(...nodes.map((its) => its.length));
  const others = Math.max(1, size - 1); // one alone has a step, in which it sends itself nothing
  const toAdd = nodes.flat().length - 1;
  const made = nodes.map(
    (its) => carried && its.map(([level, index]) => treeSum(carried.gradient, index << level, (index + 1) << level)),
  );
  const got = made.map(() => new Map<string, Float32Array>());
  const to = (rank: number, step: number): number => (rank + 1 + (step % others)) % size;
  const nodeOf = (rank: number, step: number) => nodes[rank]![Math.floor(step / others)];
  const last = rounds * others - 1;
  const keep = (from: number, round: number, receiver: number): void => {
    got[receiver]!.set(nameOf(nodes[from]![round]!), made[from]![round]!.subarray(...slices[receiver]!));
  };
  return [
    {
      steps: rounds * others,
      to,
      from: (rank, step) => (rank + size - 1 - (step % others)) % size,
      count: (rank, step) => (size > 1 && nodeOf(rank, step) ? width(slices[to(rank, step)]!) : 0),
      additions: (rank, step) => (step === last ? toAdd * width(slices[rank]!) : 0),
      carry: (rank, step) => carried && keep(rank, Math.floor(step / others), to(rank, step)),
      settle(rank, step) {
        if (!carried || step < last) return;
        nodes[rank]!.forEach((_, round) => keep(rank, round, rank));
        carried.results[rank]!.set(sumOf(got[rank]!, passes, add), slices[rank]![0]);
      },
    },
    {
      steps: size - 1, // in a ring: on with what has just come
      to: (rank) => (rank + 1) % size,
      from: (rank) => (rank + size - 1) % size,
      count: (rank, step) => width(slices[(rank + size - step) % size]!),
      carry(rank, step) {
        const [first, end] = slices[(rank + size - step) % size]!;
        carried?.results[(rank + 1) % size]!.set(carried.results[rank]!.subarray(first, end), first);
      },
    },
  ];
}

/** Whether `halving` makes nodes of the tree. */
export const canHalve = ({ size, slots }: Update): boolean => isPower(size) && isPower(slots / size);

/**
 * Recursive halving and doubling, pairs of the lowest bit first: in step k the two that differ in bit k each send the
 * half that the other one goes on with, and the sum is a node of the tree again. Then the same pairs backwards, each
 * with all that it has.
 */
export function halving(update: Update, carried?: Carried): Phase[] {
  const { size, slots, passes, length } = update;
  if (!canHalve(update)) throw new Error(`halving: ${slots} passes of ${size} ranks aren't nodes of the tree`);
  const levels = 31 - Math.clz32(size);
  /** What a rank goes on with after so many steps. */
  const part = (rank: number, steps: number): [first: number, end: number] => {
    let [first, end] = [0, length];
    for (let bit = 0; bit < steps; bit++) {
      const middle = first + ((end - first) >> 1);
      if ((rank >> bit) & 1) first = middle;
      else end = middle;
    }
    return [first, end];
  };
  /** Whether a rank, and those that it has met in so many steps, have a pass. */
  const has = (rank: number, steps: number): boolean =>
    width(passesOf((rank >> steps) << steps, size, slots, passes)) > 0;
  const held = ranks(size).map((rank) => {
    const its = passesOf(rank, size, slots, passes);
    return carried && width(its) > 0 ? treeSum(carried.gradient, ...its) : new Float32Array(carried ? length : 0);
  });
  const came: Float32Array[] = [];
  const partner = (rank: number, step: number): number => rank ^ (1 << step);
  const back = (rank: number, step: number): number => partner(rank, levels - 1 - step);
  return [
    {
      steps: levels,
      to: partner,
      from: partner,
      count: (rank, step) => (has(rank, step) ? width(part(partner(rank, step), step + 1)) : 0),
      additions: (rank, step) => (has(rank, step) && has(partner(rank, step), step) ? width(part(rank, step + 1)) : 0),
      carry(rank, step) {
        const other = partner(rank, step);
        if (carried) came[other] = held[rank]!.slice(...part(other, step + 1));
      },
      settle(rank, step) {
        const other = partner(rank, step);
        if (!carried || !has(other, step)) return;
        const [first, end] = part(rank, step + 1);
        const mine = held[rank]!.subarray(first, end);
        const its = came[rank]!;
        mine.set(!has(rank, step) ? its : rank < other ? add(mine, its) : add(its, mine));
      },
    },
    {
      steps: levels,
      to: back,
      from: back,
      count: (rank, step) => width(part(rank, levels - step)),
      carry(rank, step) {
        const [first, end] = part(rank, levels - step);
        if (carried) held[back(rank, step)]!.set(held[rank]!.subarray(first, end), first);
      },
      settle: (rank, step) => void (step === levels - 1 && carried?.results[rank]!.set(held[rank]!)),
    },
  ];
}

/** What the ranks agree on before they exchange: so many numbers of each to everyone, by doubling. */
export const agreement = (size: number, numbers: number): Phase => ({
  steps: 32 - Math.clz32(size - 1),
  to: (rank, step) => (rank + size - (1 << step)) % size,
  from: (rank, step) => (rank + (1 << step)) % size,
  count: (_, step) => numbers * Math.min(1 << step, size - (1 << step)),
});

/** The sums that all ranks end with, carried along the schedule; their messages all take the same time. */
export function sums(update: Update, way: typeof allToAll, gradient: GradientOf): Float32Array[] {
  const results = ranks(update.size).map(() => new Float32Array(update.length));
  const network = { latency: 1, perByte: 0, perHost: 1, inHost: { latency: 1, perByte: 0 } };
  const phases = way(update, { gradient, results });
  play(phases, network, new Float64Array(update.size), 0);
  // one alone has no step of halving
  if (update.size === 1) results[0]!.set(treeSum(gradient, 0, update.passes));
  return results;
}

/** The parts of an update's time. */
export interface Times {
  readonly computing: number;
  readonly agreeing: number;
  readonly exchanging: number;
  readonly updating: number;
  readonly whole: number;
}

/** Numbers that a rank tells all others before each exchange. */
const HEADER = 64;

/**
 * How long an update takes.
 *
 * @param rows of a pass
 * @param spread by what share the slowest rank's passes take longer; the others lie between
 */
export function timeOf(
  update: Update,
  rows: number,
  way: typeof allToAll,
  { costs, network, spread = 0 }: { readonly costs: Costs; readonly network: Network; readonly spread?: number },
): Times {
  const { size, slots, passes, length } = update;
  const bytes = 4 * length;
  const clocks = Float64Array.from(ranks(size), (rank) => {
    const late = 1 + (spread * ((rank * 0x9e3779b1) >>> 0)) / 0xffffffff;
    return width(passesOf(rank, size, slots, passes)) * (rows * costs.row * late + bytes * costs.keptByte);
  });
  const computing = Math.max(...clocks);
  const ends = play([agreement(size, HEADER), ...way(update)], network, clocks, 4 * costs.addedByte);
  const exchanged = ends.at(-1)!;
  const updating = bytes * costs.updatedByte;
  return {
    computing,
    agreeing: ends[0]! - computing,
    exchanging: exchanged - ends[0]!,
    updating,
    whole: exchanged + updating,
  };
}
