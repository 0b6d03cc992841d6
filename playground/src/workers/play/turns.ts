// Whose turn it is in the worker: messages, and slices of training.

let last: Promise<unknown> = Promise.resolve();

/** Messages and slices take turns, in the order in which they came. */
export const inTurn = <T>(call: () => T | Promise<T>): Promise<T> => {
  const next = last.then(call);
  last = next.catch(() => undefined);
  return next;
};

const channel = new MessageChannel();
const turns: (() => void)[] = [];
channel.port1.onmessage = () => turns.shift()?.();

/** Lets messages have their turn. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    turns.push(resolve);
    channel.port2.postMessage(0);
  });

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
