// Ends what hasn't been used for a while.
import { performance, setTimeout } from "../timers.ts";

interface IdleTimer {
  /** From now on it is idle, and ends after so many milliseconds. */
  rest(time: number): void;
  /** It has ended already. */
  stop(): void;
}

/** @param inUse while this is true, `end` isn't called, however long that takes */
export function idleTimer(inUse: () => boolean, end: () => unknown): IdleTimer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = 0;
  let pause = 0;
  const wait = (time: number): void => {
    timer = setTimeout(check, time);
    if (typeof timer === "object") timer.unref(); // Node's would keep the process alive
  };
  const check = (): void => {
    timer = undefined;
    const left = due - performance.now();
    if (left > 0) wait(left);
    else if (inUse())
      wait(pause); // its end sets the time anew
    else end();
  };
  return {
    rest(time) {
      pause = time;
      due = performance.now() + time;
      // the timer isn't reset at each call: that would take longer than small calls do
      if (timer === undefined) wait(time);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
