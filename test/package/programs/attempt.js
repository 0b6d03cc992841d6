// Runs one of the programs by its name, and gives its outcome or its error as something that messages can carry.

/** "xor", "everything" (with options of `sequential`) or "own": { value }, or { error, cause }. */
export async function attempt(name, options = {}) {
  try {
    if (name === "xor") {
      const { xor } = await import("./xor.js");
      const { fingerprint, classes } = await xor(options);
      return { value: { fingerprint, classes: [...classes] } };
    }
    const programs = await import("./everything.js");
    return { value: await programs[name](options) };
  } catch (error) {
    return { error: String(error?.message ?? error), ...(error?.cause && { cause: String(error.cause) }) };
  }
}
