// What layers keep from one batch to the next: abi.ts has the layout of a cell, which says where it is stored.
import { KEPT_AFTER, KEPT_BEFORE, KEPT_BYTES, KEPT_PASS, PROGRAM_CURSOR, PROGRAM_PASS } from "../../runtime/abi";
import { pointer } from "../../runtime/record";

/** The layer's cell. */
const CELL: usize = 0;
const PROGRAM: usize = 1;

/** An epoch begins with zeros. */
export function keptReset(record: usize, rows: u32): void {
  const cell = pointer(record, CELL);
  if (load<u32>(pointer(record, PROGRAM), PROGRAM_CURSOR) != 0) return;
  memory.fill(load<u32>(cell, KEPT_AFTER), 0, load<u32>(cell, KEPT_BYTES));
  store<u64>(cell, u64.MAX_VALUE, KEPT_PASS);
}

/** A pass goes on from what the one before it has left; one that was undone, and has the same number, begins where it began. */
export function keptStart(record: usize, rows: u32): void {
  const cell = pointer(record, CELL);
  const pass = load<u64>(pointer(record, PROGRAM), PROGRAM_PASS);
  if (load<u64>(cell, KEPT_PASS) == pass) return;
  store<u64>(cell, pass, KEPT_PASS);
  memory.copy(load<u32>(cell, KEPT_BEFORE), load<u32>(cell, KEPT_AFTER), load<u32>(cell, KEPT_BYTES));
}
