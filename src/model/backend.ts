// `backend(model)`: the binary and the threads that compute a model's numbers.
import { checkModel, type Model } from "./model.ts";

/** What computes a model's numbers. */
export interface Backend {
  /** The binary of the core: for one thread, or for several. Both give the same bits. */
  readonly binary: "strict" | "threads";
  /** Threads that the work is distributed to. */
  readonly threads: number;
  /** The last `fit` runs, or ran, off the calling thread: it was asked to with `worker`, and could. */
  readonly worker: boolean;
  /** Why `fit` didn't run in a worker, if it was asked to; else why there is one thread; undefined if there are several. */
  readonly reason: string | undefined;
}

/**
 * Says how many threads a model has, and if it is one, why: memory that can't be shared is no error.
 *
 * @throws {TypeError} if it isn't a model
 * @example
 * const model = await sequential({ input: 784, threads: "auto" }, dense(128), relu(), dense(10));
 * console.log(backend(model)); // { binary: "threads", threads: 2, worker: false, reason: undefined }
 */
export function backend(model: Model): Backend {
  checkModel("backend", "the argument", model);
  const { binary, threads, reason } = model.core.executor;
  const off = model.offThread;
  return {
    binary,
    threads: reason === undefined ? threads : 1,
    worker: off?.worker ?? false,
    reason: off?.reason ?? reason,
  };
}

/**
 * What `backend` is called now.
 *
 * @deprecated Use `backend`.
 * @example console.log(engine(model).threads);
 */
export const engine = backend;

/**
 * What `Backend` is called now.
 *
 * @deprecated Use `Backend`.
 */
export type Engine = Backend;
