// Borders around tensors of any number of axes, and, where a border is negative, parts cut off. zeroPad2d and crop2d are of these kernels, too.
import { DX, DY, float, integer, pointer, X, Y } from "../../runtime/record";

/** What is in a border: a value, or numbers of x. The order is that of MODES in src/nn/layers/pad.ts. */
const MODE: usize = 4;
const VALUE: usize = 5;
const AXES: usize = 6;
/** From here on for each axis: cells before x, size of x, size of y, and bytes of one cell of x and of y. */
const FIRST_AXIS: usize = 7;
const AXIS_SLOTS: u32 = 5;

const CONSTANT: u32 = 0;
const REFLECT: u32 = 1;
const EDGE: u32 = 2;

/** y = x with a border */
export function padForward(record: usize, rows: u32): void {
  eachRow(record, rows, pointer(record, X), pointer(record, Y), false);
}

/** dx = the sum of the dy of the cells that show x, in their order */
export function padBackward(record: usize, rows: u32): void {
  eachRow(record, rows, pointer(record, DX), pointer(record, DY), true);
}

function eachRow(record: usize, rows: u32, inside: usize, outside: usize, back: bool): void {
  const row = cells(record, 1) * cells(record, 3);
  const wide = cells(record, 2) * cells(record, 4);
  for (let r: u32 = 0; r < rows; r++, inside += row, outside += wide) {
    if (back) memory.fill(inside, 0, row);
    walk(record, FIRST_AXIS, inside, outside, back);
  }
}

/** A slot of the first axis. */
function cells(record: usize, which: usize): usize {
  return <usize>integer(record, FIRST_AXIS + which);
}

/** The axes from a slot on. */
function walk(record: usize, slot: usize, inside: usize, outside: usize, back: bool): void {
  const before = <i32>integer(record, slot);
  const size = <i32>integer(record, slot + 1);
  const out = <i32>integer(record, slot + 2);
  const step = <usize>integer(record, slot + 3);
  const wide = <usize>integer(record, slot + 4);
  const mode = integer(record, MODE);
  const isLast = slot + AXIS_SLOTS == FIRST_AXIS + <usize>(integer(record, AXES) * AXIS_SLOTS);
  for (let i: i32 = 0; i < out;) {
    const place = i - before;
    const within = place >= 0 && place < size;
    // neighbours inside x are moved together
    const run = isLast && within ? min(size - place, out - i) : 1;
    const bytes = <usize>run * wide;
    if (!within && mode == CONSTANT) {
      if (!back) fill(outside, bytes, float(record, VALUE));
    } else {
      const at = inside + <usize>(within ? place : shown(place, size, mode)) * step;
      if (!isLast) walk(record, slot + AXIS_SLOTS, at, outside, back);
      else if (!back) memory.copy(outside, at, bytes);
      else if (mode == CONSTANT) memory.copy(at, outside, bytes);
      else add(at, outside, bytes);
    }
    i += run;
    outside += bytes;
  }
}

/** The cell of x that is shown at a place outside of it. */
function shown(place: i32, size: i32, mode: u32): i32 {
  if (mode == REFLECT) return place < 0 ? -place : 2 * (size - 1) - place;
  if (mode == EDGE) return place < 0 ? 0 : size - 1;
  return place < 0 ? place + size : place - size;
}

function fill(p: usize, bytes: usize, value: f32): void {
  if (value == 0) memory.fill(p, 0, bytes);
  else for (const end = p + bytes; p < end; p += 4) store<f32>(p, value);
}

function add(p: usize, from: usize, bytes: usize): void {
  for (const end = p + bytes; p < end; p += 4, from += 4) store<f32>(p, load<f32>(p) + load<f32>(from));
}
