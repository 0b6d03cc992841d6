// What opens the keeper of a training that only goes on from a checkpoint, and writes none.
import type { OpenKeeper } from "./keeper.ts";

/** Fetches it, and opens it. */
export const openKeeper: OpenKeeper = async (...given) => (await import("./keeper.ts")).openKeeper(...given);
