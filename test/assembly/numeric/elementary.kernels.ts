// Compiled for test/assembly/numeric/elementary.test.ts: each f32x4 function over an array, count a multiple of 4.
import * as elementary from "../../../assembly/numeric/elementary";
import * as normal from "../../../assembly/numeric/erf";

export function exp(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, elementary.exp(v128.load(x)));
}
export function expm1Negative(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16)
    v128.store(y, elementary.expm1Negative(v128.load(x)));
}
export function ln(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, elementary.ln(v128.load(x)));
}
export function log1p(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, elementary.log1p(v128.load(x)));
}
export function softplus(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16)
    v128.store(y, elementary.softplus(v128.load(x)));
}
export function sigmoid(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16)
    v128.store(y, elementary.sigmoid(v128.load(x)));
}
export function tanh(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, elementary.tanh(v128.load(x)));
}
export function erf(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) v128.store(y, normal.erf(v128.load(x)));
}
export function normalCdf(x: usize, y: usize, count: u32): void {
  for (const end = x + ((<usize>count) << 2); x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, normal.normalCdf(value, normal.expSquare(f32x4.abs(value), 0.5)));
  }
}
