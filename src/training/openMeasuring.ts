// Fetches what measures on the ranks of a group, when `evaluate` is first given one. In place of this file `wasmgrad/single` has noRanks.ts.
export const measuring = () => import("./measureTogether.ts");
