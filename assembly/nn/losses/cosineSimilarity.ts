import { DX, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceVectors, TARGET } from "./reduce";

/** Numbers of a vector: the size of the last axis. */
const N: usize = FIRST_ATTRIBUTE;
/** Added to the squares of both lengths, as in PyTorch's cosine_embedding_loss. */
const EPSILON: f64 = 1e-12;

/** 1 - cos, cos = x target / sqrt((x x + e) (target target + e)); derivative cos x / (x x + e) - target / that root. */
export function cosineSimilarityLoss(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, target += bytes, dx += bytes, each += 4) {
    let dot: f64 = 0;
    let xx = EPSILON;
    let tt = EPSILON;
    for (let o: usize = 0; o < bytes; o += 4) {
      const a = <f64>load<f32>(x + o);
      const b = <f64>load<f32>(target + o);
      dot += a * b;
      xx += a * a;
      tt += b * b;
    }
    const root = sqrt<f64>(xx * tt);
    const cos = dot / root;
    store<f32>(each, <f32>(1 - cos));
    const along = cos / xx;
    for (let o: usize = 0; o < bytes; o += 4) {
      store<f32>(dx + o, <f32>(along * <f64>load<f32>(x + o) - <f64>load<f32>(target + o) / root));
    }
  }
  reduceVectors(record, rows, n);
}
