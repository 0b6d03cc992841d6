// Orthonormal vectors from random ones, in float64: Gram and Schmidt's method by blocks, so that most of the work is products of matrices that
// stay in the caches. Sums have one order each: the same bits in every engine.

/** Vectors of a block. */
const BLOCK: usize = 32;
/** Bytes of each vector that two blocks are multiplied along at a time: 256 numbers of 64 vectors are 128 kB. */
const CHUNK: usize = 2048;
/** A line of the cache, eight float64: what all loops advance by. What is after a vector's last number is 0. */
const LINE: usize = 64;
/**
 * A vector whose square falls to less than this share of what it was is cleaned again: what it lost would otherwise leave
 * rounding errors in the tenth digit.
 */
const SHARE: f64 = 9.5367431640625e-7; // 2^-20

/** Bytes of `scratch` that randomOrthogonal needs: 8 for each number, and a little for each vector. */
export function randomOrthogonalScratch(count: f64, length: f64): f64 {
  return <f64>(BLOCK * BLOCK * 8 + LINE) + 8 * count + (count + 1) * (8 * length + 128);
}

/**
 * Makes `count` vectors of `length` float32 numbers orthonormal, and multiplies them by `gain`. Vector v is made of itself and
 * of those before it alone. A vector that depends on those before it is replaced by another one. Number i of vector v is at
 * values + 4 (v vectorStep + i step); count is at most length.
 */
export function randomOrthogonal(
  values: usize,
  count: usize,
  length: usize,
  vectorStep: usize,
  step: usize,
  gain: f64,
  scratch: usize,
): void {
  const bytes = ((length + 7) >> 3) << 6;
  // an odd number of lines, so that the vectors of a block fall into different sets of the caches
  const stride = bytes | LINE;
  const squares = scratch + BLOCK * BLOCK * 8;
  const vectors = (squares + (count << 3) + LINE - 1) & ~(LINE - 1);
  for (let v: usize = 0, vector = vectors; v < count; v++, vector += stride) {
    memory.fill(vector + (length << 3), 0, bytes - (length << 3));
  }
  // a line at a time, so that neither of the two orders is slow
  for (let i: usize = 0; i < length; i += 8) {
    const end = min(i + 8, length);
    for (let v: usize = 0; v < count; v++) {
      const vector = vectors + v * stride;
      for (let j = i; j < end; j++) {
        store<f64>(vector + (j << 3), <f64>load<f32>(values + ((v * vectorStep + j * step) << 2)));
      }
    }
  }
  // a block with an odd number of vectors is multiplied with one more, of zeros
  memory.fill(vectors + count * stride, 0, bytes);
  for (let v: usize = 0, vector = vectors; v < count; v++, vector += stride) {
    store<f64>(squares + (v << 3), dot(vector, vector, bytes));
  }
  for (let first: usize = 0; first < count; first += BLOCK) {
    const many = min(BLOCK, count - first);
    const block = vectors + first * stride;
    for (let other = vectors; other < block; other += BLOCK * stride) {
      multiply(block, other, many, stride, bytes, scratch);
      subtract(block, other, many, stride, bytes, scratch);
    }
    for (let vector = block; vector < block + many * stride; vector += stride) {
      normalize(vectors, block, vector, stride, bytes, load<f64>(squares + (((vector - vectors) / stride) << 3)));
    }
  }
  for (let i: usize = 0; i < length; i += 8) {
    const end = min(i + 8, length);
    for (let v: usize = 0; v < count; v++) {
      const vector = vectors + v * stride;
      for (let j = i; j < end; j++) {
        store<f32>(values + ((v * vectorStep + j * step) << 2), <f32>(gain * load<f64>(vector + (j << 3))));
      }
    }
  }
}

/** Subtracts from `vector` what it has of the vectors of its block before it, and gives it the length 1. */
function normalize(vectors: usize, block: usize, vector: usize, stride: usize, bytes: usize, before: f64): void {
  let square = clean(block, vector, stride, bytes);
  let again = true;
  for (let axis = vector; !(square > SHARE * before);) {
    if (again && square > 0) before = square;
    else {
      // it depends on those before it: an axis in its place, one of which at least doesn't
      memory.fill(vector, 0, bytes);
      store<f64>(axis, 1);
      axis += 8;
      before = 1;
    }
    again = !again;
    square = clean(vectors, vector, stride, bytes);
  }
  const norm = f64x2.splat(sqrt<f64>(square));
  for (let p = vector; p < vector + bytes; p += 16) v128.store(p, f64x2.div(v128.load(p), norm));
}

/** Subtracts from `vector` what it has of each of the vectors from `other` up to itself. Returns its square. */
function clean(other: usize, vector: usize, stride: usize, bytes: usize): f64 {
  for (; other < vector; other += stride) {
    const factor = f64x2.splat(dot(vector, other, bytes));
    for (let p = vector, q = other; p < vector + bytes; p += 16, q += 16) {
      v128.store(p, f64x2.sub(v128.load(p), f64x2.mul(factor, v128.load(q))));
    }
  }
  return dot(vector, vector, bytes);
}

function dot(a: usize, b: usize, bytes: usize): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (const end = a + bytes; a < end; a += LINE, b += LINE) {
    sum0 = f64x2.add(sum0, f64x2.mul(v128.load(a), v128.load(b)));
    sum1 = f64x2.add(sum1, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    sum2 = f64x2.add(sum2, f64x2.mul(v128.load(a, 32), v128.load(b, 32)));
    sum3 = f64x2.add(sum3, f64x2.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  return across(f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3)));
}

function across(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** products[p, q] = vector p of `block` times vector q of `other`: [many, BLOCK], two rows and four columns at a time. */
function multiply(block: usize, other: usize, many: usize, stride: usize, bytes: usize, products: usize): void {
  for (let from: usize = 0; from < bytes; from += CHUNK) {
    const part = min(CHUNK, bytes - from);
    for (let p: usize = 0; p < many; p += 2) {
      for (let q: usize = 0; q < BLOCK; q += 4) {
        let a = block + p * stride + from;
        let b = other + q * stride + from;
        const c = b + 2 * stride;
        let sum00 = f64x2.splat(0);
        let sum01 = sum00;
        let sum02 = sum00;
        let sum03 = sum00;
        let sum10 = sum00;
        let sum11 = sum00;
        let sum12 = sum00;
        let sum13 = sum00;
        for (let o: usize = 0; o < part; o += 16) {
          const x0 = v128.load(a + o);
          const x1 = v128.load(a + stride + o);
          let y = v128.load(b + o);
          sum00 = f64x2.add(sum00, f64x2.mul(x0, y));
          sum10 = f64x2.add(sum10, f64x2.mul(x1, y));
          y = v128.load(b + stride + o);
          sum01 = f64x2.add(sum01, f64x2.mul(x0, y));
          sum11 = f64x2.add(sum11, f64x2.mul(x1, y));
          y = v128.load(c + o);
          sum02 = f64x2.add(sum02, f64x2.mul(x0, y));
          sum12 = f64x2.add(sum12, f64x2.mul(x1, y));
          y = v128.load(c + stride + o);
          sum03 = f64x2.add(sum03, f64x2.mul(x0, y));
          sum13 = f64x2.add(sum13, f64x2.mul(x1, y));
        }
        const out = products + ((p * BLOCK + q) << 3);
        if (from == 0) memory.fill(out, 0, 32);
        if (from == 0) memory.fill(out + BLOCK * 8, 0, 32);
        store<f64>(out, load<f64>(out) + across(sum00));
        store<f64>(out, load<f64>(out, 8) + across(sum01), 8);
        store<f64>(out, load<f64>(out, 16) + across(sum02), 16);
        store<f64>(out, load<f64>(out, 24) + across(sum03), 24);
        store<f64>(out, load<f64>(out, BLOCK * 8) + across(sum10), BLOCK * 8);
        store<f64>(out, load<f64>(out, BLOCK * 8 + 8) + across(sum11), BLOCK * 8 + 8);
        store<f64>(out, load<f64>(out, BLOCK * 8 + 16) + across(sum12), BLOCK * 8 + 16);
        store<f64>(out, load<f64>(out, BLOCK * 8 + 24) + across(sum13), BLOCK * 8 + 24);
      }
    }
  }
}

/** vector p of `block` -= the sum of products[p, q] times vector q of `other`: two vectors and a line at a time. */
function subtract(block: usize, other: usize, many: usize, stride: usize, bytes: usize, products: usize): void {
  for (let o: usize = 0; o < bytes; o += LINE) {
    for (let p: usize = 0; p < many; p += 2) {
      const x = block + p * stride + o;
      const z = x + stride;
      let x0 = v128.load(x);
      let x1 = v128.load(x, 16);
      let x2 = v128.load(x, 32);
      let x3 = v128.load(x, 48);
      let z0 = v128.load(z);
      let z1 = v128.load(z, 16);
      let z2 = v128.load(z, 32);
      let z3 = v128.load(z, 48);
      let factors = products + ((p * BLOCK) << 3);
      for (let q = other + o, end = q + BLOCK * stride; q < end; q += stride, factors += 8) {
        const s = v128.load64_splat(factors);
        const t = v128.load64_splat(factors, BLOCK * 8);
        let y = v128.load(q);
        x0 = f64x2.sub(x0, f64x2.mul(s, y));
        z0 = f64x2.sub(z0, f64x2.mul(t, y));
        y = v128.load(q, 16);
        x1 = f64x2.sub(x1, f64x2.mul(s, y));
        z1 = f64x2.sub(z1, f64x2.mul(t, y));
        y = v128.load(q, 32);
        x2 = f64x2.sub(x2, f64x2.mul(s, y));
        z2 = f64x2.sub(z2, f64x2.mul(t, y));
        y = v128.load(q, 48);
        x3 = f64x2.sub(x3, f64x2.mul(s, y));
        z3 = f64x2.sub(z3, f64x2.mul(t, y));
      }
      v128.store(x, x0);
      v128.store(x, x1, 16);
      v128.store(x, x2, 32);
      v128.store(x, x3, 48);
      v128.store(z, z0);
      v128.store(z, z1, 16);
      v128.store(z, z2, 32);
      v128.store(z, z3, 48);
    }
  }
}
