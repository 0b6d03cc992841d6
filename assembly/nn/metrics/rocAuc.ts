import { integer, perRow, pointer } from "../../runtime/record";
import { FIRST_ATTRIBUTE, STATE, TARGET, X } from "./score";

/** 1: the target is one i32 label per row. */
const LABELS: usize = FIRST_ATTRIBUTE;
/** Outputs that the state has room for. */
const ROOM: usize = FIRST_ATTRIBUTE + 1;

/** State: outputs so far (f64), then a pair for each: the output (f32) and the class 0 or 1 (u32). Every output is a yes or no. */
export function rocAucMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  let target = pointer(record, TARGET);
  let x = pointer(record, X);
  let before = load<f64>(state);
  const all = rows * perRow(record);
  // passes that nobody reads, as of a gradient check, begin again where there is no more room
  if (before + <f64>all > <f64>integer(record, ROOM)) before = 0;
  let pair = state + 8 + ((<usize>before) << 3);
  for (const end = pair + ((<usize>all) << 3); pair < end; pair += 8, x += 4, target += 4) {
    store<f32>(pair, load<f32>(x));
    store<u32>(pair, labels ? load<u32>(target) : load<f32>(target) > 0.5 ? 1 : 0, 4);
  }
  store<f64>(state, before + <f64>all);
}
