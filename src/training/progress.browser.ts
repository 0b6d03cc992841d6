// Replaces progress.ts in a page's bundle, where there is no terminal.
import type { progressLine as line } from "./progress.ts";

export const progressLine: typeof line = () => undefined;
