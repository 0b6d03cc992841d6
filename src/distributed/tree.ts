// The order in which the gradients of an update's passes are summed: a fixed binary tree over the passes, which knows
// nothing of ranks. Node (level, index) is the sum of the 2^level passes from index 2^level on, as far as there are;
// one without a right half is its left half.

/** A node: its level, and its index among those of the level. */
export type TreeNode = readonly [level: number, index: number];

/** The name of a node. */
export const nameOf = ([level, index]: TreeNode): string => `${level}/${index}`;

/** The passes from `first` up to `end`, of the `passes` that there are, that are a rank's: of all `slots` always the same ones. */
export function passesOf(
  rank: number,
  size: number,
  slots: number,
  passes: number,
): readonly [first: number, end: number] {
  const from = (r: number): number => Math.min(passes, Math.floor((r * slots) / size));
  return [from(rank), from(rank + 1)];
}

/** The largest nodes that the passes from `first` up to `end` make up, in their order. */
export function nodesOf(first: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = first; at < end;) {
    let level = 0;
    while (at % (2 << level) === 0 && at + (2 << level) <= end) level++;
    nodes.push([level, at >> level]);
    at += 1 << level;
  }
  return nodes;
}

/**
 * The sum of so many passes, from the nodes that there are.
 *
 * @param nodes what there is, by the nodes' names
 * @param add gives the sum of a left and a right half; it may write it to the left one
 */
export function sumOf<T>(nodes: ReadonlyMap<string, T>, passes: number, add: (left: T, right: T) => T): T {
  const sum = (level: number, index: number): T => {
    const known = nodes.get(nameOf([level, index]));
    if (known !== undefined) return known;
    if (level === 0) throw new Error(`internal: the tree has no pass ${index}`);
    const left = sum(level - 1, 2 * index);
    const right = 2 * index + 1;
    return right << (level - 1) < passes ? add(left, sum(level - 1, right)) : left;
  };
  let top = 0;
  while (1 << top < passes) top++;
  return sum(top, 0);
}
