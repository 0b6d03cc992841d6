// The error of readers of files: what can't be read, where in the file, and why.

/** A file that can't be read: of another kind, cut short, damaged, or with something that isn't read here. */
export class FileError extends Error {
  /** Distinguishes it from other errors. */
  override readonly name: string = "FileError";
  /** Where in the file, in bytes from its beginning; of what is inflated first, in that. */
  readonly offset: number;
  /** What is wrong there: the message without the file's name. */
  readonly reason: string;

  /** Takes what the message begins with, and the properties. */
  constructor(start: string, offset: number, reason: string, cause?: unknown) {
    super(start + reason, cause === undefined ? undefined : { cause });
    this.offset = offset;
    this.reason = reason;
  }
}
