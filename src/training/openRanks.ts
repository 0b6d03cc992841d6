// Fetches what trains on the ranks of a group, when `fit` is first given one. In place of this file `wasmgrad/single` has noRanks.ts.
export const training = () => import("./ranks.ts");
