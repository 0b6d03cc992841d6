// Images that are mirrored, moved, turned, made larger or smaller and brighter or darker by chance. A cell of the output is at a place of the
// input, which its image's matrix tells, and is blended of the four cells around that place; beyond the edge are the cells of the edge.
import { PROGRAM_PASS, PROGRAM_SEED_HIGH, PROGRAM_SEED_LOW, STREAM_MASK } from "../../runtime/abi";
import { mathCosPair } from "../../numeric/math";
import { storeLanes } from "../../numeric/simd";
import { sixteen } from "../../runtime/random";
import { DX, DY, float, integer, pointer, X, Y } from "../../runtime/record";

/** For each row: the matrix from the output's places, from the middle on, to the input's; the middle's place; what is added. */
const PLACES: usize = 4;
const STREAM: usize = 5;
const PROGRAM: usize = 6;
/** Memory for 16 numbers. */
const SCRATCH: usize = 7;
const HEIGHT: usize = 8;
const WIDTH: usize = 9;
const CHANNELS: usize = 10;
/** 1: to the right and left; 2: up and down; 3: both. */
const FLIP: usize = 11;
/** Cells, at most. */
const SHIFT_Y: usize = 12;
const SHIFT_X: usize = 13;
/** Radians, at most. */
const ROTATE: usize = 14;
const ZOOM: usize = 15;
const BRIGHTNESS: usize = 16;

/** Bytes of a row's places: seven float32 and one that isn't used. */
const ROW: u32 = 32;

/** Random places for each row: numbers of (seed, layer, pass, row). */
export function augment2dPlaces(record: usize, rows: u32): void {
  const program = pointer(record, PROGRAM);
  const low = load<u32>(program, PROGRAM_SEED_LOW);
  const high = load<u32>(program, PROGRAM_SEED_HIGH);
  const pass = load<u64>(program, PROGRAM_PASS);
  const stream = STREAM_MASK + integer(record, STREAM);
  const scratch = pointer(record, SCRATCH);
  const flip = integer(record, FLIP);
  const middleY = <f64>(integer(record, HEIGHT) - 1) / 2;
  const middleX = <f64>(integer(record, WIDTH) - 1) / 2;
  let places = pointer(record, PLACES);
  for (let row: u32 = 0; row < rows; row++, places += <usize>ROW) {
    sixteen(scratch, row, low, high, stream, pass);
    const angle = within(scratch, float(record, ROTATE));
    // the cosine of the angle and of what is missing to a right one, both made positive
    const turn = mathCosPair(f64x2(abs(angle), abs(angle - Math.PI / 2)));
    const scale = 1 / (1 + within(scratch + 4, float(record, ZOOM)));
    const cosine = f64x2.extract_lane(turn, 0) * scale;
    const sine = f64x2.extract_lane(turn, 1) * scale;
    const y = within(scratch + 8, float(record, SHIFT_Y));
    const x = within(scratch + 12, float(record, SHIFT_X));
    const signX: f64 = flip & 1 && load<i32>(scratch, 20) < 0 ? -1 : 1;
    const signY: f64 = flip & 2 && load<i32>(scratch, 24) < 0 ? -1 : 1;
    store<f32>(places, <f32>(signY * cosine));
    store<f32>(places, <f32>(signY * sine), 4);
    store<f32>(places, <f32>(-signX * sine), 8);
    store<f32>(places, <f32>(signX * cosine), 12);
    store<f32>(places, <f32>(middleY - signY * (cosine * y + sine * x)), 16);
    store<f32>(places, <f32>(middleX - signX * (cosine * x - sine * y)), 20);
    store<f32>(places, <f32>within(scratch + 16, float(record, BRIGHTNESS)), 24);
  }
}

/** A random number from -most to most, but for `most` itself. */
function within(bits: usize, most: f32): f64 {
  return <f64>load<i32>(bits) * 4.656612873077393e-10 * <f64>most; // 2^-31
}

/** y = the mean of the four cells of x around its place by their distance, plus the brightness */
export function augment2dForward(record: usize, rows: u32): void {
  blend(record, rows, pointer(record, X), pointer(record, Y), false);
}

/** dx = the sum of the dy of the cells that show x, row by row, each by its share */
export function augment2dBackward(record: usize, rows: u32): void {
  blend(record, rows, pointer(record, DX), pointer(record, DY), true);
}

function blend(record: usize, rows: u32, image: usize, shown: usize, back: bool): void {
  const height = integer(record, HEIGHT);
  const width = integer(record, WIDTH);
  const pixel = (<usize>integer(record, CHANNELS)) << 2;
  const line = <usize>width * pixel;
  const middleY: f32 = (<f32>height - 1) / 2;
  const middleX: f32 = (<f32>width - 1) / 2;
  let places = pointer(record, PLACES);
  for (; rows > 0; rows--, places += <usize>ROW, image += line * height) {
    if (back) memory.fill(image, 0, line * height);
    const brightness = f32x4.splat(load<f32>(places, 24));
    for (let i: u32 = 0; i < height; i++) {
      const fromMiddle: f32 = <f32>i - middleY;
      for (let j: u32 = 0; j < width; j++, shown += pixel) {
        const y = load<f32>(places) * fromMiddle + load<f32>(places, 4) * (<f32>j - middleX) + load<f32>(places, 16);
        const x =
          load<f32>(places, 8) * fromMiddle + load<f32>(places, 12) * (<f32>j - middleX) + load<f32>(places, 20);
        const above = floor(y);
        const before = floor(x);
        const low: f32 = y - above;
        const right: f32 = x - before;
        const top = image + inside(above, height) * line;
        const bottom = image + inside(above + 1, height) * line;
        const first = inside(before, width) * pixel;
        const second = inside(before + 1, width) * pixel;
        const a = f32x4.splat((1 - low) * (1 - right));
        const b = f32x4.splat((1 - low) * right);
        const c = f32x4.splat(low * (1 - right));
        const d = f32x4.splat(low * right);
        for (let o: usize = 0; o < pixel; o += 16) {
          const count = (pixel - o) >> 2;
          if (back) {
            const dy = v128.load(shown + o);
            addLanes(top + first + o, f32x4.mul(dy, a), count);
            addLanes(top + second + o, f32x4.mul(dy, b), count);
            addLanes(bottom + first + o, f32x4.mul(dy, c), count);
            addLanes(bottom + second + o, f32x4.mul(dy, d), count);
          } else {
            const up = f32x4.add(f32x4.mul(v128.load(top + first + o), a), f32x4.mul(v128.load(top + second + o), b));
            const down = f32x4.add(
              f32x4.mul(v128.load(bottom + first + o), c),
              f32x4.mul(v128.load(bottom + second + o), d),
            );
            storeLanes(shown + o, f32x4.add(f32x4.add(up, down), brightness), count);
          }
        }
      }
    }
  }
}

/** The cell of this number, or the nearest one of the edge. */
function inside(place: f32, cells: u32): usize {
  return <usize>max<f32>(0, min<f32>(place, <f32>cells - 1));
}

function addLanes(p: usize, x: v128, count: usize): void {
  storeLanes(p, f32x4.add(v128.load(p), x), count);
}
