// Tile sizes that batch, group and instance normalisation and spatial dropout share with assembly/nn/layers/channels.ts.
import { type Shape, sizeOf } from "../../util/shape.ts";

/** Numbers per tile: a multiple of the channels and of a vector, about sixteen vectors where the input has as many. */
export function tileOf(input: Shape): number {
  const n = input.at(-1)!;
  const smallest = n % 4 === 0 ? n : n % 2 === 0 ? 2 * n : 4 * n;
  return smallest * Math.ceil(Math.min(64, sizeOf(input)) / smallest);
}

/** Bytes of scratch memory that go with a tile. */
export const scratchOf = (tile: number): number => 40 * tile;
