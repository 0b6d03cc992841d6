// Errors of the options with which a model is made.

/** One that `sequential` throws, as one of the function that was given the options. */
export function optionError(where: string, error: unknown): unknown {
  const given = error as Error;
  given.message = given.message.replace(/^sequential: /, `${where}: `);
  return given;
}
