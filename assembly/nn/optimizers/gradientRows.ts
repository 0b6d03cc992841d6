// Tables of which a batch reads a few rows, such as embeddings: their gradients are 0 but for the rows that were touched since they were
// zeroed last. These are noted, in groups of rows that fill whole vectors together, so that the others cost nothing.
import { PROGRAM_MICRO, RECORD_ARGS, RECORD_PER_ROW } from "../../runtime/abi";
import { integer, pointer } from "../../runtime/record";

// The notes: a count, then from FIRST_NOTE on the number of each touched group, and after room for all groups a byte for each: 1 if it is noted.
const FIRST_NOTE: usize = 16;
/** A count that says: whatever else the notes have, any row may have a gradient. */
const ALL: u32 = 0xffffffff;

/** Notes that a group of rows has a gradient, if there are notes. */
export function touch(touched: usize, group: usize, groups: usize): void {
  const mark = touched + (groups << 2) + group;
  const count = <usize>load<u32>(touched);
  if (count == ALL || load<u8>(mark, FIRST_NOTE)) return;
  // in this order: whatever ends the program in between, no group that has a gradient is left out
  store<u32>(touched + (count << 2), <u32>group, FIRST_NOTE);
  store<u32>(touched, <u32>count + 1);
  store<u8>(mark, 1, FIRST_NOTE);
}

const TOUCHED: usize = 0;
const GROUP_BYTES: usize = 1;
/** Bytes of the table. */
const BYTES: usize = 2;
const G: usize = 3;
const PROGRAM: usize = 4;

/** Sets the gradients of the touched rows to zero before the first pass of an update: then all are. */
export function gradientRowsZero(record: usize, rows: u32): void {
  if (load<u32>(pointer(record, PROGRAM), PROGRAM_MICRO) != 0) return;
  const touched = pointer(record, TOUCHED);
  const groupBytes = <usize>integer(record, GROUP_BYTES);
  const bytes = <usize>integer(record, BYTES);
  const g = pointer(record, G);
  const groups = (bytes + groupBytes - 1) / groupBytes;
  const marks = touched + FIRST_NOTE + (groups << 2);
  const count = <usize>load<u32>(touched);
  if (count == ALL) {
    memory.fill(g, 0, bytes);
    memory.fill(marks, 0, groups);
  } else {
    for (let list = touched + FIRST_NOTE, end = list + (count << 2); list < end; list += 4) {
      const group = <usize>load<u32>(list);
      const from = group * groupBytes;
      memory.fill(g + from, 0, min(groupBytes, bytes - from));
      store<u8>(marks + group, 0);
    }
  }
  store<u32>(touched, 0);
}

/** How many of the optimizer's states, the first ones after the arguments of all updates, are laid out like the table. */
const STATES: usize = 3;
/** Another kernel's record begins here, with its header, for the whole table. */
const INNER_KERNEL: usize = 4;
// its arguments, as in gradient.ts: p, g, program, factor, states
const FIRST_OTHER: usize = 8;

/** Moves the addresses of p, g and the states. */
function move(record: usize, by: usize): void {
  const p = record + (FIRST_OTHER << 2);
  store<usize>(p, load<usize>(p, RECORD_ARGS) + by, RECORD_ARGS);
  store<usize>(p, load<usize>(p, RECORD_ARGS + 4) + by, RECORD_ARGS + 4);
  for (let i: u32 = 0, slot = p + 16; i < integer(record, STATES); i++, slot += 4) {
    store<usize>(slot, load<usize>(slot, RECORD_ARGS) + by, RECORD_ARGS);
  }
}

/** Runs an element-wise kernel of an update on the touched rows alone. */
export function gradientRows(record: usize, rows: u32): void {
  const touched = pointer(record, TOUCHED);
  const groupBytes = <usize>integer(record, GROUP_BYTES);
  const bytes = <usize>integer(record, BYTES);
  const kernel = integer(record, INNER_KERNEL);
  const inner = record + RECORD_ARGS + (INNER_KERNEL << 2);
  const count = <usize>load<u32>(touched);
  if (count == ALL) {
    store<u32>(inner, (<u32>bytes) >> 2, RECORD_PER_ROW);
    call_indirect<void>(kernel, inner, rows);
    return;
  }
  for (let list = touched + FIRST_NOTE, end = list + (count << 2); list < end; list += 4) {
    const from = <usize>load<u32>(list) * groupBytes;
    store<u32>(inner, (<u32>min(groupBytes, bytes - from)) >> 2, RECORD_PER_ROW);
    move(record, from);
    call_indirect<void>(kernel, inner, rows);
    move(record, -from);
  }
}
