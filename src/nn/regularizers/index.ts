export { l1 } from "./l1.ts";
export { l2 } from "./l2.ts";
export { rbfNorm } from "./rbfNorm.ts";
