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
  const { binary, threads, reason } = core.executor;
  return { binary, threads: reason === undefined ? threads : 1, reason };
}
