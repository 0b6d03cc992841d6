// What must be refused: the class of the error, its words, and that nothing was changed by the attempt.
import { expect, test } from "vitest";
import type { Trainer } from "../../src/index.ts";

/** What is called, the error's class, and its whole text (or a pattern that pins the rule and the values). */
export type Refusal = readonly [call: () => unknown, kind: ErrorConstructor, message: string | RegExp];
type ErrorConstructor = new (...rest: never[]) => Error;

/** The call throws, or its promise is rejected, with exactly this. */
export async function expectRefusal(...[call, kind, message]: Refusal): Promise<void> {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "nothing was refused").toBeInstanceOf(Error);
  const refused = error as Error;
  if (typeof message === "string") expect(refused.message).toBe(message);
  else expect(refused.message).toMatch(message);
  expect(refused.constructor).toBe(kind);
}

/** A test for each row of a table, named by its message. */
export function refuses(rows: readonly Refusal[]): void {
  for (const row of rows) test(String(row[2]), () => expectRefusal(...row));
}

/** The call is refused, and model, gradients, counters and memory are what they were before it. */
export async function expectRefusalWithoutTrace(trainer: Trainer, ...refusal: Refusal): Promise<void> {
  const before = stateOf(trainer);
  await expectRefusal(...refusal);
  expect(stateOf(trainer)).toEqual(before);
}

/** All that a refused call could have changed. */
export function stateOf({ model, updates, epochs, learningRate }: Trainer) {
  return {
    fingerprint: model.fingerprint(),
    gradients: model.parameters().map((p) => p.gradient()),
    passes: model.passes,
    outputActivation: model.outputActivation,
    updates,
    epochs,
    learningRate,
    used: model.core.arena.used,
  };
}
