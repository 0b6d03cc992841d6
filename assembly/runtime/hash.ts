// Computes the fingerprint: FNV-1a with 64 bits over 32-bit words, NaNs made equal first. see: docs/fingerprint.md

const PRIME: u64 = 0x100000001b3;
const CANONICAL_NAN: u32 = 0x7fc00000;

/** The hash so far, continued over count words. NaN payloads differ between engines, so every NaN counts as one word. */
export function hashWords(p: usize, count: u32, hash: u64): u64 {
  for (const end = p + ((<usize>count) << 2); p < end; p += 4) {
    const bits = load<u32>(p);
    hash = (hash ^ (<u64>((bits & 0x7fffffff) > 0x7f800000 ? CANONICAL_NAN : bits))) * PRIME;
  }
  return hash;
}
