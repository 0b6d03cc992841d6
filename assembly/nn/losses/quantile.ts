import { DX, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

/** How many quantiles there are of each target: they are next to each other in x. */
const COUNT: usize = FIRST_ATTRIBUTE;
/** Address of one float32 per quantile. */
const QUANTILES: usize = FIRST_ATTRIBUTE + 1;

/** q d where d = target - x is positive, (q - 1) d else; derivative -q or 1 - q, and 0 where d is 0. */
export function quantileLoss(record: usize, rows: u32): void {
  const bytes = (<usize>integer(record, COUNT)) << 2;
  const quantiles = pointer(record, QUANTILES);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += bytes, each += bytes, dx += bytes, target += 4) {
    const t = load<f32>(target);
    for (let o: usize = 0; o < bytes; o += 4) {
      const q = load<f32>(quantiles + o);
      const d = t - load<f32>(x + o);
      store<f32>(each + o, d > 0 ? q * d : (q - 1) * d);
      store<f32>(dx + o, d > 0 ? -q : d < 0 ? 1 - q : 0);
    }
  }
  reduceElements(record, rows);
}
