// Ctrl-C and `kill`: the command ends when nothing is half done, with the code that shells give to a program that a signal ended.
export const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
export type SignalName = keyof typeof CODES;

/** Is it that a signal has ended something? Of ranks it may have been another one's. */
export const isStop = (error: unknown, signal: AbortSignal | undefined): boolean =>
  (signal?.aborted === true && error === signal.reason) || (error as Error).name === "AbortError";

/**
 * Runs something that looks at the signal between its steps, and can give it itself. A second Ctrl-C ends the process at once.
 *
 * @param isRank was this process started by the command, which ends with that code itself? mpirun may hand on another signal to it, and takes
 *   another code than 0 for a failure.
 */
export async function stoppable(
  run: (signal: AbortSignal, abort: () => void) => Promise<void>,
  isRank = false,
): Promise<void> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    const code = CODES[name as SignalName] ?? CODES.SIGTERM;
    if (controller.signal.aborted) process.exit(code);
    if (!isRank) process.exitCode = code;
    controller.abort();
  };
  const names: NodeJS.Signals[] = [...(Object.keys(CODES) as SignalName[]), ...(isRank ? (["SIGUSR2"] as const) : [])];
  for (const name of names) process.on(name, stop);
  try {
    await run(controller.signal, () => controller.abort());
  } catch (error) {
    if (!isStop(error, controller.signal)) throw error; // the abort's own reason is no failure
  } finally {
    for (const name of names) process.off(name, stop);
  }
}
