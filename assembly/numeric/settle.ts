// Keeps decaying sums out of the subnormal numbers. Apart from the elementary functions, whose constants would come with it.

/** 2^-110 */
const SETTLED = memory.data<f32>([7.703719777548943e-34], 4);

/** The bound below which `settle` gives 0: 2^-110. */
export function settled(): v128 {
  return v128.load_splat<f32>(SETTLED);
}

/**
 * Sums that decay, with what has become smaller than the bound set to 0. Left alone, the states of parameters whose gradient
 * has stayed 0 for a while would shrink into the subnormal numbers, with which processors compute twenty times slower.
 */
export function settle(sums: v128, bound: v128): v128 {
  return v128.and(sums, f32x4.ge(f32x4.abs(sums), bound));
}
