// How much may move.

/** Whether things should stand still as far as they can. */
export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
