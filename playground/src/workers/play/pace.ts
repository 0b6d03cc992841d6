// How fine the maps are: as time allows.
import { GRIDS, type Job } from "./job.ts";

/** Milliseconds of a frame that is one too many, if it takes longer, in the worker or in the page. */
export const SLOW = 14;
/** So long, all in all, does a frame take that could be finer. */
const QUICK = 9;

/** Coarser maps, or fewer, when frames get slow; and finer again. Gives whether it is another grid. */
export function adapt(its: Job, millis: number): boolean {
  if (!its.running) return false;
  its.slow = millis > SLOW ? its.slow + 1 : 0;
  const finer = its.level > its.least ? (GRIDS[its.level - 1]! / GRIDS[its.level]!) ** 2 : 2;
  its.quick = millis * finer < QUICK ? its.quick + 1 : 0;
  if (its.slow >= 3) {
    if (its.level === 0 || (its.halved && its.level < GRIDS.length - 1)) its.level++;
    else if (its.halved) return false;
    else {
      its.halved = true;
      its.slow = 0;
      return false;
    }
  } else if (its.quick >= 90 && its.halved) {
    its.halved = false;
    its.quick = 0;
    return false;
  } else if (its.quick >= 90 && its.level > its.least) its.level--;
  else return false;
  its.slow = its.quick = 0;
  return true;
}
