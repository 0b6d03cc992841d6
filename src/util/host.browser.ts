// Replaces host.ts in a page's bundle: a page's console shows parts that are unfolded one by one, and no page has engine's options.
import type * as host from "./host.ts";

export const showText: typeof host.showText = () => {};
export const pairsVectors: typeof host.pairsVectors = () => false;
