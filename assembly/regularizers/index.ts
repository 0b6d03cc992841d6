export { l1Penalty } from "./l1";
export { l2Penalty } from "./l2";
