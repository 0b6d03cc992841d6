// The errors of readers of files: what can't be read, where in the file, and why.

/**
 * The error of a file that can't be read: of another kind, cut short, damaged, or with something that isn't read here. It is told from others
 * by its `name`.
 */
export interface FileError extends Error {
  /** Distinguishes it from other errors. */
  readonly name: "FileError";
  /** Where in the file, in bytes from its beginning; of what is inflated first, in that. */
  readonly offset: number;
  /** What is wrong there: the message without the file's name. */
  readonly reason: string;
}

/**
 * Makes one. It is no class: bundles, of which each has what it needs, would have several of the same name.
 *
 * @param start what the message begins with, before the reason
 * @param kind the class that the error is of
 */
export const fileError = (
  start: string,
  offset: number,
  reason: string,
  cause?: unknown,
  kind: typeof Error = Error,
): FileError =>
  Object.assign(new kind(start + reason, cause === undefined ? undefined : { cause }), {
    name: "FileError" as const,
    offset,
    reason,
  });
