// Fetches what groups of ranks need, when `fit` or `evaluate` is first given one. In place of this file `wasmgrad/single` has noRanks.ts.
export const training = () => import("./ranks.ts");
export const measuring = () => import("./measureTogether.ts");
