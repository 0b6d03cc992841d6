import { PROGRAM_PASS, PROGRAM_SEED_HIGH, PROGRAM_SEED_LOW, STREAM_MASK } from "../../runtime/abi";
import { ln, ones } from "../../numeric/elementary";
import { sixteen } from "../../runtime/random";
import { DX, DY, float, integer, pointer, wholeVectors, X, Y } from "../../runtime/record";

const DEVIATION: usize = 4;
const STREAM: usize = 5;
const PROGRAM: usize = 6;
/** Memory for 16 numbers. */
const SCRATCH: usize = 7;

/** y = x + deviation times a normal number of (seed, layer, pass) */
export function gaussianNoiseForward(record: usize, rows: u32): void {
  const program = pointer(record, PROGRAM);
  const low = load<u32>(program, PROGRAM_SEED_LOW);
  const high = load<u32>(program, PROGRAM_SEED_HIGH);
  const pass = load<u64>(program, PROGRAM_PASS);
  const stream = STREAM_MASK + integer(record, STREAM);
  const scratch = pointer(record, SCRATCH);
  const deviation = f32x4.splat(float(record, DEVIATION));
  const x = pointer(record, X);
  const y = pointer(record, Y);
  const bytes = wholeVectors(record, rows);
  for (let o: usize = 0; o < bytes; o += 64) {
    sixteen(scratch, <u32>(o >> 6), low, high, stream, pass);
    toNormal(scratch);
    toNormal(scratch + 32);
    for (let i: usize = 0, end = min<usize>(bytes - o, 64); i < end; i += 16)
      v128.store(y + o + i, f32x4.add(v128.load(x + o + i), f32x4.mul(v128.load(scratch + i), deviation)));
  }
}

/** dx = dy */
export function gaussianNoiseBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  if (dx == dy) return;
  for (let o: usize = 0, bytes = wholeVectors(record, rows); o < bytes; o += 16) v128.store(dx + o, v128.load(dy + o));
}

/**
 * Makes eight normal numbers of eight random words, in place: sqrt(-2 ln u) cos(2 pi v) of the first four words u and the last
 * four v, and sqrt(-2 ln u) sin(2 pi v). see: Box, Muller, "A note on the generation of random normal deviates", 1958
 */
function toNormal(p: usize): void {
  const u = f32x4.mul(
    f32x4.add(f32x4.convert_i32x4_u(v128.load(p)), f32x4.splat(0.5)),
    f32x4.splat(2.3283064365386963e-10),
  );
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), ln(u)));
  const turn = v128.load(p, 16);
  // the nearest quarter turn, and the angle from there, at most pi / 4 to either side
  const quarter = i32x4.shr_u(i32x4.add(turn, i32x4.splat(0x20000000)), 30);
  const a = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shl(turn, 2)), f32x4.splat(3.657295198168149e-10)); // 2 pi / 2^34
  const a2 = f32x4.mul(a, a);
  // Taylor: the first terms left out are below 3e-9 and 3e-8
  let sine = f32x4.splat(1.0 / 362880.0);
  sine = f32x4.add(f32x4.mul(sine, a2), f32x4.splat(-1.0 / 5040.0));
  sine = f32x4.add(f32x4.mul(sine, a2), f32x4.splat(1.0 / 120.0));
  sine = f32x4.add(f32x4.mul(sine, a2), f32x4.splat(-1.0 / 6.0));
  sine = f32x4.add(f32x4.mul(f32x4.mul(sine, a2), a), a);
  let cosine = f32x4.splat(1.0 / 40320.0);
  cosine = f32x4.add(f32x4.mul(cosine, a2), f32x4.splat(-1.0 / 720.0));
  cosine = f32x4.add(f32x4.mul(cosine, a2), f32x4.splat(1.0 / 24.0));
  cosine = f32x4.add(f32x4.mul(cosine, a2), f32x4.splat(-0.5));
  cosine = f32x4.add(f32x4.mul(cosine, a2), ones());
  const odd = i32x4.neg(v128.and(quarter, i32x4.splat(1)));
  const cosineSign = i32x4.shl(i32x4.shr_u(i32x4.add(quarter, i32x4.splat(1)), 1), 31);
  const sineSign = i32x4.shl(i32x4.shr_u(quarter, 1), 31);
  v128.store(p, f32x4.mul(radius, v128.xor(v128.bitselect(sine, cosine, odd), cosineSign)));
  // not at p with an offset: V8's revectorizer would pair the two stores, and abort at the result of a call that both hold
  v128.store(p + 16, f32x4.mul(radius, v128.xor(v128.bitselect(cosine, sine, odd), sineSign)));
}
