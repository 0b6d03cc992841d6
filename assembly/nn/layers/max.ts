import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

/** Blocks per row: the product of the axes before the one along which the largest number is looked for. */
const BLOCKS: usize = 4;
/** Size of the axis. */
const N: usize = 5;
/** Numbers from one place along the axis to the next. */
const INNER: usize = 6;

/** y[b][i] = the largest of x[b][j][i] over j; NaN if one is NaN. */
export function maxForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = (<usize>integer(record, INNER)) << 2;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const block = n * row;
  for (const end = x + <usize>rows * integer(record, BLOCKS) * block; x < end; x += block, y += row) {
    let i: usize = 0;
    for (; i + 16 <= row; i += 16) {
      let from = x + i;
      let most = v128.load(from);
      for (let j: usize = 1; j < n; j++) most = f32x4.max(most, v128.load((from += row)));
      v128.store(y + i, most);
    }
    for (; i < row; i += 4) {
      let from = x + i;
      let most = load<f32>(from);
      for (let j: usize = 1; j < n; j++) most = max<f32>(most, load<f32>((from += row)));
      store<f32>(y + i, most);
    }
  }
}

/** dx = dy at the first of the largest numbers, 0 elsewhere, as in PyTorch. */
export function maxBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = (<usize>integer(record, INNER)) << 2;
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const block = n * row;
  const blocks = <usize>rows * integer(record, BLOCKS);
  memory.fill(dx, 0, blocks * block);
  for (const end = x + blocks * block; x < end; x += block, dx += block, dy += row) {
    for (let i: usize = 0; i < row; i += 4) {
      let best = i;
      let most = load<f32>(x + i);
      // nothing is larger than NaN
      for (let at = i + row; at < block && most == most; at += row) {
        const value = load<f32>(x + at);
        if (value <= most) continue;
        most = value;
        best = at;
      }
      store<f32>(dx + best, load<f32>(dy + i));
    }
  }
}
