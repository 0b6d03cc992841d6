// In place of openKeeper.ts in the file with everything: what is used of that is found by names, and a bundler drops the rest.

import type { OpenKeeper } from "./keeper.ts";

/** Refuses: `checkpoint` brings the keeper along. */
export const openKeeper: OpenKeeper = () => {
  throw new Error("fit: resumeFrom needs checkpoint in this bundle; give fit callbacks: [checkpoint(store)], too");
};
