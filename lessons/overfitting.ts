// A network learns too few rows by heart: concrete of which the mixture and the age are known, and the strength is to be predicted.
import { adamw, dense, dropout, earlyStopping, meanSquaredError, sequential, tanh, Trainer } from "../src/index.ts";
import { split, type Table } from "../src/data.ts";
import { numbersOf } from "./columns.ts";

/** What is predicted, in megapascals (MPa). */
export const STRENGTH = "compressive_strength";

/** How many rows there are to learn from: all of them, and fewer. */
export const ROWS = [60, 120, 240, 600] as const;

/** The rows of concrete, divided: each smaller number to learn from is a part of the larger one. */
export interface Mixtures {
  readonly train: ReadonlyMap<number, Table>;
  /** To choose by. */
  readonly validation: Table;
  /** To be looked at once, at the end. */
  readonly test: Table;
}

/** Divides the 1,030 rows. The parts to choose by and to test with are always the same; `draw` decides which of the others are the few. */
export function divide(concrete: Table, draw = DRAW): Mixtures {
  const { train, validation, test } = split(concrete, { validation: 215, test: 215, seed: 1 });
  let part = train;
  const parts = ROWS.toReversed().map((rows) => {
    if (rows < part.rows) part = split(part, { test: rows, seed: draw }).test!;
    return [rows, part] as const;
  });
  return { train: new Map(parts), validation: validation!, test: test! };
}

/** The draw of the lesson. */
export const DRAW = 4;

/** The learning rate. */
export const RATE = 0.01;

/** What is trained, and how. */
export interface Plan {
  /** How many rows it learns from: one of `ROWS`. */
  readonly rows: number;
  /** Units of the hidden layers, of tanh; none for the straight line. */
  readonly hidden: readonly number[];
  readonly epochs: number;
  /** How much every update shrinks the weights, times the rate. */
  readonly weightDecay?: number;
  /** The share of the hidden units that are left out of an update. */
  readonly dropout?: number;
  /** Epochs without a better validation error after which it stops. */
  readonly patience?: number;
  /** Measure the errors after each epoch? */
  readonly watch?: boolean;
}

/** Root mean squared errors, in MPa. */
export interface Errors {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** What a plan came to. */
export interface Outcome extends Errors {
  readonly parameters: number;
  /** How many epochs it trained: fewer than planned if it stopped. */
  readonly epochs: number;
  /** Errors after each epoch, where they are watched or it may stop by them. */
  readonly curve: { readonly train: readonly number[]; readonly validation: readonly number[] };
  /** The epoch, from 0, after which the validation error was least; -1 if it wasn't measured. */
  readonly best: number;
}

/** The errors of saying the mean of the rows to learn from, whatever the mixture is. */
export function alwaysTheMean({ train, validation, test }: Mixtures, rows: number): Errors {
  const known = train.get(rows)!;
  const strengths = (part: Table): Float64Array => part.column(STRENGTH).values!;
  const mean = strengths(known).reduce((sum, y) => sum + y, 0) / known.rows;
  const error = (part: Table): number =>
    rootMeanSquare(
      strengths(part).map(() => mean),
      strengths(part),
    );
  return { train: error(known), validation: error(validation), test: error(test) };
}

/** Trains on full batches by AdamW, and measures. The rows are standardized by those that it learns from. */
export async function carryOut({ train, validation, test }: Mixtures, plan: Plan): Promise<Outcome> {
  const { rows, hidden, epochs, weightDecay = 0, dropout: rate = 0, patience } = plan;
  const known = train.get(rows)!;
  const numbers = numbersOf(known, STRENGTH);
  const [learned, chosen, last] = [numbers.read(known), numbers.read(validation), numbers.read(test)];
  const layers = hidden.flatMap((units) => [dense(units), tanh(), ...(rate > 0 ? [dropout(rate)] : [])]);
  const model = await sequential({ input: numbers.features.length, seed: 1 }, ...layers, dense(1));
  const optimizer = adamw({ learningRate: RATE, weightDecay });
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer });
  const error = ({ x, y }: typeof learned): number => numbers.deviation * rootMeanSquare(model.predict(x), y);
  const curve = { train: [] as number[], validation: [] as number[] };
  const watching = {
    onEpochEnd() {
      curve.train.push(error(learned));
      curve.validation.push(error(chosen));
    },
  };
  const { loss } = await trainer.fit(learned, {
    epochs,
    batchSize: rows,
    ...(patience === undefined ? {} : { validationData: chosen }),
    callbacks: [
      ...(plan.watch === true || patience !== undefined ? [watching] : []),
      ...(patience === undefined ? [] : [earlyStopping({ patience })]),
    ],
    progress: false,
    warnings: false,
  });
  return {
    parameters: model.parameters().reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0),
    epochs: loss.length,
    curve,
    best: curve.validation.indexOf(Math.min(...curve.validation)),
    train: error(learned),
    validation: error(chosen),
    test: error(last),
  };
}

/** sqrt(sum of (y - a)^2 / m) */
function rootMeanSquare(a: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < y.length; row++) sum += (y[row]! - a[row]!) * (y[row]! - a[row]!);
  return Math.sqrt(sum / y.length);
}
