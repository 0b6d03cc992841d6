// Sums of arrays, for the gradients of passes that other ranks have made.

/** to = a + b, whole vectors; `to` may be a. */
export function addFloats(to: usize, a: usize, b: usize, bytes: usize): void {
  const end = to + bytes;
  for (const wide = to + (bytes & ~63); to < wide; to += 64, a += 64, b += 64) {
    v128.store(to, f32x4.add(v128.load(a), v128.load(b)));
    v128.store(to, f32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
    v128.store(to, f32x4.add(v128.load(a, 32), v128.load(b, 32)), 32);
    v128.store(to, f32x4.add(v128.load(a, 48), v128.load(b, 48)), 48);
  }
  for (; to < end; to += 16, a += 16, b += 16) v128.store(to, f32x4.add(v128.load(a), v128.load(b)));
}
