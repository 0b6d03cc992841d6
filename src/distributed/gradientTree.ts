// Sums the gradients of an update's passes, which ranks have shared out, in the order of a fixed binary tree (tree.ts):
// each rank sums its own, as far as they are nodes of the tree; of these every rank gets a slice of everyone's, sums
// it, and gives the sum to all.
import type { Core } from "../runtime/core.ts";
import { extraFunction } from "../runtime/extraFunction.ts";
import type { MemoryRange, Workspace } from "../runtime/arena.ts";
import type { Group } from "./group.ts";
import { nameOf, nodesOf, passesOf, sumOf, type TreeNode } from "./tree.ts";

/** A node in memory. */
interface Held {
  readonly node: TreeNode;
  readonly address: number;
}

/** Floats of a cache line: slices are of whole ones. */
const LINE = 16;
/** So many passes are too many to look at each. */
const LONG = 4096;

/** How many nodes the passes from `first` on make up, at most, whichever before `end` is the last one. */
function mostNodes(first: number, end: number): number {
  const count = Math.max(0, end - first);
  if (count > LONG) return 2 * (32 - Math.clz32(count)); // two of each level, at most
  let most = 0;
  for (let at = first; at < end; at++) most = Math.max(most, nodesOf(first, at + 1).length);
  return most;
}

/** The gradients of one update after another. */
export class GradientTree {
  readonly #core: Core;
  readonly #group: Group;
  /** Where passes leave their gradient, and where their sum is to be. */
  readonly #gradient: MemoryRange;
  readonly #slots: number;
  /** This rank's passes of a whole update. */
  readonly own: readonly [first: number, end: number];
  readonly #add: (to: number, a: number, b: number, bytes: number) => void;
  /** Memory of nodes that is free. */
  readonly #free: number[] = [];
  /** This rank's nodes of the update so far: a binary counter. */
  #held: Held[] = [];
  /** Where slices of everyone's nodes come to. */
  readonly #received: number = 0;
  /** How many numbers each rank sums up, and from which one on. */
  readonly #counts: Int32Array;
  readonly #places: Int32Array;

  /**
   * @param slots passes of a whole update
   * @param most passes that there will be at most
   * @param workspace what it needs is allocated now
   */
  constructor(core: Core, workspace: Workspace, group: Group, gradient: MemoryRange, slots: number, most: number) {
    const { rank, size } = group;
    this.#core = core;
    this.#group = group;
    this.#gradient = gradient;
    this.#slots = slots;
    this.own = passesOf(rank, size, slots, slots);
    this.#add = extraFunction(core, "addFloats");
    const { bytes } = gradient;
    const floats = bytes / 4;
    const share = Math.ceil(floats / LINE / size) * LINE;
    const from = (r: number): number => Math.min(floats, r * share);
    this.#places = Int32Array.from({ length: size }, (_, r) => from(r));
    this.#counts = Int32Array.from({ length: size }, (_, r) => from(r + 1) - from(r));
    for (let i = mostNodes(...passesOf(rank, size, slots, most)); i > 0; i--) {
      this.#free.push(workspace.allocate(bytes, "the gradients of passes"));
    }
    if (size === 1) return;
    let before = 0;
    let nodes = 0;
    for (let r = 0; r < size; r++) {
      const its = passesOf(r, size, slots, most);
      // an update may be cut off in its passes: ranks after it then have none
      nodes = Math.max(nodes, before + mostNodes(...its));
      before += nodesOf(...its).length;
    }
    this.#received = workspace.allocate(nodes * share * 4, "the gradients of other ranks");
  }

  /** Takes the gradient of a pass of this update. */
  add(pass: number): void {
    const { address: gradient, bytes } = this.#gradient;
    let node: TreeNode = [0, pass];
    let at = gradient;
    for (let top; (top = this.#held.at(-1)) && top.node[0] === node[0] && node[1] % 2 === 1;) {
      this.#add(top.address, top.address, at, bytes);
      if (at !== gradient) this.#free.push(at);
      this.#held.pop();
      node = [node[0] + 1, node[1] >> 1];
      at = top.address;
    }
    if (at === gradient) {
      at = this.#free.pop()!;
      this.#core.arena.u8.copyWithin(at, gradient, gradient + bytes);
    }
    this.#held.push({ node, address: at });
  }

  /** Forgets the passes so far: the update isn't made. */
  clear(): void {
    this.#free.push(...this.#held.map(({ address }) => address));
    this.#held = [];
  }

  /** Writes the sum of so many passes of all ranks to where a pass leaves its gradient. */
  async sum(passes: number): Promise<void> {
    const { address, bytes } = this.#gradient;
    const { arena } = this.#core;
    if (this.#group.size === 1) {
      const sum = this.#sumOf(new Map(this.#held.map((held) => [nameOf(held.node), held.address])), passes, bytes);
      arena.u8.copyWithin(address, sum, sum + bytes);
    } else {
      const slice = this.#sumOf(await this.#exchange(passes), passes, 4 * this.#counts[this.#group.rank]!);
      const mine = this.#sent(slice, this.#counts[this.#group.rank]!);
      await this.#receive(address, bytes / 4, (all) => this.#group.collect(mine, all, this.#counts, this.#places));
    }
    this.clear();
  }

  /** Numbers in memory, for others. */
  #sent(address: number, count: number): Float32Array {
    const { arena } = this.#core;
    return this.#group.inPlace ? arena.floats(address, count) : arena.read(address, count);
  }

  /** Numbers of others, to memory. */
  async #receive(
    address: number,
    count: number,
    collective: (to: Float32Array) => void | Promise<void>,
  ): Promise<void> {
    const { arena } = this.#core;
    const { inPlace } = this.#group;
    const to = inPlace ? arena.floats(address, count) : new Float32Array(count);
    await collective(to);
    if (!inPlace) arena.write(address, to);
  }

  #sumOf(nodes: ReadonlyMap<string, number>, passes: number, bytes: number): number {
    return sumOf(nodes, passes, (left, right) => {
      this.#add(left, left, right, bytes);
      return left;
    });
  }

  /** This rank's slice of everyone's nodes: where each of them is. */
  async #exchange(passes: number): Promise<Map<string, number>> {
    const { size, rank } = this.#group;
    const { address, bytes } = this.#gradient;
    const slice = this.#counts[rank]!;
    const lists = Array.from({ length: size }, (_, r) => nodesOf(...passesOf(r, size, this.#slots, passes)));
    const rounds = lists.reduce((most, { length }) => Math.max(most, length), 0);
    const places = new Map<string, number>();
    const none = new Int32Array(size);
    let to = this.#received;
    for (let round = 0; round < rounds; round++) {
      const mine = this.#held[round];
      const counts = Int32Array.from(lists, (nodes) => (nodes[round] ? slice : 0));
      const at = new Int32Array(size);
      let total = 0;
      lists.forEach((nodes, r) => {
        at[r] = total;
        if (!nodes[round]) return;
        places.set(nameOf(nodes[round]), to + 4 * total);
        total += slice;
      });
      const from = this.#sent(mine?.address ?? address, mine ? bytes / 4 : 0);
      const sent = mine ? this.#counts : none;
      await this.#receive(to, total, (all) => this.#group.exchange(from, sent, this.#places, all, counts, at));
      to += 4 * total;
    }
    return places;
  }
}
