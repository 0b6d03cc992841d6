// The engine's clock and timers, taken when the library is loaded: a test that puts fake ones in their place stops its own time, not
// a training's. Where a test environment leaves some out (jsdom: `setImmediate`, `MessageChannel`), `setTimeout` is there; a context of
// node:vm has what it was given, and may have none.

interface Timers extends Pick<typeof globalThis, "setTimeout" | "clearTimeout"> {
  readonly performance?: { now(): number };
  readonly MessageChannel?: new () => MessageChannel;
  readonly setImmediate?: (callback: () => void) => unknown;
}

export const {
  performance = { now: Date.now },
  setTimeout,
  clearTimeout,
  setImmediate,
  MessageChannel,
} = globalThis as Timers;

/** Resolves in a task of its own. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    if (setImmediate) setImmediate(resolve);
    else if (MessageChannel) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    } else if (typeof setTimeout === "function") setTimeout(resolve);
    else resolve();
  });
