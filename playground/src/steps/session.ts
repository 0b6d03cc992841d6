// A network that is trained update by update, forward and back in time.
import { type Input, NonFiniteError, type Target, trace, type Trainer } from "wasmgrad";
import {
  type FixedRows,
  isInTurn,
  type Run,
  type RowsChoice,
  rowNumbers,
  rowsInTurn,
  turnsOf,
  withRun,
} from "./nets.ts";

/** Rows of x and y of any kind: those chosen. */
function taken(data: Input | Target, numbers: readonly number[], count: number): ArrayLike<number> {
  const rows = data as ArrayLike<number | ArrayLike<number>>;
  if (rows.length === count) {
    const some = numbers.map((row) => rows[row]!);
    return typeof some[0] === "number"
      ? (some as number[])
      : (some as ArrayLike<number>[]).flatMap((row) => Array.from(row));
  }
  const size = rows.length / count;
  return numbers.flatMap((row) => Array.from({ length: size }, (_, i) => rows[row * size + i] as number));
}

/** Updates among these with the same choice of rows: what is in turn goes on after them. */
const madeWith = (runs: readonly Run[], choice: RowsChoice): number =>
  runs.reduce((sum, { count, rows }) => (rows === choice ? sum + count : sum), 0);

/** What there was before something was changed. */
interface Before {
  readonly state: Uint8Array;
  readonly runs: readonly Run[];
  readonly edited: ReadonlySet<string>;
  readonly typed: Float32Array | undefined;
  readonly losses: readonly number[];
}

/** States that are kept, to go back. */
const MOST_BACK = 200;

/** Milliseconds of replayed updates until the page has its turn, and updates between two looks at the clock. */
const SLICE = 12;
const AT_ONCE = 8;

/** A trainer with its rows, and what was done with it. */
export class Session {
  readonly trainer: Trainer;
  /** How many rows there are. */
  readonly count: number;
  /** Updates since the start, in their order. */
  runs: readonly Run[] = [];
  /** The loss before each update. */
  losses: number[] = [];
  /** Parameters that were typed: `w1:3`. */
  edited: ReadonlySet<string> = new Set();
  /** The parameters that updates began with, if some were typed. */
  typed: Float32Array | undefined;
  readonly #x: Input;
  readonly #y: Target;
  readonly #start: Uint8Array;
  readonly #back: Before[] = [];

  constructor(trainer: Trainer, x: Input, y: Target, count: number) {
    this.trainer = trainer;
    this.#x = x;
    this.#y = y;
    this.count = count;
    this.#start = trainer.state();
  }

  x(choice: FixedRows): Input {
    return (choice === "all" ? this.#x : taken(this.#x, rowNumbers(choice, this.count), this.count)) as Input;
  }

  y(choice: FixedRows): Target {
    return (choice === "all" ? this.#y : taken(this.#y, rowNumbers(choice, this.count), this.count)) as Target;
  }

  /** The rows that the next update uses. */
  next(choice: RowsChoice): FixedRows {
    return isInTurn(choice) ? rowsInTurn(choice, madeWith(this.runs, choice), this.count) : choice;
  }

  /** Updates with the chosen rows. Where a number isn't finite any more, training stops before the update that it would spoil. */
  train(rows: RowsChoice, count: number): NonFiniteError | undefined {
    this.#remember();
    return this.#run({ count, rows });
  }

  /** Makes the updates of a link again, without a way back: in slices, since a link may ask for minutes of them; as long as they are wanted. */
  async replay(runs: readonly Run[], wanted: () => boolean): Promise<NonFiniteError | undefined> {
    let pause = performance.now() + SLICE;
    for (const { count, rows } of runs) {
      for (let left = count; left > 0; left -= AT_ONCE) {
        const failed = this.#run({ count: Math.min(left, AT_ONCE), rows });
        if (failed) return failed;
        if (performance.now() < pause) continue;
        await new Promise((resolve) => setTimeout(resolve));
        if (!wanted()) return undefined;
        pause = performance.now() + SLICE;
      }
    }
    return undefined;
  }

  #run({ count, rows }: Run): NonFiniteError | undefined {
    const before = madeWith(this.runs, rows);
    const turns = isInTurn(rows) ? turnsOf(rows, this.count) : 1;
    const parts = Array.from({ length: Math.min(turns, count) }, (_, i) => {
      const some = isInTurn(rows) ? rowsInTurn(rows, before + i, this.count) : rows;
      return { x: this.x(some), y: this.y(some) };
    });
    let done = 0;
    let failed: NonFiniteError | undefined;
    try {
      for (; done < count; done++) {
        const { x, y } = parts[done % turns]!;
        this.losses.push(this.trainer.step(x, y)["loss"]!);
      }
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      failed = error;
    }
    if (done > 0) this.runs = withRun(this.runs, { count: done, rows });
    return failed;
  }

  /** All parameters, one after another. */
  weights(): Float32Array {
    return Float32Array.from(this.trainer.model.parameters().flatMap((parameter) => [...parameter.get()]));
  }

  /** Begins again with these parameters; `edited` are those that were typed. */
  begin(weights: Float32Array, edited: ReadonlySet<string>): void {
    this.#remember();
    this.trainer.restore(this.#start);
    this.setWeights(weights);
    this.runs = [];
    this.losses = [];
    this.edited = edited;
    this.typed = weights;
  }

  setWeights(weights: ArrayLike<number>): void {
    let at = 0;
    for (const parameter of this.trainer.model.parameters()) {
      const size = parameter.shape.reduce((a, b) => a * b, 1);
      parameter.set(Float32Array.from({ length: size }, (_, i) => weights[at + i]!));
      at += size;
    }
  }

  /** How often all rows were seen; undefined where some were seen more often than others, and not only in the epoch that goes on. */
  get epochs(): number | undefined {
    const seen = Array.from({ length: this.count }, () => 0);
    const made = new Map<RowsChoice, number>();
    for (const { count, rows } of this.runs) {
      const turns = isInTurn(rows) ? turnsOf(rows, this.count) : 1;
      const before = made.get(rows) ?? 0;
      made.set(rows, before + count);
      for (let turn = 0; turn < Math.min(turns, count); turn++) {
        const some = isInTurn(rows) ? rowsInTurn(rows, before + turn, this.count) : rows;
        const times = Math.ceil((count - turn) / turns);
        for (const row of rowNumbers(some, this.count)) seen[row]! += times;
      }
    }
    const least = Math.min(...seen);
    if (seen.some((times) => times > least + 1)) return undefined;
    return seen.reduce((sum, times) => sum + times, 0) / this.count;
  }

  /** The one sample, or batch, of all updates. */
  get only(): FixedRows | undefined {
    const [first, ...others] = this.runs;
    return first && others.length === 0 && first.rows !== "all" && !isInTurn(first.rows) ? first.rows : undefined;
  }

  get canGoBack(): boolean {
    return this.#back.length > 0;
  }

  /** Undoes what was done last: updates, or a number that was typed. */
  back(): void {
    const before = this.#back.pop();
    if (!before) return;
    this.trainer.restore(before.state);
    this.runs = before.runs;
    this.edited = before.edited;
    this.typed = before.typed;
    this.losses = [...before.losses];
  }

  #remember(): void {
    const { trainer, runs, edited, typed, losses } = this;
    this.#back.push({ state: trainer.state(), runs, edited, typed, losses: [...losses] });
    if (this.#back.length > MOST_BACK) this.#back.shift();
  }

  /** The loss on the rows when one parameter has other values: what a gradient check measures. Nothing is changed. */
  lossAround(rows: FixedRows, parameter: number, at: number, distances: readonly number[]): number[] {
    const [x, y] = [this.x(rows), this.y(rows)];
    const held = this.trainer.model.parameters()[parameter]!;
    const before = held.get();
    try {
      return distances.map((distance) => {
        const moved = before.slice();
        moved[at]! += distance;
        held.set(moved);
        return trace(this.trainer, x, y).get("loss").values[0]!;
      });
    } finally {
      held.set(before);
    }
  }
}
