// The progress line: one line that is overwritten, and only where there is a terminal to write to. A page's bundle has
// progress.browser.ts in place of this file: package.json says so in "browser".
import type { Logs } from "../nn/metrics/metric.ts";

/** What is used of a terminal. */
interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR = 24;
const INTERVAL = 100; // ms between two lines

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

/** The line, where there is a terminal. */
export function progressLine(epochs: number): Progress | undefined {
  const out = terminal();
  return out && new Progress(out, epochs);
}

/** The line of an epoch. */
export class Progress {
  readonly #out: Terminal;
  readonly #epochs: number;
  #shown = 0;
  #epochStart = 0;

  constructor(out: Terminal, epochs: number) {
    this.#out = out;
    this.#epochs = epochs;
  }

  begin(now: number): void {
    this.#epochStart = now;
    this.#shown = 0;
  }

  /** The line while an epoch runs: bar, rows, loss and metrics, rate, time left. */
  update(now: number, epoch: number, rows: number, total: number, logs: Logs): void {
    if (now - this.#shown < INTERVAL) return;
    this.#shown = now;
    const seconds = (now - this.#epochStart) / 1000;
    const rate = rows / seconds;
    const left = (total - rows) / rate;
    const full = Math.round((BAR * rows) / total);
    const bar = "━".repeat(full) + "─".repeat(BAR - full);
    this.#write(
      `${this.#epoch(epoch)} ${bar} ${rows}/${total}  ${figures(logs)}  ${speed(rate)}  ${durationText(left)} left`,
    );
  }

  /** The line that stays. */
  end(now: number, epoch: number, total: number, logs: Logs): void {
    const seconds = (now - this.#epochStart) / 1000;
    this.#write(
      `${this.#epoch(epoch)} ${"━".repeat(BAR)}  ${figures(logs)}  ${speed(total / seconds)}  ${durationText(seconds)}`,
    );
    this.#out.write("\n");
  }

  #epoch(epoch: number): string {
    const width = String(this.#epochs).length;
    return `epoch ${String(epoch + 1).padStart(width)}/${this.#epochs}`;
  }

  #write(line: string): void {
    const width = this.#out.columns ?? 120;
    this.#out.write(`\r\x1b[2K${line.length > width ? line.slice(0, width) : line}`);
  }
}

const figures = (logs: Logs): string =>
  Object.entries(logs)
    .map(([name, value]) => `${name} ${figureText(value)}`)
    .join("  ");

const speed = (rate: number): string => `${Math.round(rate).toLocaleString("en-US")} samples/s`;
