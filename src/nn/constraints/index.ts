export { maxNorm } from "./maxNorm.ts";
export { nonNeg } from "./nonNeg.ts";
export { unitNorm } from "./unitNorm.ts";
