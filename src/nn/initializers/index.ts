// Initializers: rules for the initial values of parameters. They are modules apart by the binaries that they need.
export { constant } from "./constant.ts";
export { glorotNormal } from "./normal.ts";
export { glorotUniform } from "./uniform.ts";
export { heNormal } from "./normal.ts";
export { heUniform } from "./uniform.ts";
export { lecunNormal } from "./normal.ts";
export { lecunUniform } from "./uniform.ts";
export { normal } from "./normal.ts";
export { ones } from "./constant.ts";
export { orthogonal } from "./orthogonal.ts";
export { uniform } from "./uniform.ts";
export { zeros } from "./constant.ts";
