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
 */
export const fileError = (start: string, offset: number, reason: string, cause?: unknown): FileError =>
  Object.assign(new Error(start + reason, cause === undefined ? undefined : { cause }), {
    name: "FileError" as const,
    offset,
    reason,
  });
