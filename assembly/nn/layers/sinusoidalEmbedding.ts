import { mathCos, mathLog, mathExp } from "../../numeric/math";
import { DX, DY, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { addToRows } from "../../numeric/simd";

/** Numbers of the last axis. */
const N: usize = 4;
/** Memory for a table of one row's values, and for four float64 per pair of columns. */
const SCRATCH: usize = 5;

const QUARTER_TURN: f64 = 1.5707963267948966;

/**
 * table[t][2 i] = sin(t w), table[t][2 i + 1] = cos(t w) with w = 10000^(-2 i / n). Sine and cosine of the next position come
 * from those of this one, turned by w, in float64: after 10^5 positions they are off by less than 10^-10.
 */
function fillTable(table: usize, positions: usize, n: usize, state: usize): void {
  const pairs = (n + 1) >> 1;
  const slope = (-2 * mathLog(10000)) / <f64>n;
  for (let i: usize = 0, p = state; i < pairs; i++, p += 32) {
    const w = mathExp(<f64>i * slope);
    store<f64>(p, 0);
    store<f64>(p, 1, 8);
    store<f64>(p, mathCos(QUARTER_TURN - w), 16);
    store<f64>(p, mathCos(w), 24);
  }
  for (let t: usize = 0; t < positions; t++, table += n << 2) {
    for (let i: usize = 0, p = state; i < pairs; i++, p += 32) {
      const s = load<f64>(p);
      const c = load<f64>(p, 8);
      const turnS = load<f64>(p, 16);
      const turnC = load<f64>(p, 24);
      store<f32>(table + (i << 3), <f32>s);
      if ((i << 1) + 1 < n) store<f32>(table + (i << 3), <f32>c, 4);
      store<f64>(p, s * turnC + c * turnS);
      store<f64>(p, c * turnC - s * turnS, 8);
    }
  }
}

/** y = x + table, each row. see: Vaswani et al., "Attention is all you need", 2017 */
export function sinusoidalEmbeddingForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const all = <usize>perRow(record);
  const table = pointer(record, SCRATCH);
  fillTable(table, all / n, n, table + (((all << 2) + 15) & ~15));
  addToRows(pointer(record, X), rows, all, table, pointer(record, Y));
}

/** dx = dy */
export function sinusoidalEmbeddingBackward(record: usize, rows: u32): void {
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  if (dx && dx != dy) memory.copy(dx, dy, (<usize>rows * perRow(record)) << 2);
}
