// What must be refused: the class of the error and its words. As in 0.1.0, but for two things: words may have been corrected since
// (../../changes.ts lists how), and only what the public API shows is compared with what it was before.
import { expect, test } from "vitest";
import type { Trainer } from "wasmgrad";
import { accepted, sameMessage } from "../../changes.ts";

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
  if (error === undefined && accepted(message)) return;
  expect(error, "nothing was refused").toBeInstanceOf(Error);
  const refused = error as Error;
  if (!sameMessage(refused.message, message)) expect(refused.message).toBe(message);
  expect(refused.constructor).toBe(kind);
}

/** A test for each row of a table, named by its message. */
export function refuses(rows: readonly Refusal[]): void {
  for (const row of rows) test(String(row[2]), () => expectRefusal(...row));
}

/** The call is refused, and model, gradients and counters are what they were before it. */
export async function expectRefusalWithoutTrace(trainer: Trainer, ...refusal: Refusal): Promise<void> {
  const before = stateOf(trainer);
  await expectRefusal(...refusal);
  expect(stateOf(trainer)).toEqual(before);
}

/** All that a refused call could have changed, and the public API shows. */
export function stateOf({ model, updates, epochs, learningRate }: Trainer) {
  return {
    fingerprint: model.fingerprint(),
    gradients: model.parameters().map((p) => p.gradient()),
    updates,
    epochs,
    learningRate,
  };
}
