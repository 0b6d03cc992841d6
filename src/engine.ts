// What a model's numbers are computed by.
import type { Model } from "./model.ts";

export interface Engine {
  /** The binary of the core: for one thread, or for several. Both give the same bits. */
  readonly binary: "strict" | "threads";
  /** Threads that share the work. */
  readonly threads: number;
  /** Why there is one thread; undefined if there are several. */
  readonly reason: string | undefined;
}

/**
 * Says how many threads a model has, and if it is one, why: memory that can't be shared is no error.
 *
 * @example
 * const model = await sequential({ input: 784, threads: "auto" }, dense(128), relu(), dense(10));
 * console.log(engine(model)); // { binary: "threads", threads: 2, reason: undefined }
 */
export function engine({ core }: Model): Engine {
  const { pool, reason = "one thread was asked for" } = core;
  if (!pool) return { binary: "strict", threads: 1, reason };
  const { lost } = pool;
  return { binary: "threads", threads: lost === undefined ? pool.threads : 1, reason: lost };
}
