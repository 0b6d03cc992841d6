// Runs one of the programs by its name, and gives its outcome or its error as something that messages can carry.

/** "xor" or "everything", with options of `sequential` and `fit`, or "own": { value }, or { error, cause }. */
export async function attempt(name, options = {}, fitOptions = {}) {
  try {
    const programs = name === "xor" ? await import("./xor.js") : await import("./everything.js");
    return { value: await programs[name](options, fitOptions) };
  } catch (error) {
    return { error: String(error?.message ?? error), ...(error?.cause && { cause: String(error.cause) }) };
  }
}
