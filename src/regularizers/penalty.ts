import { checkKeys, checkNotNegative, withFirst } from "../check.ts";
import { provideExtra } from "../extra.ts";
import type { Workspace } from "../arena.ts";
import type { Tail } from "../layer.ts";
import type { Core, PenaltyStem } from "../module.ts";
import type { Shape } from "../shape.ts";

/** A penalty on a parameter's values, added to the loss. */
export interface Regularizer {
  readonly regularizer: PenaltyStem;
  readonly options: { readonly lambda: number } & Readonly<Record<string, number | readonly number[]>>;
  /** Loads the binary that has the kernel, if the core's own hasn't. */
  load?(core: Core): Promise<void>;
  /** The tail's slots behind p, g, program and lambda; memory is taken from the program's. */
  tail?(workspace: Workspace, parameter: { readonly name: string; readonly shape: Shape }): Tail;
}

/** A penalty by the stem of its kernel. */
export function penalty(stem: PenaltyStem, lambdaOrOptions: number | { lambda: number }): Regularizer {
  const options = withFirst<{ lambda: number }>(stem, "lambda", lambdaOrOptions, {});
  checkKeys(stem, options, ["lambda"]);
  provideExtra();
  const { lambda } = options;
  checkNotNegative(stem, "lambda", lambda);
  return { regularizer: stem, options: { lambda } };
}
