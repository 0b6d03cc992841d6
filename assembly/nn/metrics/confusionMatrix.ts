import { float, integer, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, outputClass, STATE, targetClass } from "./score";

const LABELS: usize = FIRST_ATTRIBUTE;
const THRESHOLD: usize = FIRST_ATTRIBUTE + 1;
const CLASSES: usize = FIRST_ATTRIBUTE + 2;

/** State: [classes, classes] counts, a row for each target class, a column for each predicted one. */
export function confusionMatrixMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  const threshold = float(record, THRESHOLD);
  const classes = integer(record, CLASSES);
  for (let r: usize = 0; r < rows; r++) {
    count(state, targetClass(record, r, labels) * classes + outputClass(record, r, threshold), 1);
  }
}
