// The option that every layer and activation has.

/** What every layer takes. */
export interface Named {
  /** What the layer is called in summaries, files and messages; default its type and a number, such as `dense1`. */
  readonly name?: string | undefined;
}
