// `readCheckpoint`: what is in a checkpoint. checkpointFile.ts, which is fetched when it is first used, reads it.
import type { Checkpoint } from "./checkpointFile.ts";

/**
 * Reads a checkpoint: what it is of, how far the training was, its history, and the state, which `trainer.restore` takes. `fit` itself
 * reads what `resumeFrom` gives.
 *
 * @param bytes what a store's `latest` or `best` gave
 * @param name the file's name, for messages
 * @throws {TypeError} if it isn't a Uint8Array
 * @throws {Error} if it is no checkpoint, is cut short or damaged, or is of a newer version
 * @example
 * const store = checkpoints("run");
 * await trainer.fit(data, { epochs: 20, validationSplit: 0.2, callbacks: [checkpoint(store)] });
 * const { state, epoch } = await readCheckpoint((await store.best())!);
 * trainer.restore(state); // the weights of the best epoch
 */
export async function readCheckpoint(bytes: Uint8Array, name = "readCheckpoint"): Promise<Checkpoint> {
  return (await import("./checkpointFile.ts")).readCheckpoint(bytes, name);
}
