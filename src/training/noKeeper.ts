// In place of openKeeper.ts in the file with everything: what is used of that is found by names, and a bundler drops the rest.
import { checkKind } from "../util/check.ts";
import type { OpenKeeper } from "./keeper.ts";

/** Refuses: `checkpoint` brings the keeper along. */
export const openKeeper: OpenKeeper = (_state, _data, { resumeFrom }) =>
  checkKind(false, "fit", "resumeFrom", "given with callbacks: [checkpoint(store)] in this bundle", resumeFrom);
