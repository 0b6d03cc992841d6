// The progress line: one line that is overwritten, and only where there is a terminal to write to. A page's bundle has
// progress.browser.ts in place of this file: package.json says so in "browser".
import type { Logs } from "../nn/metrics/metric.ts";
import type { TrainingPosition } from "./position.ts";
import { nextTask, performance } from "../runtime/timers.ts";

/** What is used of a terminal. */
interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
  on?(event: "error", listener: () => void): unknown;
  off?(event: "error", listener: () => void): unknown;
}

const BAR = 24;
const SHORT_BAR = 8; // before speed and time, which are left out first
const INTERVAL = 100; // ms between two lines

/** The progress whose unfinished line stands on a terminal: of several at once, the one that wrote last. */
const open = new WeakMap<Terminal, Progress>();

/** 0.1234, 12.35, 1235, 1.23e-7: about four digits. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(2);
  return value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 4);
}

/** 830 ms, 12 s, 3:07 */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

export function terminal(): Terminal | undefined {
  const { process } = globalThis as { process?: { stdout?: Terminal } };
  return process?.stdout?.isTTY ? process.stdout : undefined;
}

/** The line of a training. */
export interface ProgressLine {
  begin(): void;
  update(): void;
  end(logs: Logs): void;
  close(): void;
}

/** What there is to know of a training: how large its epochs are, which a source says, and where it is. */
interface Plan {
  readonly epochs: number;
  readonly batchSize: number;
  readonly rows: number;
  readonly batches: number;
  readonly feed?: { readonly rows: number; readonly batches: number } | undefined;
}

/** The line, where there is a terminal. `releases`: what is to be called in the end, whatever happens. */
export function progressLine(plan: Plan, at: TrainingPosition, releases: (() => unknown)[]): ProgressLine | undefined {
  const out = terminal();
  if (!out) return undefined;
  // a terminal that is closed meanwhile is no reason to end the training: without a listener its error ends the process
  const ignore = (): void => {};
  out.on?.("error", ignore);
  const { batchSize } = plan;
  const its = plan.feed ?? plan;
  /** Rows of an epoch: dropLast leaves some out. */
  const trained = (): number => Math.min(its.rows, its.batches * batchSize);
  const progress = new Progress(out, plan.epochs);
  releases.push(() => {
    progress.close();
    void nextTask().then(() => out.off?.("error", ignore)); // errors come later than what is written
  });
  return {
    begin: () => progress.begin(performance.now()),
    // the loss alone: some metrics take as long as many batches
    update: () => progress.update(performance.now(), at.epoch, at.batch * batchSize, trained(), { loss: at.sum.value }),
    end: (logs) => progress.end(performance.now(), at.epoch, trained(), logs),
    close: () => progress.close(),
  };
}

/** The line of an epoch. */
export class Progress {
  readonly #out: Terminal;
  readonly #epochs: number;
  #shown = 0;
  #epochStart = performance.now(); // of the first one that is shown: a training may go on in the middle of it

  constructor(out: Terminal, epochs: number) {
    this.#out = out;
    this.#epochs = epochs;
  }

  begin(now: number): void {
    this.#epochStart = now;
    this.#shown = 0;
  }

  /** The line while an epoch runs: bar, rows, figures, rate, time left. A total that nobody knows is Infinity. */
  update(now: number, epoch: number, rows: number, total: number, logs: Logs): void {
    if (now - this.#shown < INTERVAL) return;
    this.#shown = now;
    const seconds = (now - this.#epochStart) / 1000;
    const rate = rows / seconds;
    const known = total < Infinity;
    const left = known ? [`${durationText(Math.max(0, total - rows) / rate)} left`] : [];
    const share = Math.min(1, rows / total);
    const count = known ? `${rows}/${total}` : `${rows} rows`;
    const line = this.#line(epoch, share, ` ${count}  ${figures(logs).join("  ")}`, [speed(rate), ...left]);
    this.#write(line.slice(0, this.#width)); // it is written over, which works within one line alone
    open.set(this.#out, this);
  }

  /** The line that stays. Where the terminal is too narrow for all figures, they go on in further lines. */
  end(now: number, epoch: number, total: number, logs: Logs): void {
    const seconds = (now - this.#epochStart) / 1000;
    const all = figures(logs);
    const line = this.#line(epoch, 1, `  ${all.join("  ")}`, [speed(total / seconds), durationText(seconds)]);
    this.#write(line.length > this.#width ? wrapped([this.#epoch(epoch), ...all], this.#width) : line);
    this.#endLine();
  }

  /** Ends the line that an epoch left unfinished: what is written next doesn't stand behind it. */
  close(): void {
    if (open.get(this.#out) === this) this.#endLine();
  }

  #epoch(epoch: number): string {
    const width = String(this.#epochs).length;
    return `epoch ${String(epoch + 1).padStart(width)}/${this.#epochs}`;
  }

  get #width(): number {
    const { columns = 120 } = this.#out;
    return columns > 0 ? columns : 80; // some pseudo-terminals report 0
  }

  /** Epoch, bar, text; then as many of the extras as there is room for. The bar gets shorter before the text is too long. */
  #line(epoch: number, share: number, text: string, extras: readonly string[]): string {
    const head = this.#epoch(epoch);
    const room = this.#width - head.length - 1;
    let tail = text;
    for (const extra of extras) if (SHORT_BAR + tail.length + 2 + extra.length <= room) tail += `  ${extra}`;
    const length = Math.max(0, Math.min(BAR, room - tail.length));
    const full = Math.round(length * share);
    return `${head}${length > 0 ? " " : ""}${"━".repeat(full)}${"─".repeat(length - full)}${tail}`;
  }

  #write(line: string): void {
    this.#put(`\r\x1b[2K${line}`);
  }

  #endLine(): void {
    open.delete(this.#out);
    this.#put("\n");
  }

  #put(text: string): void {
    try {
      this.#out.write(text);
    } catch {
      // as above: what can't be shown must not end the training
    }
  }
}

/** Words in lines of at most `width` characters, the later ones indented. */
function wrapped(words: readonly string[], width: number): string {
  let text = "";
  let column = 0;
  for (const word of words) {
    if (column > 0 && column + 2 + word.length > width) {
      text += "\n";
      column = 0;
    }
    const gap = text === "" ? "" : "  ";
    text += gap + word;
    column += gap.length + word.length;
  }
  return text;
}

const figures = (logs: Logs): string[] => Object.entries(logs).map(([name, value]) => `${name} ${figureText(value)}`);

const speed = (rate: number): string => `${Math.round(rate).toLocaleString("en-US")} samples/s`;
