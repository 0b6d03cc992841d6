// A layer's two kernels in AssemblyScript, to be compiled once (npm install --save-dev assemblyscript):
//
//   npx asc examples/own-kernel/bump.kernels.ts --outFile build/bump.wasm -O3 --runtime stub --importMemory --memoryBase 9216
//
// They work in the model's memory (--importMemory), and allocate nothing: no new, no arrays, no strings. Constants, if there were
// any, would be stored from 9216 up to 10239, which wasmgrad leaves free (--memoryBase).
//
// A kernel gets the address of a record and a number of rows. Byte 12 says how many numbers of y a row has. The slots, 32 bits
// each, begin at byte 16: the addresses of x and y, of the gradients dx and dy, and then what the layer's `args` gives, in order.
const PER_ROW: usize = 12;
const X: usize = 16;
const Y: usize = 20;
/** Where the gradient of x is to be written; 0 if it is not requested. */
const DX: usize = 24;
const DY: usize = 28;
const CENTRE: usize = 32;
/** What the centres' gradient is to be added to; 0 if it is not requested. */
const D_CENTRE: usize = 36;
const N: usize = 40;

function slot(record: usize, place: usize): usize {
  return load<u32>(record + place);
}

/** y = 1 / (1 + (x - c)^2), for groups of n numbers with a c each. */
export function bumpForward(record: usize, rows: u32): void {
  const n = slot(record, N);
  const c = slot(record, CENTRE);
  const x = slot(record, X);
  const y = slot(record, Y);
  const groups = (<usize>rows * slot(record, PER_ROW)) / n;
  for (let i: usize = 0; i < groups; i++) {
    for (let j: usize = 0; j < n; j++) {
      const at = (i * n + j) << 2;
      const d = load<f32>(x + at) - load<f32>(c + (j << 2));
      store<f32>(y + at, 1 / (1 + d * d));
    }
  }
}

/** dx = -2 (x - c) y^2 dy, and the sum of -dx over the groups is added to dc. */
export function bumpBackward(record: usize, rows: u32): void {
  const n = slot(record, N);
  const c = slot(record, CENTRE);
  const dc = slot(record, D_CENTRE);
  const x = slot(record, X);
  const y = slot(record, Y);
  const dx = slot(record, DX);
  const dy = slot(record, DY);
  const groups = (<usize>rows * slot(record, PER_ROW)) / n;
  for (let i: usize = 0; i < groups; i++) {
    for (let j: usize = 0; j < n; j++) {
      const at = (i * n + j) << 2;
      const own = j << 2;
      const height = load<f32>(y + at);
      const d = load<f32>(x + at) - load<f32>(c + own);
      const gradient = -(d + d) * height * height * load<f32>(dy + at);
      if (dx) store<f32>(dx + at, gradient);
      if (dc) store<f32>(dc + own, load<f32>(dc + own) - gradient);
    }
  }
}
