// A table that is read when it is gone through, each time from its beginning.
import { kindOf } from "../util/check.ts";
import type { Rows } from "./rows.ts";
import type { TableSource } from "./tableSource.ts";

/** A table of which the beginning has been read. */
export interface Opened<Guess> {
  readonly guess: Guess;
  readonly rows: AsyncIterable<Rows>;
  /** Lets go of the source. */
  close(): Promise<void>;
}

/** Can it be read several times? */
const isLasting = (source: TableSource): boolean =>
  typeof source === "string" || /^(?:URL|Uint8Array|Blob|File|Object|Array)$/.test(kindOf(source));

/**
 * The rows of what `open` opens, and what was guessed of it.
 *
 * @param told is given the guess before the first rows
 */
export function reading<Guess>(
  source: TableSource,
  open: () => Promise<Opened<Guess>>,
  told?: (guess: Guess) => void,
): AsyncIterable<Rows> & { readonly guessed: Promise<Guess> } {
  /** What was opened last. */
  let latest: Promise<Opened<Guess>> | undefined;
  /** What was opened for the guess alone, of a source that can't be opened again. */
  let waiting: Promise<Opened<Guess>> | undefined;
  return Object.freeze({
    get guessed() {
      if (!latest) {
        latest = open();
        if (isLasting(source)) latest.then((opened) => opened.close()).catch(() => undefined);
        else waiting = latest;
      }
      return latest.then(({ guess }) => guess);
    },
    async *[Symbol.asyncIterator]() {
      const mine = waiting ?? open();
      waiting = undefined;
      latest = mine;
      const opened = await mine;
      try {
        told?.(opened.guess);
        yield* opened.rows;
      } finally {
        await opened.close();
      }
    },
  });
}
