// Images of another size. A cell i of the output is at (i step - shift) / unit of the input, of which the whole part is the cell before it
// and the rest the share of the one after it; src/nn/layers/upsample2d.ts says which step, shift and unit.
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";

/** 1: between four cells. 0: the cell before. */
const BETWEEN: usize = 4;
const CHANNELS: usize = 5;
const HEIGHT: usize = 6;
const OUT_HEIGHT: usize = 7;
const STEP_Y: usize = 8;
const SHIFT_Y: usize = 9;
const UNIT_Y: usize = 10;
const WIDTH: usize = 11;
const OUT_WIDTH: usize = 12;
const STEP_X: usize = 13;
const SHIFT_X: usize = 14;
const UNIT_X: usize = 15;

/** y = the cell of x at its place, or, between them, of the four around it the mean by their distance */
export function upsample2dForward(record: usize, rows: u32): void {
  resize(record, rows, pointer(record, X), pointer(record, Y), false);
}

/** dx = the sum of the dy of the cells that show x, row by row, each by its share */
export function upsample2dBackward(record: usize, rows: u32): void {
  resize(record, rows, pointer(record, DX), pointer(record, DY), true);
}

function resize(record: usize, rows: u32, image: usize, shown: usize, back: bool): void {
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const height = integer(record, HEIGHT);
  const line = <usize>integer(record, WIDTH) * pixel;
  const wide = <usize>integer(record, OUT_WIDTH) * pixel;
  const outHeight = integer(record, OUT_HEIGHT);
  const step = <i64>integer(record, STEP_Y);
  const shift = <i64>(<i32>integer(record, SHIFT_Y));
  const unit = <i64>integer(record, UNIT_Y);
  const between = integer(record, BETWEEN) != 0;
  for (let r: u32 = 0; r < rows; r++, image += line * height) {
    if (back) memory.fill(image, 0, line * height);
    let before: usize = 0;
    for (let i: u32 = 0; i < outHeight; i++, shown += wide) {
      const place = max<i64>(<i64>i * step - shift, 0);
      const at = <u32>(place / unit);
      const above = image + <usize>at * line;
      if (between) {
        const below = at + 1 < height ? above + line : above;
        blend(record, above, below, <f32>(<f64>(place % unit) / <f64>unit), shown, pixel, back);
      } else if (above == before && !back) {
        memory.copy(shown, shown - wide, wide); // the line before is the same
      } else {
        repeat(record, above, shown, pixel, back);
      }
      before = above;
    }
  }
}

/** A line of the output, of which each cell is one of a line of the input. */
function repeat(record: usize, line: usize, shown: usize, pixel: usize, back: bool): void {
  const step = <i64>integer(record, STEP_X);
  const unit = <i64>integer(record, UNIT_X);
  const end = shown + <usize>integer(record, OUT_WIDTH) * pixel;
  for (let rest: i64 = 0; shown < end; shown += pixel, rest += step) {
    for (; rest >= unit; rest -= unit) line += pixel;
    if (!back) memory.copy(shown, line, pixel);
    else for (let c: usize = 0; c < pixel; c += 16) addLanes(line + c, v128.load(shown + c), (pixel - c) >> 2);
  }
}

/** A line of the output between two of the input; `low`: the share of the one below. */
function blend(record: usize, above: usize, below: usize, low: f32, shown: usize, pixel: usize, back: bool): void {
  const last = (<usize>integer(record, WIDTH) - 1) * pixel;
  const step = <i64>integer(record, STEP_X);
  const unit = <i64>integer(record, UNIT_X);
  const top = f32x4.splat(1 - low);
  const bottom = f32x4.splat(low);
  const end = shown + <usize>integer(record, OUT_WIDTH) * pixel;
  let first: usize = 0;
  for (let rest = -(<i64>(<i32>integer(record, SHIFT_X))); shown < end; shown += pixel, rest += step) {
    for (; rest >= unit; rest -= unit) first += pixel;
    const share = <f32>(<f64>max<i64>(rest, 0) / <f64>unit);
    const left = f32x4.splat(1 - share);
    const right = f32x4.splat(share);
    const second = first < last ? first + pixel : first;
    for (let c: usize = 0; c < pixel; c += 16) {
      const count = (pixel - c) >> 2;
      if (back) {
        const dy = v128.load(shown + c);
        const up = f32x4.mul(dy, top);
        const down = f32x4.mul(dy, bottom);
        addLanes(above + first + c, f32x4.mul(up, left), count);
        addLanes(above + second + c, f32x4.mul(up, right), count);
        addLanes(below + first + c, f32x4.mul(down, left), count);
        addLanes(below + second + c, f32x4.mul(down, right), count);
      } else {
        const up = mean(above + c, first, second, left, right);
        const down = mean(below + c, first, second, left, right);
        storeLanes(shown + c, f32x4.add(f32x4.mul(up, top), f32x4.mul(down, bottom)), count);
      }
    }
  }
}

function mean(line: usize, first: usize, second: usize, left: v128, right: v128): v128 {
  return f32x4.add(f32x4.mul(v128.load(line + first), left), f32x4.mul(v128.load(line + second), right));
}

function addLanes(p: usize, x: v128, count: usize): void {
  storeLanes(p, f32x4.add(v128.load(p), x), count);
}
