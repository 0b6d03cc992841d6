// Reads a record's arguments: every kernel gets its address and the number of rows.
import { RECORD_FLAGS, RECORD_PER_ROW, RECORD_ARGS, FLAG_OVERWRITE } from "./abi";

// The first slots of every layer's and activation's arguments. Its own slots follow: parameters each with their gradient,
// saved values, attributes, scratch memory, in the order that the TypeScript file of the same stem lists them.
export const X: usize = 0;
export const Y: usize = 1;
export const DX: usize = 2;
export const DY: usize = 3;

/** The address in a slot; 0 means "not requested". */
export function pointer(record: usize, slot: usize): usize {
  return load<u32>(record + (slot << 2), RECORD_ARGS);
}

/** The integer in a slot. */
export function integer(record: usize, slot: usize): u32 {
  return load<u32>(record + (slot << 2), RECORD_ARGS);
}

/** The float32 in a slot. */
export function float(record: usize, slot: usize): f32 {
  return load<f32>(record + (slot << 2), RECORD_ARGS);
}

/** The float64 in a slot and the next one. */
export function double(record: usize, slot: usize): f64 {
  return load<f64>(record + (slot << 2), RECORD_ARGS);
}

/** Elements of the record's main tensor per row. */
export function perRow(record: usize): u32 {
  return load<u32>(record, RECORD_PER_ROW);
}

/** Does the kernel write its parameter gradients rather than add to them? */
export function overwrites(record: usize): bool {
  return (load<u32>(record, RECORD_FLAGS) & FLAG_OVERWRITE) != 0;
}

/**
 * Bytes of `rows` rows of the main tensor, rounded up to whole vectors. Element-wise kernels work on whole vectors:
 * tensors are padded to 16 bytes, and what is after the last row is never read as data.
 */
export function wholeVectors(record: usize, rows: u32): usize {
  return (((<usize>rows * perRow(record)) << 2) + 15) & ~15;
}
