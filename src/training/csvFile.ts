// The file that `csvLogger` writes for one training. Fetched when one begins.
import { appendToFile, replaceFile, writableFile } from "../io/replaceFile.ts";
import { isRecord } from "../util/check.ts";
import type { Url } from "../util/platform.ts";
import type { TrainingState } from "./callbacks.ts";

/** A line: the epoch, which counts from 1, and the figures; undefined where the epoch had none of this name. */
type Row = readonly (number | undefined)[];

/** Which files are written, and of which trainings: several values may have been given the same path. */
const inUse = new Map<string, WeakRef<TrainingState>>();

/** A training's lines, in memory and in its file. */
export class CsvFile {
  readonly training: TrainingState;
  /** The file itself, behind all links. */
  readonly #target: string;
  readonly #separator: string;
  /** The columns behind the epoch. */
  #names: readonly string[] = ["loss"];
  #rows: Row[] = [];
  /** The file has these lines, or will once `writing` is done. */
  #begun = false;
  /** What `restore`, which can't wait, began to write. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(training: TrainingState, target: string, separator: string) {
    this.training = training;
    this.#target = target;
    this.#separator = separator;
  }

  /** Looks whether the file can be written; nothing is made yet. */
  static async open(training: TrainingState, path: string | Url, separator: string): Promise<CsvFile> {
    const { model } = training;
    const target = await writableFile("csvLogger", path);
    const other = inUse.get(target)?.deref();
    // one that an error ended isn't in training any more
    if (other === training || (other && other.model !== model && other.model.inTraining)) {
      throw new Error(
        `csvLogger: ${path} is being written by another csvLogger or training; give each a file of its own, as by csvLogger("other.csv")`,
      );
    }
    inUse.set(target, new WeakRef(training));
    return new CsvFile(training, target, separator);
  }

  /** Adds an epoch, which counts from 1, once. */
  async add(epoch: number, figures: Readonly<Record<string, number>>): Promise<void> {
    if (this.#rows.at(-1)?.[0] === epoch) return;
    await this.#writing;
    const more = Object.keys(figures).filter((name) => !this.#names.includes(name));
    this.#names = [...this.#names, ...more];
    const row = [epoch, ...this.#names.map((name): number | undefined => figures[name])];
    this.#rows.push(row);
    const appends = this.#begun && more.length === 0;
    // a file that was removed meanwhile is made again
    if (!appends || !(await appendToFile("csvLogger", this.#target, this.#lineOf(row)))) await this.#rewrite();
  }

  /** The training is over; it may be so twice. */
  async end(): Promise<void> {
    if (inUse.get(this.#target)?.deref() === this.training) inUse.delete(this.#target);
    await this.#writing;
    if (!this.#begun) await this.#rewrite();
  }

  /** For a checkpoint. */
  state(): unknown {
    return { names: this.#names, rows: [...this.#rows] };
  }

  /** The lines are those of a checkpoint from now on, whatever the file has. */
  restore(state: unknown): void {
    if (!isLines(state)) {
      throw new TypeError("csvLogger: the checkpoint holds something else than the lines of a CSV file");
    }
    this.#names = state.names;
    this.#rows = [...state.rows];
    this.#writing = this.#rewrite();
    this.#writing.catch(() => {}); // is thrown where it is waited for
  }

  /** Writes the whole file. */
  #rewrite(): Promise<void> {
    this.#begun = true;
    const head = ["epoch", ...this.#names].map((name) => this.#quoted(name)).join(this.#separator);
    const text = `${head}\n${this.#rows.map((row) => this.#lineOf(row)).join("")}`;
    return replaceFile("csvLogger", this.#target, new TextEncoder().encode(text));
  }

  #lineOf(row: Row): string {
    return `${["epoch", ...this.#names].map((_, i) => row[i] ?? "").join(this.#separator)}\n`;
  }

  /** A name as RFC 4180 has it. */
  #quoted(name: string): string {
    const plain = ![this.#separator, '"', "\n", "\r"].some((letter) => name.includes(letter));
    return plain ? name : `"${name.replaceAll('"', '""')}"`;
  }
}

function isLines(state: unknown): state is { readonly names: readonly string[]; readonly rows: readonly Row[] } {
  if (!isRecord(state)) return false;
  const { names, rows } = state;
  const isFigure = (value: unknown): boolean => value === undefined || typeof value === "number";
  return (
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    Array.isArray(rows) &&
    rows.every((row) => Array.isArray(row) && row.every(isFigure))
  );
}
