// What opens the keeper of a training that only goes on from a checkpoint, and writes none.

/** Fetches it. */
export const fetchKeeper = () => import("./keeper.ts");
