// Ctrl-C and `kill`: the command ends when nothing is half done, with the code that shells give to a program that a signal ended.
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type SignalName = keyof typeof CODES;

/** Runs something that looks at the signal between its steps. A second Ctrl-C ends the process at once. */
export async function stoppable(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (name: SignalName): void => {
    if (controller.signal.aborted) process.exit(CODES[name]);
    process.exitCode = CODES[name];
    controller.abort();
  };
  const names = Object.keys(CODES) as SignalName[];
  for (const name of names) process.on(name, stop);
  try {
    await run(controller.signal);
  } catch (error) {
    if (error !== controller.signal.reason) throw error; // the abort's own reason is no failure
  } finally {
    for (const name of names) process.off(name, stop);
  }
}
