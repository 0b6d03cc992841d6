export { avgPool2d } from "./avgPool2d.ts";
export { dense } from "./dense.ts";
export { dropout } from "./dropout.ts";
export { flatten } from "./flatten.ts";
export { globalAvgPool1d, globalAvgPool2d } from "./globalAvgPool.ts";
export { maxPool2d } from "./maxPool2d.ts";
export { reshape } from "./reshape.ts";
export { upsample2d } from "./upsample2d.ts";
