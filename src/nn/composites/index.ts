export { add } from "./add.ts";
export { bidirectional } from "./bidirectional.ts";
export { chain } from "./chain.ts";
export { concat, type ConcatOptions } from "./concat.ts";
export { from } from "./from.ts";
export { frozen } from "./frozen.ts";
export { residual } from "./residual.ts";
export { shared } from "./shared.ts";
export { timeDistributed } from "./timeDistributed.ts";
