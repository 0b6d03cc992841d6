// Compiled for test/assembly/math.test.ts: each f32x4 function over an array, count a multiple of 4.
import * as math from "../../assembly/math";

export { mathInitialize } from "../../assembly/math";

export function exp(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.exp(v128.load(x)));
}
export function expm1Negative(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16)
    v128.store(y, math.expm1Negative(v128.load(x)));
}
export function ln(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.ln(v128.load(x)));
}
export function log1p(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.log1p(v128.load(x)));
}
export function softplus(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.softplus(v128.load(x)));
}
export function sigmoid(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.sigmoid(v128.load(x)));
}
export function tanh(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.tanh(v128.load(x)));
}
export function erf(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, math.erf(v128.load(x)));
}
export function normalCdf(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, math.normalCdf(value, math.expSquare(f32x4.abs(value), 0.5)));
  }
}
