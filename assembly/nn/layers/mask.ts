// The slots that dropout and spatial dropout share, and the mask that both draw for each pass.
import { PROGRAM_PASS, PROGRAM_SEED_HIGH, PROGRAM_SEED_LOW, STREAM_MASK } from "../../runtime/abi";
import { randomMask } from "../../runtime/random";
import { float, integer, pointer } from "../../runtime/record";

export const MASK: usize = 4;
export const KEEP: usize = 5;
export const STREAM: usize = 6;
export const PROGRAM: usize = 7;
/** Memory for 16 numbers, or more if a layer needs it. */
export const SCRATCH: usize = 8;
// and a layer's own from here on.
export const FIRST_OWN: usize = 9;

/** A new mask of `count` bytes, 1 with probability `keep`: numbers of (seed, layer, pass). */
export function drawMask(record: usize, count: u32): void {
  const program = pointer(record, PROGRAM);
  randomMask(
    pointer(record, MASK),
    count,
    <f64>float(record, KEEP),
    load<u32>(program, PROGRAM_SEED_LOW),
    load<u32>(program, PROGRAM_SEED_HIGH),
    STREAM_MASK + integer(record, STREAM),
    load<u64>(program, PROGRAM_PASS),
    pointer(record, SCRATCH),
  );
}
